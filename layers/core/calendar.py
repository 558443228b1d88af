"""Working time: which hours of which days count. Pure functions over an explicit calendar.

Moments are aware datetimes; what is returned is UTC. A span is half open: [from, to).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Span = tuple[datetime, datetime]

CHINA = ZoneInfo("Asia/Shanghai")
SATURDAY, SUNDAY = 5, 6
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingCalendar:
    """Hours of a working day (local, ascending), and which days are working days.

    `weekend` holds `date.weekday()` numbers; `holidays` are days off, `workdays` are days worked
    although they fall on a weekend (or a holiday).
    """

    hours: tuple[tuple[time, time], ...] = ((time(8), time(12)), (time(14), time(18)))
    zone: ZoneInfo = CHINA
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        edges = [edge for pair in self.hours for edge in pair]
        if not edges or edges != sorted(set(edges)):
            raise ValueError("working hours must be pairs of rising times of one day")

    def is_workday(self, day: date) -> bool:
        """Whether a local day is worked."""
        if day in self.workdays:
            return True
        return day.weekday() not in self.weekend and day not in self.holidays

    def spans_of(self, day: date) -> Iterator[Span]:
        """The working spans of a local day, none on a day off."""
        if not self.is_workday(day):
            return
        for begins, ends in self.hours:
            yield self._moment(day, begins), self._moment(day, ends)

    def spans_from(self, start: datetime) -> Iterator[Span]:
        """Working spans from `start` on, without end; the first is cut off at `start`."""
        day = start.astimezone(self.zone).date()
        while True:
            for begins, ends in self.spans_of(day):
                if ends > start:
                    yield max(begins, start.astimezone(UTC)), ends
            day += _DAY

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def working_time(calendar: WorkingCalendar, start: datetime, end: datetime) -> timedelta:
    """Working time between two moments; nothing when `end` is not after `start`."""
    total = timedelta()
    for begins, ends in calendar.spans_from(start):
        if begins >= end:
            break
        total += min(ends, end) - begins
    return total


def without(spans: Iterable[Span], gaps: Iterable[Span]) -> Iterator[Span]:
    """Rising, disjoint spans less the gaps, which may overlap and stand in any order.

    Raises: ValueError for a gap that ends before it begins.
    """
    holes = _joined(gaps)
    for begins, ends in spans:
        for gap_begins, gap_ends in holes:
            if gap_ends <= begins or gap_begins >= ends:
                continue
            if gap_begins > begins:
                yield begins, gap_begins
            begins = gap_ends
            if begins >= ends:
                break
        if begins < ends:
            yield begins, ends


def _joined(gaps: Iterable[Span]) -> list[Span]:
    """The gaps in order, those that meet made one."""
    joined: list[Span] = []
    for begins, ends in sorted(gaps):
        if ends < begins:
            raise ValueError(f"a pause ends before it begins: {begins} to {ends}")
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(ends, joined[-1][1]))
        else:
            joined.append((begins, ends))
    return joined
