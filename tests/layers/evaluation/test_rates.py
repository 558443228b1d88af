"""Rates of a period, counted by hand on a few cases, and the cases behind each number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from layers.core.database import reader_transaction
from layers.core.errors import Forbidden, Invalid
from layers.core.rights import Role
from layers.evaluation.rates import (
    MEASURES,
    RATES,
    find_cases,
    find_days,
    find_measures,
)
from tests.builders.two_sides import (
    EAST,
    EVERYBODY,
    SUPERVISOR_WEST,
    WEST,
    build_two_sides,
    reader,
)

SINCE, UNTIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
BEFORE, INSIDE, LATER = (
    SINCE - timedelta(days=3),
    SINCE + timedelta(days=10),
    UNTIL + timedelta(days=3),
)
HOUR = timedelta(hours=1)

# accepted, registered, due, handled, closed; reworks, extensions
CASES = {
    "in time": (INSIDE, INSIDE, INSIDE + 9 * HOUR, INSIDE + HOUR, INSIDE + 2 * HOUR, 0, 0),
    "late": (INSIDE, INSIDE, INSIDE + HOUR, INSIDE + 2 * HOUR, INSIDE + 3 * HOUR, 1, 0),
    "open": (INSIDE, INSIDE, INSIDE + HOUR, None, None, 0, 1),
    "closed after": (BEFORE, BEFORE, INSIDE, INSIDE - HOUR, LATER, 0, 0),
    "due after": (INSIDE, INSIDE, LATER, None, None, 0, 0),
    "not registered": (INSIDE, None, None, None, None, 0, 0),
    "long ago": (BEFORE, BEFORE, BEFORE + HOUR, BEFORE, BEFORE, 0, 0),
}
EXPECTED = {
    "accepted": 5,
    "registered": 4,
    "to_handle": 4,
    "handled": 3,
    "handled_in_time": 2,
    "overdue": 1,
    "extended": 1,
    "to_close": 4,
    "closed": 2,
    "closed_in_time": 1,
    "reworked": 1,
    "dispatched": 0,
    "returned": 0,
}


@pytest.fixture(scope="module")
def cases(module_engine: Engine) -> None:
    build_two_sides(module_engine)
    with module_engine.begin() as connection:
        connection.execute(text("DELETE FROM incidents.incident"))
        for lon in (120.005, 120.015):
            for name, (
                accepted,
                registered,
                due,
                handled,
                closed,
                rework,
                extension,
            ) in CASES.items():
                connection.execute(
                    text(
                        "INSERT INTO incidents.incident (category, report_source, description, "
                        "reported_at, accepted_at, registered_at, due_at, handled_at, closed_at, "
                        "rework_count, extension_count, geom) VALUES ('0101', '01', :name, "
                        ":accepted, :accepted, :registered, :due, :handled, :closed, :rework, "
                        ":extension, ST_SetSRID(ST_MakePoint(:lon, 30.005), 4326))"
                    ),
                    {
                        "name": name,
                        "accepted": accepted,
                        "registered": registered,
                        "due": due,
                        "handled": handled,
                        "closed": closed,
                        "rework": rework,
                        "extension": extension,
                        "lon": lon,
                    },
                )


@pytest.fixture
def everywhere(module_engine: Engine, cases: None) -> Iterator[Connection]:
    with reader_transaction(module_engine, EVERYBODY) as connection:
        yield connection


def test_each_measure_is_what_is_counted_by_hand(everywhere: Connection) -> None:
    assert find_measures(everywhere, EVERYBODY, WEST, SINCE, UNTIL) == EXPECTED
    both = find_measures(everywhere, EVERYBODY, "", SINCE, UNTIL)
    assert both == {name: 2 * count for name, count in EXPECTED.items()}


@pytest.mark.parametrize("measure", [each.name for each in MEASURES])
def test_a_number_opens_as_many_cases(everywhere: Connection, measure: str) -> None:
    found: list[int] = []
    after: int | None = 0
    while after is not None:
        rows, after = find_cases(
            everywhere, EVERYBODY, measure, "", SINCE, UNTIL, after=after, limit=3
        )
        found += [row.id for row in rows]
    assert len(found) == len(set(found)) == 2 * EXPECTED[measure]


def test_the_days_of_the_period(everywhere: Connection) -> None:
    days = find_days(everywhere, EVERYBODY, WEST, SINCE, UNTIL)
    assert days[0].day == date(2026, 3, 1)
    assert sum(day.reported for day in days) == 5
    assert sum(day.closed for day in days) == 2
    assert len(days) == 32, "the first moment of April in UTC is still the first of April there"


def test_only_the_own_side_counts(module_engine: Engine, cases: None) -> None:
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        assert find_measures(connection, SUPERVISOR_WEST, "", SINCE, UNTIL) == EXPECTED
        assert set(find_measures(connection, SUPERVISOR_WEST, EAST, SINCE, UNTIL).values()) == {0}
        rows, _ = find_cases(connection, SUPERVISOR_WEST, "closed", EAST, SINCE, UNTIL)
        assert rows == []


def test_what_cannot_be_asked(module_engine: Engine, everywhere: Connection) -> None:
    with pytest.raises(Invalid, match="measure"):
        find_cases(everywhere, EVERYBODY, "happiness", "", SINCE, UNTIL)
    with pytest.raises(Invalid, match="until"):
        find_measures(everywhere, EVERYBODY, "", UNTIL, SINCE)
    with pytest.raises(Invalid, match="until"):
        find_days(everywhere, EVERYBODY, "", SINCE, SINCE + timedelta(days=500))
    auditor = reader(Role.AUDITOR, "")
    with pytest.raises(Forbidden):
        find_measures(everywhere, auditor, "", SINCE, UNTIL)


def test_rates_are_made_of_measures() -> None:
    names = {measure.name for measure in MEASURES}
    assert all({rate.numerator, rate.denominator} <= names for rate in RATES)
    assert set(EXPECTED) == names
