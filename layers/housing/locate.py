"""What the platform knows of a place: areas, grid, nearest address, who is in charge."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Any

from sqlalchemy import Connection

from layers.core.errors import Forbidden
from layers.core.features import scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader

NEAR_METRES = 100.0
MOST_STAFF = 10
METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True)
class AreaAt:
    """An area that covers the place; `code` as in the region codes."""

    code: str
    name: str
    level: str


@dataclass(frozen=True)
class InCharge:
    """Somebody of the staff who serves the place; `role` is that in the place's grid, if any."""

    name: str
    post: str | None
    phone: str | None
    role: str | None


@dataclass(frozen=True)
class Location:
    """A place as far as the reader may know it; `area_code` is empty outside all areas."""

    area_code: str
    areas: Sequence[AreaAt]
    grid: tuple[str, str] | None
    address: str | None
    staff: Sequence[InCharge]


_POINT = "ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)"

_GRID = f"""
SELECT g.code, g.name FROM territory.grid AS g
WHERE g.kind = 'governance' AND g.valid_to IS NULL AND g.geom && {_POINT}
  AND ST_Covers(g.geom, {_POINT}) AND {{scope}} ORDER BY g.code LIMIT 1
"""

_LOWEST = f"""
SELECT a.area_code FROM territory.area AS a
WHERE a.valid_to IS NULL AND a.geom && {_POINT} AND ST_Covers(a.geom, {_POINT}) AND {{scope}}
ORDER BY length(a.area_code) DESC, a.area_code LIMIT 1
"""

_CHAIN = """
SELECT coalesce(a.code, a.area_code), a.name, a.level FROM territory.area AS a
WHERE a.area_code = ANY(%(codes)s) AND a.valid_to IS NULL AND {scope}
ORDER BY length(a.area_code), a.id
"""

_ADDRESS = f"""
SELECT coalesce(b.address, b.name) FROM housing.building AS b
WHERE b.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
  AND coalesce(b.address, b.name) IS NOT NULL AND {{scope}}
  AND ST_DWithin(b.geom::geography, {_POINT}::geography, {NEAR_METRES})
ORDER BY ST_Distance(b.geom::geography, {_POINT}::geography), b.id LIMIT 1
"""

# Who is assigned to the grid comes first, then those whose own area is the grid or above it.
_STAFF = f"""
WITH held AS MATERIALIZED (
  SELECT a.staff_id, a.role
  FROM territory.grid AS g JOIN organisation.assignment AS a ON a.grid_id = g.id
  WHERE g.code = %(grid)s AND g.valid_to IS NULL
    AND a.valid_from <= core.today() AND (a.valid_to IS NULL OR a.valid_to > core.today())
)
SELECT s.name, s.post, s.phone, held.role
FROM organisation.staff AS s LEFT JOIN held ON held.staff_id = s.id
WHERE (s.valid_to IS NULL OR s.valid_to > core.today()) AND {{scope}} AND s.id IN (
  SELECT staff_id FROM held UNION ALL
  SELECT id FROM organisation.staff WHERE area_code = ANY(%(codes)s) AND length(area_code) >= 9
)
ORDER BY array_position(ARRAY['worker', 'part_time', 'chief'], held.role),
  length(s.area_code) DESC, s.post, s.id LIMIT {MOST_STAFF}
"""


def locate(connection: Connection, reader: Reader, lon: float, lat: float) -> Location:
    """What is known of a point (CRS84) within the reader's areas.

    The address is that of the nearest building within 100 m; staff are those assigned to the
    point's grid today, then those whose own area is its grid, community or street. Outside the
    reader's areas all is empty.

    Raises: Forbidden without the right to see the base map.
    """
    areas = reader.scope(Right.BASE_READ)
    if not areas:
        raise Forbidden(f"locating needs the right {Right.BASE_READ}")
    high = NEAR_METRES / METRES_PER_DEGREE
    wide = high / max(cos(radians(lat)), 0.01)
    values: dict[str, Any] = {
        "lon": lon,
        "lat": lat,
        "west": lon - wide,
        "east": lon + wide,
        "south": lat - high,
        "north": lat + high,
    }
    grid = _rows(connection, _GRID, "g.area_code", areas, values)
    lowest = grid or _rows(connection, _LOWEST, "a.area_code", areas, values)
    code = str(lowest[0][0]) if lowest else ""
    values["grid"] = code
    values["codes"] = [code[:digits] for digits in (2, 4, 6, 9, 12, 14) if len(code) >= digits]
    chain = _rows(connection, _CHAIN, "a.area_code", areas, values)
    address = _rows(connection, _ADDRESS, "b.area_code", areas, values)
    staff_areas = reader.scope(Right.ORGANISATION_READ)
    staff = _rows(connection, _STAFF, "s.area_code", staff_areas, values)
    return Location(
        code,
        [AreaAt(*row) for row in chain],
        (grid[0][0], grid[0][1]) if grid else None,
        address[0][0] if address else None,
        [InCharge(*row) for row in staff],
    )


def _rows(
    connection: Connection,
    statement: str,
    column: str,
    areas: Sequence[str],
    values: dict[str, Any],
) -> Sequence[tuple[str, ...]]:
    scope, bounds = scope_sql(column, areas, "area")
    found = connection.exec_driver_sql(statement.format(scope=scope), values | bounds)
    return [tuple(row) for row in found]
