"""Deadlines against an oracle that walks minute by minute; lights at their edges."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlalchemy import Engine, text

from gisserver.settings import ROOT
from layers.core.calendar import CHINA, WorkingCalendar
from layers.core.calendar_store import read_calendar_files
from layers.core.database import owner_transaction
from layers.core.errors import Invalid
from layers.incidents.deadline import (
    Color,
    Light,
    TimeLimit,
    deadline_of,
    due_at,
    find_condition,
    light,
)
from layers.migrations import CALENDAR

OFFICIAL = read_calendar_files(CALENDAR).calendar
MINUTE = timedelta(minutes=1)


def local(*parts: int) -> datetime:
    """A moment in China."""
    return datetime(*parts, tzinfo=CHINA)  # type: ignore[arg-type, misc]


def is_running(
    moment: datetime, runs_always: bool, pauses: list[tuple[datetime, datetime]]
) -> bool:
    """Whether the clock counts the minute that begins at the moment."""
    if any(begins <= moment < ends for begins, ends in pauses):
        return False
    wall = moment.astimezone(CHINA)
    is_office_hour = 8 <= wall.hour < 12 or 14 <= wall.hour < 18
    return runs_always or (is_office_hour and is_worked(wall.date()))


def is_worked(day: date) -> bool:
    """Whether people work on a day, by the lists themselves."""
    if day in OFFICIAL.workdays:
        return True
    return day not in OFFICIAL.holidays and day.isoweekday() < 6


def oracle(
    start: datetime, minutes: int, runs_always: bool, pauses: list[tuple[datetime, datetime]]
) -> datetime:
    """The end of the minute in which the limit is used up."""
    moment = start
    while True:
        if is_running(moment, runs_always, pauses):
            minutes -= 1
            if minutes == 0:
                return moment + MINUTE
        moment += MINUTE


# The weeks around the Spring Festival, with make-up days on both sides.
starts = some.integers(0, 60 * 24 * 40).map(
    lambda minute: datetime(2026, 1, 25, tzinfo=UTC) + minute * MINUTE
)
lengths = some.integers(0, 60 * 24 * 3)
offsets = some.integers(-60 * 24, 60 * 24 * 6)


@settings(max_examples=150)
@given(
    start=starts,
    minutes=some.integers(1, 16 * 60),
    runs_always=some.booleans(),
    pauses=some.lists(some.tuples(offsets, lengths), max_size=3),
)
def test_the_deadline_is_the_oracles(
    start: datetime, minutes: int, runs_always: bool, pauses: list[tuple[int, int]]
) -> None:
    spans = [
        (start + offset * MINUTE, start + (offset + length) * MINUTE) for offset, length in pauses
    ]
    found = due_at(start, TimeLimit(minutes * 60, runs_always), OFFICIAL, spans)
    assert found == oracle(start, minutes, runs_always, spans)


@given(start=starts, seconds=some.integers(1, 40 * 3600), runs_always=some.booleans())
def test_more_time_never_ends_sooner(start: datetime, seconds: int, runs_always: bool) -> None:
    less = due_at(start, TimeLimit(seconds, runs_always), OFFICIAL)
    more = due_at(start, TimeLimit(seconds + 1, runs_always), OFFICIAL)
    assert start < less < more


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        # Friday afternoon before a weekend.
        (local(2026, 3, 6, 17), 2, local(2026, 3, 9, 9)),
        # An hour that ends with the day ends today, not tomorrow morning.
        (local(2026, 3, 6, 17), 1, local(2026, 3, 6, 18)),
        # Reported at night: the clock starts in the morning.
        (local(2026, 3, 3, 22, 30), 4, local(2026, 3, 4, 12)),
        # Over the Spring Festival; Saturday the 14th is worked.
        (local(2026, 2, 13, 16), 8 + 4, local(2026, 2, 24, 10)),
    ],
)
def test_working_hours(start: datetime, hours: int, due: datetime) -> None:
    assert due_at(start, TimeLimit(hours * 3600, runs_always=False), OFFICIAL) == due


def test_urgent_limits_run_through_the_night_and_the_holiday() -> None:
    found = due_at(local(2026, 2, 16, 23), TimeLimit(2 * 3600, runs_always=True), OFFICIAL)
    assert found == local(2026, 2, 17, 1)


def test_a_suspension_stops_the_clock_and_overlapping_ones_count_once() -> None:
    start = local(2026, 3, 2, 9)
    pauses = [
        (local(2026, 3, 2, 10), local(2026, 3, 2, 15)),
        (local(2026, 3, 2, 11), local(2026, 3, 2, 16)),
    ]
    limit = TimeLimit(2 * 3600, runs_always=False)
    assert due_at(start, limit, OFFICIAL, pauses) == local(2026, 3, 2, 17)
    assert due_at(start, TimeLimit(7200, True), OFFICIAL, pauses) == local(2026, 3, 2, 17)


def test_a_pause_after_the_deadline_changes_nothing() -> None:
    start = local(2026, 3, 2, 9)
    late = [(local(2026, 3, 2, 11), local(2026, 3, 5, 11))]
    assert due_at(start, TimeLimit(7200, True), OFFICIAL, late) == local(2026, 3, 2, 11)


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than nothing"):
        TimeLimit(0, True)
    backwards = [(local(2026, 3, 2, 12), local(2026, 3, 2, 11))]
    with pytest.raises(ValueError, match="ends before it begins"):
        due_at(local(2026, 3, 2, 9), TimeLimit(7200, True), WorkingCalendar(), backwards)


WARN, DUE = local(2026, 3, 2, 10), local(2026, 3, 2, 12)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "color"),
    [
        (WARN - SECOND, Color.GREEN),
        (WARN, Color.YELLOW),
        (DUE, Color.YELLOW),
        (DUE + SECOND, Color.RED),
    ],
)
def test_a_light_changes_at_its_second(now: datetime, color: Color) -> None:
    assert light(now, WARN, DUE) == Light(color)
    # Once closed or suspended it stays as it was then.
    assert light(DUE + timedelta(days=9), WARN, DUE, done_at=now) == Light(color)
    assert light(DUE + timedelta(days=9), WARN, DUE, paused_at=now) == Light(color, paused=True)


def test_without_a_deadline_there_is_no_light() -> None:
    assert light(WARN, None, None) is None
    assert light(DUE + SECOND, None, DUE) == Light(Color.RED)
    assert light(WARN, None, DUE) == Light(Color.GREEN)


def test_the_code_table_gives_limit_unit_and_closing(engine: Engine) -> None:
    with owner_transaction(engine) as connection:
        rows = connection.execute(
            text("SELECT limit_unit, count(*) FROM incidents.condition GROUP BY 1")
        )
        assert {unit for unit, _ in rows} == {
            "urgent_hour",
            "urgent_day",
            "work_hour",
            "work_day",
            "natural_day",
        }
        drying = find_condition(connection, "UM-0107#1")
        assert (drying.limit_value, drying.limit) == (2, TimeLimit(7200, runs_always=True))
        assert drying.closing == "现场清理完毕，恢复整洁或原貌"
        assert [drying.fits(category) for category in ("UM-0107", "UM-0108")] == [True, False]
        disputes = find_condition(connection, "SG-01#1")
        assert [disputes.fits(category) for category in ("SG-0117", "SG-0208")] == [True, False]
        assert find_condition(connection, "C13-0101#2").limit == TimeLimit(4 * 3600, False)
        assert find_condition(connection, "UM-0101#2").limit == TimeLimit(15 * 8 * 3600, False)


def test_every_limit_of_the_city_is_in_minutes_what_its_unit_says(engine: Engine) -> None:
    with owner_transaction(engine) as connection:
        wrong = connection.execute(
            text(
                "SELECT c.code FROM incidents.condition AS c JOIN core.code AS k "
                "ON k.code = c.code AND k.table_name = 'registration_condition' "
                "WHERE (k.extra ->> 'limit_minutes')::integer * 60 <> c.limit_seconds"
            )
        ).all()
        assert wrong == []
        total = connection.execute(text("SELECT count(*) FROM incidents.condition")).scalar_one()
        assert total == 519 + 34


def test_a_deadline_by_condition(engine: Engine) -> None:
    with owner_transaction(engine) as connection:
        # 5 working days from a Friday noon; 70 % of 40 hours are 28.
        found = deadline_of(connection, "UM-0113#1", local(2026, 3, 6, 12))
        assert found.due_at == local(2026, 3, 13, 12)
        assert found.warn_at == local(2026, 3, 11, 18)
        with pytest.raises(Invalid, match="no registration condition"):
            deadline_of(connection, "UM-9999#1", local(2026, 3, 6, 12))


VECTORS = json.loads((ROOT / "tests" / "vectors" / "lights.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
def test_lights_are_those_the_viewer_shows(vector: dict[str, Any]) -> None:
    moments = (vector[name] for name in ("now", "warn_at", "due_at", "closed_at", "paused_at"))
    now, *timing = [datetime.fromisoformat(text) if text else None for text in moments]
    assert now is not None
    found = light(now, *timing)
    shown = found and {"color": found.color.value, "paused": found.paused}
    assert shown == vector["light"]
