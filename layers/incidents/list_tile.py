"""Vector tiles of a work list: what the list holds, as points or, further out, counted in cells.

The statement costs the same however long the list is: rows are found by place and condition.
"""

from typing import Any

from layers.core.database import Asks
from layers.core.scope import Reader
from layers.core.tiles import BUFFER, DETAIL_ZOOM, EXTENT, POINT_SPACING, Tile, tile_parameters
from layers.incidents.incident import INCIDENTS
from layers.incidents.work_list import MOMENT, Filter, WorkList, condition, where

LAYER = "cases"
CELL_PIXELS = 40

_HERE = "geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"
_ON_TILE = (
    f"ST_AsMVTGeom(ST_Transform({{point}}, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), "
    f"{EXTENT}, {BUFFER}, true) AS geom"
)
# Seconds of the epoch; `stopped` is when the light stopped, for what is closed or suspended.
_POINTS = (
    "SELECT id, state, extract(epoch FROM warn_at)::bigint AS warn, "
    "extract(epoch FROM due_at)::bigint AS due, "
    "extract(epoch FROM coalesce(closed_at, paused_at))::bigint AS stopped, 1 AS count, "
    f"{_ON_TILE.format(point='geom')} FROM {INCIDENTS.qualified_table} WHERE {{rows}}"
)
_CELLS = (
    "SELECT CASE WHEN count(*) = 1 THEN min(id) END AS id, count(*) AS count, "
    f"count(*) FILTER (WHERE due_at < {MOMENT}) AS red, "
    f"count(*) FILTER (WHERE due_at >= {MOMENT} AND warn_at <= {MOMENT}) AS yellow, "
    f"{_ON_TILE.format(point='ST_SetSRID(ST_MakePoint(avg(ST_X(geom)), avg(ST_Y(geom))), 4326)')} "
    f"FROM {INCIDENTS.qualified_table} WHERE {{rows}} "
    "GROUP BY floor(ST_X(geom) / %(cell_x)s), floor(ST_Y(geom) / %(cell_y)s)"
)


def list_tile(asks: Asks, each: WorkList, reader: Reader, wanted: Filter, tile: Tile) -> bytes:
    """One tile as bytes, not packed: layer `cases`, coordinates of Web Mercator (3857).

    From zoom 14 each case with `state`, `warn`, `due` and `stopped`; below, cells of some 40
    pixels with `count`, `red` and `yellow`, the id only where a cell holds one case.
    """
    conditions, values = where([each], reader, wanted)
    values |= _cells(tile_parameters(tile))
    rows = f"{_HERE} AND {conditions} AND {condition(each, reader)}"
    drawn = (_POINTS if tile.z >= DETAIL_ZOOM else _CELLS).format(rows=rows)
    statement = f"SELECT ST_AsMVT(tile, '{LAYER}', {EXTENT}, 'geom', 'id') FROM ({drawn}) AS tile"
    (row,) = asks.exec_driver_sql(statement, values)
    return bytes(row[0])


def _cells(values: dict[str, Any]) -> dict[str, Any]:
    size = CELL_PIXELS / POINT_SPACING
    return values | {"cell_x": values["cell_x"] * size, "cell_y": values["cell_y"] * size}
