"""Parameters that name axes: `Lat(33.1:33.3),Lon(117.5)`, and the times of `time("2026-03")`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gisserver.errors import BadRequest

_ITEM = r"\s*([A-Za-z][A-Za-z_-]*)\(([^()]*)\)\s*"
_LIST = re.compile(rf"{_ITEM}(?:,{_ITEM})*")
_ONE = re.compile(_ITEM)
_PLACE = r'\s*("[^"]*"|\*|[^":*\s]+)\s*'
_INTERVAL = re.compile(rf"{_PLACE}(?::{_PLACE})?")
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
_OPEN = ("", "..", "*")
LONGEST = 2_000


@dataclass(frozen=True)
class Slice:
    """What is asked of one axis: a place (`high` None) or an interval, as texts; * is its end."""

    low: str
    high: str | None


def read_axes(parameter: str, text: str) -> dict[str, str]:
    """What stands in the brackets of each axis, by the axis's name as it was written.

    Raises: BadRequest for another form or an axis named twice.
    """
    if len(text) > LONGEST or not _LIST.fullmatch(text):
        raise BadRequest(f"{parameter}: axis(…),axis(…) expected, not {text[:60]!r}")
    found: dict[str, str] = {}
    for name, inner in _ONE.findall(text):
        if name in found:
            raise BadRequest(f"{parameter}: the axis {name} is named twice")
        found[name] = inner
    return found


def read_slice(axis: str, text: str) -> Slice:
    """An interval `low:high`, or a place.

    Raises: BadRequest for another form.
    """
    match = _INTERVAL.fullmatch(text)
    if match is None:
        expected = 'low:high or one place expected, times in double quotes: time("2026-03")'
        raise BadRequest(f"subset: {axis}({text[:40]}): {expected}")
    low, high = (None if each is None else each.strip('"') for each in match.groups())
    return Slice(low or "", high)


def chosen_axis(parameter: str, name: str, known: Iterable[Iterable[str]]) -> int:
    """Which of the axes a name means.

    Raises: BadRequest naming those that there are.
    """
    every = [tuple(names) for names in known]
    for place, names in enumerate(every):
        if name in names:
            return place
    allowed = [name for names in every for name in names]
    raise BadRequest(f"{parameter}: there is no axis {name[:40]!r}", allowed=allowed)


def read_times(parameter: str, low: str, high: str | None) -> tuple[datetime | None, ...]:
    """Begin and end (exclusive) of a time: a year, month or day means all of it; UTC.

    A time of day means that second; as the end of an interval, up to it. None is an open end.
    Raises: BadRequest.
    """
    if high is None and low in _OPEN:
        raise BadRequest(f"{parameter}: an instant or an interval expected")
    since, until = _begin_and_end(parameter, low)
    if high is not None:
        begin, until = _begin_and_end(parameter, high)
        until = until if high in _OPEN or _DAY.fullmatch(high) else begin
    if since is not None and until is not None and since >= until:
        raise BadRequest(f"{parameter}: the start must lie before the end")
    return since, until


def _begin_and_end(parameter: str, text: str) -> tuple[datetime | None, datetime | None]:
    if text in _OPEN:
        return None, None
    try:
        if (match := _DAY.fullmatch(text)) is not None:
            return _whole(*(int(each) if each else None for each in match.groups()))
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        expected = "RFC 3339 time, day, month or year expected"
        raise BadRequest(f"{parameter}: {expected}, not {text[:40]!r}") from error
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment, moment + timedelta(seconds=1)


def _whole(year: int | None, month: int | None, day: int | None) -> tuple[datetime, datetime]:
    begin = datetime(year or 0, month or 1, day or 1, tzinfo=UTC)
    if day is not None:
        return begin, begin + timedelta(days=1)
    if month is not None:
        return begin, (begin + timedelta(days=31)).replace(day=1)
    return begin, begin.replace(year=begin.year + 1)
