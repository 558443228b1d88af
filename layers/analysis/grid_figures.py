"""How many live and what stands in each piece of a draft, counted from its geometry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import shapely
from sqlalchemy import Connection

from layers.core.features import after_area
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.incidents.workflow import OVER
from layers.territory.draft import Draft, as_multi


@dataclass(frozen=True)
class GridFigures:
    """Figures of one grid; None where the reader may not see what would be counted.

    `area` in square metres on the ellipsoid; residents and households as registered now.
    """

    area: float
    buildings: int
    dwellings: int | None
    households: int | None
    residents: int | None
    key_sites: int | None
    open_incidents: int | None


# A thing lies where its point lies; on a border, in the grid with the lower code, like all rows.
_PLACED = """
{name} AS MATERIALIZED (
  SELECT t.id, min(p.position) AS position FROM {table} AS t JOIN piece AS p
    ON p.geom && t.geom AND ST_Covers(p.geom, ST_PointOnSurface(t.geom))
  WHERE t.area_code >= %(code)s AND t.area_code < %(end)s AND {only} GROUP BY t.id
)
"""
_STANDING = "(t.valid_to IS NULL OR t.valid_to > core.today())"
_FIGURES = f"""
WITH piece AS MATERIALIZED (
  SELECT position, ST_GeomFromWKB(shape, 4326) AS geom
  FROM unnest(%(shapes)s::bytea[]) WITH ORDINALITY AS given (shape, position)
), {_PLACED.format(name="building", table="housing.building", only=_STANDING)},
{_PLACED.format(name="site", table="places.key_site", only=_STANDING)},
{_PLACED.format(name="incident", table="incidents.incident", only=f"t.state NOT IN {OVER}")},
dwelling AS (
  SELECT b.position, count(*) AS number FROM building AS b
  JOIN housing.dwelling AS t ON t.building_id = b.id WHERE {_STANDING} GROUP BY 1
), resident AS (
  SELECT b.position, sum(f.residents)::bigint AS number, sum(f.households)::bigint AS households
  FROM building AS b JOIN people.resident_figure AS f ON f.building_id = b.id GROUP BY 1
)
SELECT p.position, ST_Area(p.geom::geography),
  (SELECT count(*) FROM building WHERE position = p.position),
  (SELECT number FROM dwelling WHERE position = p.position),
  (SELECT households FROM resident WHERE position = p.position),
  (SELECT number FROM resident WHERE position = p.position),
  (SELECT count(*) FROM site WHERE position = p.position),
  (SELECT count(*) FROM incident WHERE position = p.position)
FROM piece AS p ORDER BY p.position
"""


def grid_figures(connection: Connection, reader: Reader, draft: Draft) -> Mapping[int, GridFigures]:
    """Figures of each piece by key, within what the reader may see; one statement."""
    keys = list(draft.coverage)
    shapes = [shapely.to_wkb(as_multi(shape)) for shape in draft.coverage.values()]
    values = {"shapes": shapes, "code": draft.community, "end": after_area(draft.community)}
    rows = connection.exec_driver_sql(_FIGURES, values)

    def seen(right: Right, number: int | None) -> int | None:
        return number or 0 if reader.covers(right, draft.community) else None

    return {
        keys[position - 1]: GridFigures(
            area,
            buildings,
            seen(Right.HOUSING_READ, dwellings),
            seen(Right.PEOPLE_READ, households),
            seen(Right.PEOPLE_READ, residents),
            seen(Right.PLACES_READ, sites),
            seen(Right.INCIDENTS_READ, incidents),
        )
        for position, area, buildings, dwellings, households, residents, sites, incidents in rows
    }
