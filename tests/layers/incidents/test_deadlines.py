"""Deadlines by one statement are those of the pure function, to the microsecond."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from layers.core.calendar_store import read_calendar, unroll_calendar
from layers.core.database import owner_transaction
from layers.incidents.deadline import deadline, deadline_of, find_condition
from layers.incidents.deadlines import deadlines_of

Case = tuple[datetime, str, list[tuple[datetime, datetime]]]

MANY = 3000
EXTRA = "key % 4"  # some cases have been extended


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """The owner in one transaction, with an empty table of cases."""
    with owner_transaction(engine) as connection:
        connection.execute(
            text(
                "CREATE TEMP TABLE asked (key integer, start timestamptz, condition text, "
                "pauses tstzmultirange) ON COMMIT DROP"
            )
        )
        yield connection


def ask(
    connection: Connection, cases: list[Case], extra: str = "0"
) -> list[tuple[datetime, datetime]]:
    """Warning and due time of each case, by one statement."""
    insert = text(
        "INSERT INTO asked SELECT :key, :start, :condition, coalesce(range_agg(tstzrange(a, b)), "
        "'{}') FROM unnest(CAST(:begins AS timestamptz[]), "
        "CAST(:ends AS timestamptz[])) AS pause (a, b)"
    )
    rows = [
        {
            "key": key,
            "start": start,
            "condition": condition,
            "begins": [begins for begins, _ in pauses],
            "ends": [ends for _, ends in pauses],
        }
        for key, (start, condition, pauses) in enumerate(cases)
    ]
    connection.execute(insert, rows)
    asked = f"SELECT key, start, condition, pauses, {extra} AS extra_days FROM asked"
    found = connection.execute(text(f"{deadlines_of(asked)} ORDER BY key")).all()
    return [(row.warn_at, row.due_at) for row in found]


def random_cases(seed: int, conditions: list[str]) -> list[Case]:
    """Cases of three years to the microsecond, every second one suspended once to four times."""
    chance = random.Random(seed)

    def after(start: datetime, days: float) -> datetime:
        return start + timedelta(microseconds=chance.randrange(int(days * 86400e6)))

    cases: list[Case] = []
    for _ in range(MANY):
        start = after(datetime(2024, 1, 1, tzinfo=UTC), 1200)
        # On the edges of working spans as often as between them.
        if chance.random() < 0.3:
            start = start.replace(
                hour=chance.choice((0, 4, 6, 10)), minute=0, second=0, microsecond=0
            )
        pauses = []
        for _ in range(chance.choice((0, 0, 0, 0, 1, 2, 4))):
            begins = after(start - timedelta(days=2), 8)
            pauses.append((begins, after(begins, 4)))
        cases.append((start, chance.choice(conditions), pauses))
    return cases


def test_many_random_cases_agree_with_the_pure_function(connection: Connection) -> None:
    codes = connection.execute(text("SELECT code FROM incidents.condition ORDER BY code"))
    conditions = {code: find_condition(connection, code) for (code,) in codes.all()}
    cases = random_cases(20260301, list(conditions))
    calendar = read_calendar(connection)
    found = ask(connection, cases, EXTRA)
    assert len(found) == MANY
    pairs = zip(cases, found, strict=True)
    for key, ((start, code, pauses), (warn_at, due_at)) in enumerate(pairs):
        condition = conditions[code]
        limit = condition.limit.longer(key % 4)
        expected = deadline(start, limit, condition.warn_percent, calendar, pauses)
        assert (warn_at, due_at) == (expected.warn_at, expected.due_at), (start, code, pauses)
    assert sum(bool(pauses) for _, _, pauses in cases) > MANY / 4


def test_a_calendar_changed_in_the_database_changes_both_alike(connection: Connection) -> None:
    connection.execute(
        text(
            "UPDATE core.working_calendar SET zone = 'America/New_York', "
            "hours = '{{09:00,13:00},{13:30,17:30}}', weekend = '{4,5}'"
        )
    )
    unroll_calendar(connection)
    # Over both changes of the clocks.
    cases: list[Case] = [
        (datetime(2026, month, 6, 20, tzinfo=UTC), "UM-0101#2", []) for month in (3, 10)
    ]
    expected = [deadline_of(connection, code, start, pauses) for start, code, pauses in cases]
    assert ask(connection, cases) == [(each.warn_at, each.due_at) for each in expected]


def test_an_unknown_condition_is_left_out_and_a_far_time_has_no_answer(
    connection: Connection,
) -> None:
    early, late = datetime(1990, 1, 1, tzinfo=UTC), datetime(2044, 12, 29, tzinfo=UTC)
    start = datetime(2026, 3, 2, tzinfo=UTC)
    found = ask(
        connection,
        [
            (start, "UM-9999#1", []),
            (early, "UM-0101#2", []),
            (late, "UM-0101#2", []),
            (early, "UM-0107#1", []),
        ],
    )
    urgent = early + timedelta(hours=2)
    assert [due_at for _, due_at in found] == [None, None, urgent]
