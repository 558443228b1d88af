"""The bare SQL of each question over the plain tables: GeoJSON and tiles made by the database."""

from __future__ import annotations

from typing import Any

from tests.bench.peers.questions import (
    LEVELS,
    MOST,
    PAGE,
    USAGE,
    Box,
    Deep,
    First,
    Item,
    Narrow,
    Question,
    Square,
)

Statement = tuple[str, dict[str, Any]]

_FEATURE = (
    """'{"type":"Feature","id":' || id || ',"geometry":' || ST_AsGeoJSON(geom, 7, 0) """
    """|| ',"properties":' || json_build_object('code', code, 'name', name, 'usage', usage, """
    """'levels', levels, 'height', height)::text || '}'"""
)
_BOX = "ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)"
_WITHIN_BOX = f"geom && {_BOX} AND ST_Intersects(geom, {_BOX})"
_POLYGON = "ST_GeomFromText(%(polygon)s, 4326)"
_NARROW = (
    f"levels > %(levels)s AND usage = %(usage)s AND geom && {_POLYGON} "
    f"AND ST_Intersects(geom, {_POLYGON})"
)
COUNT = "SELECT count(*) FROM building"
TILE = (
    "SELECT ST_AsMVT(tile, 'building', 4096, 'geom', 'id') FROM (SELECT id, code, name, usage, "
    "levels, height, ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), "
    "4096, 64, true) AS geom FROM building WHERE geom && ST_Transform(ST_TileEnvelope("
    "%(z)s, %(x)s, %(y)s, margin => 0.015625), 4326)) AS tile"
)


def page(condition: str, limit: int) -> str:
    """Features of a page as texts."""
    return f"SELECT {_FEATURE} FROM building WHERE {condition} ORDER BY id LIMIT {limit}"


def statements(question: Question) -> list[Statement]:
    """What the database must be asked for the whole answer."""
    match question:
        case First():
            return [(page("TRUE", PAGE), {}), (COUNT, {})]
        case Box(west, south, east, north):
            values = {"west": west, "south": south, "east": east, "north": north}
            return _counted(_WITHIN_BOX, values)
        case Item(id_):
            return [(f"SELECT {_FEATURE} FROM building WHERE id = %(id)s", {"id": id_})]
        case Deep(offset, _):
            # Rows that are skipped are not made into text.
            skipped = f"SELECT id FROM building ORDER BY id LIMIT {PAGE} OFFSET %(offset)s"
            return [(page(f"id IN ({skipped})", PAGE), {"offset": offset}), (COUNT, {})]
        case Narrow(polygon):
            return _counted(_NARROW, {"levels": LEVELS, "usage": USAGE, "polygon": polygon})
        case Square(z, x, y):
            return [(TILE, {"z": z, "x": x, "y": y})]


def _counted(condition: str, values: dict[str, Any]) -> list[Statement]:
    count = f"{COUNT} WHERE {condition}"
    return [(page(condition, MOST), values), (count, values)]
