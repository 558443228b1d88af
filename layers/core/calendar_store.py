"""The working calendar in the database: loaded from `data/calendar`, editable, read back.

`core.working_time` holds the calendar unrolled: every working span with the working seconds
before it, so that SQL answers by one look-up what `layers.core.calendar` counts day by day.
"""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from layers.core.calendar import WorkingCalendar

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOLIDAY, WORKDAY = "holiday", "workday"
# Deadlines in SQL are known for starts from the first day on, and as long as they fall before
# the last.
FIRST_DAY, LAST_DAY = date(2010, 1, 1), date(2045, 1, 1)


@dataclass(frozen=True)
class NamedDay:
    """A day that is not what its weekday says: a holiday or a make-up working day."""

    day: date
    kind: str
    name_zh: str
    name_en: str
    source: str


@dataclass(frozen=True)
class CalendarFile:
    """The calendar as declared in files; holidays are complete between the two dates."""

    calendar: WorkingCalendar
    days: tuple[NamedDay, ...]
    holidays_from: date
    holidays_to: date


def read_calendar_files(folder: Path) -> CalendarFile:
    """The calendar of `folder/calendar.toml` and `folder/holidays.csv`.

    Raises: ValueError for a day that stands twice, lies outside the years promised, or is
    neither holiday nor working day.
    """
    words = tomllib.loads((folder / "calendar.toml").read_text(encoding="utf-8"))
    with (folder / "holidays.csv").open(encoding="utf-8", newline="") as lines:
        days = tuple(_named_day(row) for row in csv.DictReader(lines))
    if len({each.day for each in days}) != len(days):
        raise ValueError("holidays.csv: a day stands twice")
    since, until = words["holidays_from"], words["holidays_to"]
    for each in days:
        if each.kind not in (HOLIDAY, WORKDAY) or not since <= each.day <= until:
            raise ValueError(f"holidays.csv: {each.day} {each.kind} is not expected")
    weekend = [WEEKDAYS.index(name) for name in words["weekend"]]
    return CalendarFile(_calendar(words["zone"], words["hours"], weekend, days), days, since, until)


def _named_day(row: Mapping[str, str]) -> NamedDay:
    day = date.fromisoformat(row["day"])
    return NamedDay(day, row["kind"], row["name_zh"], row["name_en"], row["source"])


def _calendar(
    zone: str, hours: list[list[str]], weekend: list[int], days: tuple[NamedDay, ...]
) -> WorkingCalendar:
    return WorkingCalendar(
        hours=tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in hours),
        zone=ZoneInfo(zone),
        weekend=frozenset(weekend),
        holidays=frozenset(each.day for each in days if each.kind == HOLIDAY),
        workdays=frozenset(each.day for each in days if each.kind == WORKDAY),
    )


def store_calendar(connection: Connection, declared: CalendarFile) -> None:
    """Brings the declared calendar into the database and unrolls it anew.

    A day or the hours changed there by hand (`is_local`) stay as they are.
    """
    calendar = declared.calendar
    connection.execute(
        _UPSERT_CALENDAR,
        {
            "zone": calendar.zone.key,
            "hours": [[f"{edge:%H:%M}" for edge in pair] for pair in calendar.hours],
            "weekend": sorted(calendar.weekend),
            "since": declared.holidays_from,
            "until": declared.holidays_to,
        },
    )
    connection.execute(
        text(
            "DELETE FROM core.calendar_day WHERE NOT is_local AND day <> ALL(:days)",
        ),
        {"days": [each.day for each in declared.days]},
    )
    connection.execute(_UPSERT_DAY, [vars(each) for each in declared.days])
    unroll_calendar(connection)


_UPSERT_CALENDAR = text(
    "INSERT INTO core.working_calendar (id, zone, hours, weekend, holidays_from, holidays_to) "
    "VALUES (1, :zone, :hours, :weekend, :since, :until) ON CONFLICT (id) DO UPDATE SET "
    "zone = :zone, hours = :hours, weekend = :weekend, holidays_from = :since, "
    "holidays_to = greatest(working_calendar.holidays_to, :until) "
    "WHERE NOT working_calendar.is_local"
)
_UPSERT_DAY = text(
    "INSERT INTO core.calendar_day (day, kind, name_zh, name_en, source) "
    "VALUES (:day, :kind, :name_zh, :name_en, :source) ON CONFLICT (day) DO UPDATE SET "
    "kind = :kind, name_zh = :name_zh, name_en = :name_en, source = :source "
    "WHERE NOT calendar_day.is_local"
)


def read_calendar(connection: Connection) -> WorkingCalendar:
    """The calendar in force."""
    head = connection.execute(
        text("SELECT zone, hours, weekend FROM core.working_calendar WHERE id = 1")
    ).one()
    rows = connection.execute(
        text("SELECT day, kind, name_zh, name_en, source FROM core.calendar_day")
    )
    return _calendar(head.zone, head.hours, head.weekend, tuple(NamedDay(*row) for row in rows))


def unroll_calendar(connection: Connection) -> None:
    """Writes `core.working_time` anew from the calendar in force; call after any edit of it."""
    calendar = read_calendar(connection)
    connection.execute(text("DELETE FROM core.working_time"))
    connection.execute(_UNROLL, _columns(calendar))


_UNROLL = text(
    "INSERT INTO core.working_time (starts_at, ends_at, seconds_before) "
    "SELECT starts_at, ends_at, coalesce(sum(extract(epoch FROM ends_at - starts_at)) "
    "OVER (ORDER BY starts_at ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) "
    "FROM unnest(CAST(:starts AS timestamptz[]), CAST(:ends AS timestamptz[])) "
    "AS span (starts_at, ends_at)"
)


def _columns(calendar: WorkingCalendar) -> dict[str, Any]:
    starts: list[datetime] = []
    ends: list[datetime] = []
    last = datetime.combine(LAST_DAY, time(), UTC)
    for begins, until in calendar.spans_from(datetime.combine(FIRST_DAY, time(), UTC)):
        if begins >= last:
            break
        starts.append(begins)
        ends.append(until)
    return {"starts": starts, "ends": ends}
