"""Days and moments compared. A day against moments is that day in China, first to last instant.

It is always the literal that is turned into what the column holds, so that an index answers.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Literal

from sqlalchemy import ColumnElement, Date, DateTime, String, and_, cast, func, literal, not_, or_

from layers.core.calendar import CHINA
from layers.core.filtering.faults import refused
from layers.core.filtering.value import Value, day_value, given_day, given_moment, moment_value

Condition = ColumnElement[bool]
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}
OPERATORS: Mapping[str, Callable[[Any, Any], Condition]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def compare_instants(sign: str, left: Value, right: Value) -> Condition:
    """Two days or moments compared by one of the six signs."""
    if left.given is not None and right.given is None:
        return compare_instants(_FLIPPED[sign], right, left)
    if left.kind == right.kind:
        return OPERATORS[sign](left.sql, right.sql)
    if left.kind == "datetime" and left.given is None and right.given is not None:
        return _against_day(sign, left.sql, _first(right).sql, _last(right).sql)
    return OPERATORS[sign](_day(left).sql, _day(right).sql)


def _against_day(sign: str, moment: Any, first: Any, last: Any) -> Condition:
    within = and_(moment >= first, moment <= last)
    found: dict[str, Condition] = {
        "=": within,
        "<>": not_(within),
        "<": moment < first,
        "<=": moment <= last,
        ">": moment > last,
        ">=": moment >= first,
    }
    return found[sign]


def _first(day: Value) -> Value:
    """The first instant of a given day in China."""
    return moment_value(datetime.combine(day.given, time.min, CHINA))


def _last(day: Value) -> Value:
    """The last instant of a given day in China; PostgreSQL counts microseconds."""
    return moment_value(datetime.combine(day.given, time.max, CHINA))


def _day(value: Value) -> Value:
    """The day in China on which it lies."""
    if value.kind == "date":
        return value
    if value.given is None:
        return Value("date", cast(func.timezone(CHINA.key, value.sql), Date), value.told)
    try:
        return day_value(value.given.astimezone(CHINA).date())
    except OverflowError:
        raise refused(f"{value.told} is out of range") from None


@dataclass(frozen=True)
class Span:
    """From a first to a last day or moment, both within; None where it is open."""

    start: Value | None
    end: Value | None

    @property
    def is_instant(self) -> bool:
        """Whether it is a single day or moment."""
        return self.start is self.end and self.start is not None


def read_interval(ends: Any, read: Callable[[Any], Value]) -> Span:
    """The span of INTERVAL(…); `read` reads what is no plain text.

    Raises: Invalid unless it has two ends, the first not after the last.
    """
    if not isinstance(ends, list) or len(ends) != 2:
        raise refused("INTERVAL: two ends expected, each a day, a time, a property or '..'")
    start, end = (_end(each, read) for each in ends)
    if start and end and start.given is not None and end.given is not None:
        first = _first(start).given if start.kind == "date" else start.given
        last = _last(end).given if end.kind == "date" else end.given
        if first > last:
            raise refused(f"INTERVAL: {start.told} is after {end.told}")
    # An interval of one instant is still an interval, so the two ends must not be one object.
    return Span(start, end)


def _end(given: Any, read: Callable[[Any], Value]) -> Value | None:
    if given == "..":
        return None
    if isinstance(given, str):
        return given_moment(given) if "T" in given else given_day(given)
    made = read(given)
    if not made.is_temporal:
        raise refused(f"INTERVAL: {made.told} is no day and no time")
    return made


_RELATIONS: Mapping[str, Callable[[Any, Any, Any, Any], Condition]] = {
    "t_after": lambda s, e, s2, e2: s > e2,
    "t_before": lambda s, e, s2, e2: e < s2,
    "t_contains": lambda s, e, s2, e2: and_(s < s2, e > e2),
    "t_disjoint": lambda s, e, s2, e2: or_(s > e2, e < s2),
    "t_during": lambda s, e, s2, e2: and_(s > s2, e < e2),
    "t_equals": lambda s, e, s2, e2: and_(s == s2, e == e2),
    "t_finishedby": lambda s, e, s2, e2: and_(s < s2, e == e2),
    "t_finishes": lambda s, e, s2, e2: and_(s > s2, e == e2),
    "t_intersects": lambda s, e, s2, e2: and_(s <= e2, e >= s2),
    "t_meets": lambda s, e, s2, e2: e == s2,
    "t_metby": lambda s, e, s2, e2: s == e2,
    "t_overlappedby": lambda s, e, s2, e2: and_(s > s2, s < e2, e > e2),
    "t_overlaps": lambda s, e, s2, e2: and_(s < s2, e > s2, e < e2),
    "t_startedby": lambda s, e, s2, e2: and_(s == s2, e > e2),
    "t_starts": lambda s, e, s2, e2: and_(s == s2, e < e2),
}
TEMPORAL_RELATIONS = tuple(_RELATIONS)
_OF_INSTANTS = {
    "t_after": ">",
    "t_before": "<",
    "t_disjoint": "<>",
    "t_equals": "=",
    "t_intersects": "=",
}


def relate_spans(relation: str, left: Span, right: Span) -> Condition:
    """One of Allen's relations (OGC 21-065) between two instants or intervals."""
    if left.is_instant and right.is_instant and relation in _OF_INSTANTS:
        assert left.start is not None
        assert right.start is not None
        return compare_instants(_OF_INSTANTS[relation], left.start, right.start)
    level = _level([left.start, left.end, right.start, right.end])
    ends = [*_ends(left, level), *_ends(right, level)]
    return _RELATIONS[relation](*ends)


Level = Literal["date", "datetime"]


def _level(ends: list[Value | None]) -> Level:
    """Days when a column holds days, moments when columns hold only those."""
    from_rows = [end.kind for end in ends if end is not None and end.given is None]
    given = [end.kind for end in ends if end is not None and end.given is not None]
    return "date" if "date" in (from_rows or given) else "datetime"


def _ends(span: Span, level: Level) -> tuple[Any, Any]:
    return _at(span.start, level, "-infinity"), _at(span.end, level, "infinity")


def _at(end: Value | None, level: Level, beyond: str) -> Any:
    if end is None:
        kind = Date() if level == "date" else DateTime(timezone=True)
        return cast(literal(beyond, String), kind)
    if level == "date":
        return _day(end).sql
    if end.kind == "datetime":
        return end.sql
    return (_first(end) if beyond == "-infinity" else _last(end)).sql
