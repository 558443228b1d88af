"""Tiles of houses in which something is due: each by itself, or in cells."""

from collections.abc import Mapping
from typing import Any

from layers.core.database import Asks
from layers.core.tiles import BUFFER, DETAIL_ZOOM, EXTENT, POINT_SPACING, Tile, tile_parameters

CELL_PIXELS = 40
# Which buildings `b` of a query may lie in the tile.
IN_TILE = "b.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"


def tile_of_houses(
    asks: Asks, layer: str, houses: str, values: Mapping[str, Any], tile: Tile, colour: str = ""
) -> bytes:
    """One tile as bytes, not packed: one layer, coordinates of Web Mercator (3857).

    `houses` is a query (pyformat) of buildings: `id`, `point` (4326), `count`, `overdue`,
    `due_soon` and, if `colour` names it, a column `[order, colour]`. From zoom 14 each building is
    a point; below, cells of some 40 pixels have the sums and the colour that is last in order.
    """
    asked = {**values, **tile_parameters(tile)}
    asked |= {side: asked[side] * CELL_PIXELS / POINT_SPACING for side in ("cell_x", "cell_y")}
    own, of_cell = (f"{colour}[2] AS colour, ", f"(max({colour}))[2] AS colour, ")
    if not colour:
        own = of_cell = ""
    drawn = (
        f"ST_AsMVTGeom(ST_Transform({{point}}, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), "
        f"{EXTENT}, {BUFFER}, true) AS geom"
    )
    if tile.z >= DETAIL_ZOOM:
        made = f"SELECT id, count, overdue, due_soon, {own}{drawn.format(point='point')} "
        made += f"FROM ({houses}) AS house"
    else:
        middle = "ST_SetSRID(ST_MakePoint(avg(ST_X(point)), avg(ST_Y(point))), 4326)"
        made = (
            "SELECT CASE WHEN count(*) = 1 THEN min(id) END AS id, sum(count)::integer AS count, "
            "sum(overdue)::integer AS overdue, sum(due_soon)::integer AS due_soon, "
            f"{of_cell}{drawn.format(point=middle)} FROM ({houses}) AS house "
            "GROUP BY floor(ST_X(point) / %(cell_x)s), floor(ST_Y(point) / %(cell_y)s)"
        )
    statement = f"SELECT ST_AsMVT(tile, '{layer}', {EXTENT}, 'geom', 'id') FROM ({made}) AS tile"
    (row,) = asks.exec_driver_sql(statement, asked)
    return bytes(row[0])
