"""What changed between two periods: incidents of each area in the one and in the other.

Periods may be of different length: rates are for thirty days. Whether a difference is more than
chance is asked as for hot zones, with lengths t and u of the periods: of n + m incidents of one
rate, m fall into the second with the probability p = u / (t + u), so that |m - (n + m) p| is above
1.96 √((n + m) p (1 - p)) in one of twenty cases only (normal approximation of the conditional test
of two Poisson rates, Przyborowski and Wilenski 1940).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from sqlalchemy import Connection

from layers.analysis.heat.places import Places, select_places
from layers.analysis.heat.surface import PERIOD
from layers.core.errors import Fault, Invalid
from layers.core.features import scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader

Level = Literal["street", "community", "grid"]
LEVELS: tuple[Level, ...] = get_args(Level)
_CHANCE = 1.96
_DIGITS = {"street": 9, "community": 12}


class Period(NamedTuple):
    """Half open: from `since` up to `until`."""

    since: datetime
    until: datetime

    @property
    def days(self) -> float:
        """Its length in days."""
        return (self.until - self.since).total_seconds() / 86_400


@dataclass(frozen=True)
class ChangeQuestion:
    """Incidents of `places`, whose own time is not used, in two periods, by areas of a level."""

    places: Places
    first: Period
    second: Period
    level: Level


@dataclass(frozen=True)
class AreaChange:
    """One area; `geometry` is GeoJSON in CRS84, or None when it has none; rates per 30 days."""

    code: str
    name: str
    geometry: str | None
    first: int
    second: int
    first_rate: float
    second_rate: float
    is_significant: bool

    @property
    def change(self) -> float | None:
        """Growth of the rate as a share of the first; None when there was nothing at first."""
        return (self.second_rate - self.first_rate) / self.first_rate if self.first else None


_AREAS = (
    "SELECT left(a.code, %(digits)s) AS key, a.code, a.name, a.geom, a.area_code "
    "FROM territory.area AS a WHERE a.level = %(level)s AND a.valid_to IS NULL"
)
_GRIDS = (
    "SELECT a.code AS key, a.code, a.name, a.geom, a.area_code FROM territory.grid AS a "
    "WHERE a.kind = 'governance' AND a.valid_to IS NULL"
)
_CHANGES = """
WITH counted AS (
  SELECT {key} AS key,
    count(*) FILTER (WHERE t.reported_at >= %(first_since)s AND t.reported_at < %(first_until)s)
      AS first,
    count(*) FILTER (WHERE t.reported_at >= %(second_since)s AND t.reported_at < %(second_until)s)
      AS second
  FROM {source} WHERE {where} GROUP BY 1
), area AS ({areas})
SELECT a.code, a.name, ST_AsGeoJSON(a.geom, 7), coalesce(c.first, 0), coalesce(c.second, 0)
FROM area AS a LEFT JOIN counted AS c USING (key)
WHERE {scope} ORDER BY a.code
"""


def find_changes(
    connection: Connection, reader: Reader, question: ChangeQuestion
) -> Sequence[AreaChange]:
    """Every area of the level that the reader may see, in the order of their codes.

    Raises: Invalid for periods without length, or another layer; Forbidden without the right.
    """
    _check(question)
    first, second = question.first, question.second
    spans = replace(
        question.places,
        since=min(first.since, second.since),
        until=max(first.until, second.until),
    )
    selection = select_places(connection, reader, spans)
    digits = _DIGITS.get(question.level)
    held = reader.scope(Right.BASE_READ)
    area = question.places.area
    inner = tuple(each for each in held if each.startswith(area)) or ((area,) if held else ())
    scope, scoped = scope_sql("a.area_code", inner, "shown")
    statement = _CHANGES.format(
        key="t.area_code" if digits is None else "left(t.area_code, %(digits)s)",
        source=selection.source,
        where=selection.where,
        areas=_GRIDS if digits is None else _AREAS,
        scope=scope,
    )
    values = {
        **selection.values,
        **scoped,
        "digits": digits,
        "level": question.level,
        "first_since": first.since,
        "first_until": first.until,
        "second_since": second.since,
        "second_until": second.until,
    }
    rows = connection.exec_driver_sql(statement, values)
    return [_change(question, *row) for row in rows]


def _check(question: ChangeQuestion) -> None:
    faults = [
        Fault(name, "the end must lie after the start")
        for name, period in (("first", question.first), ("second", question.second))
        if period.since >= period.until
    ]
    if question.places.layer.name != "incidents":
        faults.append(Fault("layer", "changes are told of incidents"))
    if faults:
        raise Invalid(faults)


def _change(
    question: ChangeQuestion, code: str, name: str, geometry: str | None, first: int, second: int
) -> AreaChange:
    before, after = question.first.days, question.second.days
    return AreaChange(
        code=code,
        name=name,
        geometry=geometry,
        first=first,
        second=second,
        first_rate=first * PERIOD.days / before,
        second_rate=second * PERIOD.days / after,
        is_significant=differs(first, before, second, after),
    )


def differs(first: int, before: float, second: int, after: float) -> bool:
    """Whether chance alone would hardly share incidents of one rate so between two lengths."""
    together, share = first + second, after / (before + after)
    spread = (together * share * (1 - share)) ** 0.5
    return bool(abs(second - together * share) > _CHANCE * spread)
