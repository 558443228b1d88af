"""How many places lie in each of many polygons that somebody drew or brought along.

A place lies where its point on surface lies, by which the platform also gives it its area; one on
the border of two polygons is counted in both. Persons are told in whole fives and not at all where
fewer than five live, whoever asks: what is counted here is taken out and shown to others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from layers.analysis.heat.fives import whole_fives
from layers.analysis.heat.places import LIVING, Places, Selection, select_places
from layers.core.errors import Fault, Invalid
from layers.core.looks import record_in_each_area
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.people.person import PERSONS

MOST_POLYGONS = 5_000
MOST_CORNERS = 500_000
_BATCH = 200


class Count(NamedTuple):
    """What one polygon holds; both None for fewer than five persons. `ground` in m² (geodesic).

    `weight` is the sum of the weights, equal to `places` where nothing is weighed by.
    """

    places: int | None
    weight: float | None
    ground: float

    @property
    def per_km2(self) -> float | None:
        """The weight on a square kilometre."""
        return None if self.weight is None or not self.ground else self.weight * 1e6 / self.ground


@dataclass(frozen=True)
class PolygonQuestion:
    """Places counted in each polygon (CRS84, valid, (Multi)Polygon); `weight` as in heat."""

    places: Places
    polygons: Sequence[BaseGeometry]
    weight: str | None = None


_COUNT = """
WITH ground AS MATERIALIZED (
  SELECT number, ST_SetSRID(ST_GeomFromWKB(wkb), 4326) AS geom
  FROM unnest(%(shapes)s::bytea[]) WITH ORDINALITY AS each (wkb, number)
), counted AS (
  SELECT g.number, {count} AS count, {weight} AS weight
  FROM ground AS g, {source}
  WHERE {box} && g.geom AND ST_Covers(g.geom, {spot}) AND {where} GROUP BY g.number
)
SELECT coalesce(c.count, 0)::bigint, coalesce(c.weight, 0)::float8,
  ST_Area(g.geom::geography)
FROM ground AS g LEFT JOIN counted AS c USING (number) ORDER BY number
"""


def count_in_polygons(
    connection: Connection,
    reader: Reader,
    question: PolygonQuestion,
    tell: Callable[[int, str], None],
) -> list[Count]:
    """A count for each polygon in its order, of what the reader may see.

    A question about persons is logged. `tell` hears how many per cent are done. The connection
    must be in a `reader_transaction`.

    Raises: Invalid naming the parameter that cannot be answered; Forbidden without the right.
    """
    _check(question.polygons)
    selection = select_places(connection, reader, question.places, question.weight)
    statement = _statement(question.places, selection)
    found: list[Count] = []
    for batch in _batches(question.polygons):
        values = {**selection.values, "shapes": [shapely.to_wkb(each) for each in batch]}
        rows = connection.exec_driver_sql(statement, values)
        found += [_count(*row, is_personal=selection.is_personal) for row in rows]
        done = len(found)
        tell(done * 100 // len(question.polygons), f"{done} / {len(question.polygons)}")
    if selection.is_personal:
        detail = {"polygons": len(question.polygons), "asked": dict(question.places.equals)}
        record_in_each_area(connection, reader, PERSONS, "question", Right.PEOPLE_READ, detail)
    return found


def _batches(polygons: Sequence[BaseGeometry]) -> list[Sequence[BaseGeometry]]:
    return [polygons[start : start + _BATCH] for start in range(0, len(polygons), _BATCH)]


def _check(polygons: Sequence[BaseGeometry]) -> None:
    if not 1 <= len(polygons) <= MOST_POLYGONS:
        reason = f"1 to {MOST_POLYGONS:,} polygons expected, not {len(polygons):,}"
        raise Invalid([Fault("polygons", reason)])
    corners = int(shapely.get_num_coordinates(list(polygons)).sum())
    if corners > MOST_CORNERS:
        reason = f"{corners:,} corners; at most {MOST_CORNERS:,}: simplify them or ask in parts"
        raise Invalid([Fault("polygons", reason)])


def _statement(places: Places, selection: Selection) -> str:
    layer = places.layer
    if selection.source.endswith("f.building_id = t.id"):
        box = spot = "f.spot"
    elif layer.name in LIVING:
        box, spot = "b.geom", "ST_PointOnSurface(b.geom)"
    elif layer.geometry_kind == "POINT":
        box = spot = "t.geom"
    else:
        box, spot = "t.geom", "ST_PointOnSurface(t.geom)"
    conditions = [*selection.conditions, *_at_the_time(places, selection)]
    values = {"source": selection.source, "where": " AND ".join(conditions) or "TRUE"}
    return _COUNT.format(
        **values, count=selection.count, weight=selection.weight, box=box, spot=spot
    )


def _at_the_time(places: Places, selection: Selection) -> list[str]:
    """Who lived there at the moment looked at."""
    if selection.lives is None or places.until is None:
        return []
    raise Invalid([Fault("datetime", "residents are counted as of now; leave it out")])


def _count(count: int, weight: float, ground: float, *, is_personal: bool) -> Count:
    if not is_personal:
        return Count(count, weight, ground)
    fives = whole_fives(count) or None
    return Count(fives, fives and float(fives), ground)
