"""Deadlines: by when a case must be closed, and which light that shows.

A limit hangs on the registration condition, not on the category. Urgent limits run round the
clock, the others in working time only; a suspension stops either clock.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, text

from layers.core.calendar import Span, WorkingCalendar, without
from layers.core.calendar_store import read_calendar
from layers.core.errors import Fault, Invalid

# GB/T 30428.8 practice: a working day counts eight hours, an urgent one all of them.
DAY_SECONDS, WORKING_DAY_SECONDS = 24 * 3600, 8 * 3600
ALL_TIME = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class TimeLimit:
    """Time allowed: `seconds` on the clock that runs always, or on the working calendar.

    Raises: ValueError unless there is a whole, positive number of seconds.
    """

    seconds: int
    runs_always: bool

    def __post_init__(self) -> None:
        if self.seconds <= 0:
            raise ValueError(f"a limit is longer than nothing, not {self.seconds} s")

    def share(self, percent: int) -> "TimeLimit":
        """The part of the limit after which a warning is due; at least a second."""
        return TimeLimit(max(self.seconds * percent // 100, 1), self.runs_always)

    def longer(self, days: int) -> "TimeLimit":
        """The limit with days granted on top, days of its own clock."""
        day = DAY_SECONDS if self.runs_always else WORKING_DAY_SECONDS
        return TimeLimit(self.seconds + days * day, self.runs_always)


@dataclass(frozen=True)
class Condition:
    """A registration condition: what it asks and how much time it gives.

    `category` is the class it belongs to: a category of incidents, or the group above several.
    `limit_value` counts `limit_unit`, a code of the table `time_limit_unit`.
    """

    code: str
    category: str
    limit_value: int
    limit_unit: str
    limit: TimeLimit
    warn_percent: int
    closing: str | None

    def fits(self, category: str) -> bool:
        """Whether the condition may register a case of that category."""
        return category == self.category or category[:-2] == self.category


@dataclass(frozen=True)
class Deadline:
    """When the light turns yellow and after which moment it is red; UTC."""

    warn_at: datetime
    due_at: datetime


class Color(StrEnum):
    """Colour of the light of a case."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True)
class Light:
    """What a case shows: a suspended case keeps the colour it had, with its clock stopped."""

    color: Color
    paused: bool = False


def due_at(
    start: datetime, limit: TimeLimit, calendar: WorkingCalendar, pauses: Iterable[Span] = ()
) -> datetime:
    """The earliest moment (UTC) at which the limit is used up.

    `pauses` are finished suspensions [from, to); they may overlap and stand in any order.

    Raises: ValueError for a pause that ends before it begins.
    """
    left = timedelta(seconds=limit.seconds)
    for begins, ends in _running(start, limit, calendar, pauses):
        if ends - begins >= left:
            return begins + left
        left -= ends - begins
    raise AssertionError("a clock runs without end")


def _running(
    start: datetime, limit: TimeLimit, calendar: WorkingCalendar, pauses: Iterable[Span]
) -> Iterator[Span]:
    """The spans in which the clock of the limit runs, from the start on."""
    always = ((start.astimezone(UTC), ALL_TIME),)
    spans = always if limit.runs_always else calendar.spans_from(start)
    return without(spans, pauses)


def deadline(
    start: datetime,
    limit: TimeLimit,
    warn_percent: int,
    calendar: WorkingCalendar,
    pauses: Sequence[Span] = (),
) -> Deadline:
    """Warning and due time of a limit that began at `start`."""
    return Deadline(
        warn_at=due_at(start, limit.share(warn_percent), calendar, pauses),
        due_at=due_at(start, limit, calendar, pauses),
    )


def light(
    now: datetime,
    warn_at: datetime | None,
    due_at: datetime | None,
    done_at: datetime | None = None,
    paused_at: datetime | None = None,
) -> Light | None:
    """The light of a case at a moment; None for a case without a deadline.

    Green before the warning, yellow up to and including the due time, red after it. A closed
    case keeps the light of its closing (`done_at`), a suspended one that of its `paused_at`.
    """
    if due_at is None:
        return None
    paused = paused_at is not None and done_at is None
    moment = done_at or paused_at or now
    if moment > due_at:
        return Light(Color.RED, paused)
    is_near = warn_at is not None and moment >= warn_at
    return Light(Color.YELLOW if is_near else Color.GREEN, paused)


_CONDITION = text(
    "SELECT code, category, limit_value, limit_unit, limit_seconds, runs_always, warn_percent, "
    "closing_zh FROM incidents.condition WHERE code = :code"
)


def find_condition(connection: Connection, code: str) -> Condition:
    """The registration condition of that code.

    Raises: Invalid on the field `condition` when there is none.
    """
    row = connection.execute(_CONDITION, {"code": code}).one_or_none()
    if row is None:
        raise Invalid([Fault("condition", f"{code!r} is no registration condition")])
    limit = TimeLimit(row.limit_seconds, row.runs_always)
    return Condition(
        row.code,
        row.category,
        row.limit_value,
        row.limit_unit,
        limit,
        row.warn_percent,
        row.closing_zh,
    )


def deadline_of(
    connection: Connection,
    condition: str,
    start: datetime,
    pauses: Sequence[Span] = (),
    extra_days: int = 0,
) -> Deadline:
    """Warning and due time of a case registered under a condition at `start`.

    Reads the limit and the working calendar from the database; writes nothing. `pauses` are the
    finished suspensions; while one lasts, keep the deadline and set `paused_at`. `extra_days` are
    granted on top, days of the limit's own clock.

    Raises: Invalid on the field `condition` when there is no such condition.
    """
    found = find_condition(connection, condition)
    calendar = read_calendar(connection)
    limit = found.limit.longer(extra_days)
    return deadline(start, limit, found.warn_percent, calendar, pauses)
