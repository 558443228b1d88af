"""Working time: the days of the official notices, hours, lunch, and arithmetic of spans."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import Engine, text

from layers.core.calendar import CHINA, WorkingCalendar, without, working_time
from layers.core.calendar_store import (
    read_calendar,
    read_calendar_files,
    store_calendar,
    unroll_calendar,
)
from layers.core.database import owner_transaction
from layers.migrations import CALENDAR

DECLARED = read_calendar_files(CALENDAR)
OFFICIAL = DECLARED.calendar


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a local day."""
    return datetime.combine(day, time(hour, minute), CHINA)


@pytest.mark.parametrize(
    ("year", "workdays"),
    # 365 or 366 less weekends and holidays, plus make-up days: the yearly notices count the same.
    [(2024, 251), (2025, 248), (2026, 248)],
)
def test_a_year_has_the_working_days_of_its_notice(year: int, workdays: int) -> None:
    days = (date(year, 1, 1) + timedelta(n) for n in range(366))
    assert sum(day.year == year and OFFICIAL.is_workday(day) for day in days) == workdays


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        (date(2026, 2, 14), True),  # Saturday worked before the Spring Festival
        (date(2026, 2, 16), False),
        (date(2026, 2, 24), True),
        (date(2026, 10, 10), True),
        (date(2025, 10, 8), False),
        (date(2024, 5, 11), True),
        (date(2027, 3, 6), False),  # no notice yet: weekends alone
        (date(2027, 3, 8), True),
    ],
)
def test_holidays_and_make_up_days(day: date, is_worked: bool) -> None:
    assert OFFICIAL.is_workday(day) is is_worked


def test_a_day_off_never_stands_on_a_working_weekend_twice() -> None:
    assert not OFFICIAL.holidays & OFFICIAL.workdays
    assert all(day.weekday() in OFFICIAL.weekend for day in OFFICIAL.workdays)


def test_lunch_and_night_do_not_count() -> None:
    monday = date(2026, 3, 2)
    assert working_time(OFFICIAL, at(monday, 11), at(monday, 15)) == timedelta(hours=2)
    assert working_time(OFFICIAL, at(monday, 17), at(date(2026, 3, 3), 9)) == timedelta(hours=2)
    assert working_time(OFFICIAL, at(monday, 12), at(monday, 14)) == timedelta(0)
    assert working_time(OFFICIAL, at(monday, 15), at(monday, 11)) == timedelta(0)


def test_hours_follow_the_clock_of_their_zone_through_summer_time() -> None:
    berlin = WorkingCalendar(zone=ZoneInfo("Europe/Berlin"))
    friday, monday = date(2026, 3, 27), date(2026, 3, 30)
    spans = [next(berlin.spans_of(day)) for day in (friday, monday)]
    assert [begins.hour for begins, _ in spans] == [7, 6]
    assert all(begins.tzinfo is UTC for begins, _ in spans)


@pytest.mark.parametrize(
    "hours",
    [(), ((time(8), time(8)),), ((time(14), time(18)), (time(8), time(12)))],
)
def test_hours_must_rise(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="rising"):
        WorkingCalendar(hours=hours)


minutes = some.integers(0, 400)
pairs = some.tuples(minutes, minutes).map(lambda pair: (min(pair), max(pair)))
START = datetime(2026, 1, 1, tzinfo=UTC)


def moments(pair: tuple[int, int]) -> tuple[datetime, datetime]:
    """Two moments by minutes."""
    return START + timedelta(minutes=pair[0]), START + timedelta(minutes=pair[1])


@given(span=pairs, gaps=some.lists(pairs, max_size=6))
def test_spans_less_gaps_hold_just_the_minutes_outside_them(
    span: tuple[int, int], gaps: list[tuple[int, int]]
) -> None:
    left = list(without([moments(span)], map(moments, gaps)))
    expected = {n for n in range(*span) if not any(a <= n < b for a, b in gaps)}
    found = [
        n
        for begins, ends in left
        for n in range((begins - START).seconds // 60, (ends - START).seconds // 60)
    ]
    assert sorted(expected) == found
    assert all(begins < ends for begins, ends in left)


def test_the_database_carries_the_calendar_and_its_spans(engine: Engine) -> None:
    with owner_transaction(engine) as connection:
        assert read_calendar(connection) == OFFICIAL
        rows = connection.execute(
            text(
                "SELECT starts_at, ends_at, seconds_before FROM core.working_time "
                "WHERE starts_at >= '2026-02-13' AND starts_at < '2026-02-25' ORDER BY starts_at"
            )
        ).all()
    # Friday 13th, Saturday 14th worked, nine days off, Tuesday 24th.
    assert [row.starts_at.astimezone(CHINA).day for row in rows] == [13, 13, 14, 14, 24, 24]
    steps = [b.seconds_before - a.seconds_before for a, b in pairwise(rows)]
    assert steps == [4 * 3600] * 5


def test_a_day_set_by_hand_outlives_an_upgrade(engine: Engine) -> None:
    with owner_transaction(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO core.calendar_day (day, kind, name_zh, name_en, source, is_local) "
                "VALUES ('2027-01-01', 'holiday', '元旦', 'New Year', 'by hand', true)"
            )
        )
        unroll_calendar(connection)
        store_calendar(connection, DECLARED)
        assert read_calendar(connection).holidays == OFFICIAL.holidays | {date(2027, 1, 1)}
        worked = text("SELECT count(*) FROM core.working_time WHERE starts_at::date = '2027-01-01'")
        assert connection.execute(worked).scalar_one() == 0


@pytest.mark.parametrize(
    "line",
    [
        "2026-01-01,holiday,元旦,New Year,x",
        "2030-01-01,holiday,元旦,New Year,x",
        "2026-05-06,party,聚会,Party,x",
    ],
)
def test_a_faulty_holiday_file_is_refused(tmp_path: Path, line: str) -> None:
    for name in ("calendar.toml", "holidays.csv"):
        (tmp_path / name).write_bytes((CALENDAR / name).read_bytes())
    with (tmp_path / "holidays.csv").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(ValueError, match="holidays"):
        read_calendar_files(tmp_path)
