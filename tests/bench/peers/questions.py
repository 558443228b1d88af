"""What is asked: one list of values for each row of the table, the same for every server."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from psycopg2.extensions import connection as Connection  # noqa: N812

from layers.core.tile_matrix import WEB_MERCATOR_QUAD
from layers.core.tiles import tile_at

PAGE = 10
MOST = 1000
DEEP = 100_000
BOXES = 32
POLYGONS = 32
ITEMS = 400
PAGES = 64
# As many tiles of a zoom as somebody sees who zooms in from the whole district.
TILES_OF_ZOOM = {12: 4, 13: 8, 14: 16, 15: 32, 16: 64}
LEVELS, USAGE = 5, "B1"
SEED = 20260801


class Row(StrEnum):
    """The rows of the table that are asked over HTTP."""

    FIRST = "first"
    BOX = "box"
    ITEM = "item"
    DEEP = "deep"
    FILTER = "filter"
    COLD = "cold"
    WARM = "warm"


@dataclass(frozen=True)
class First:
    """The first page of ten with the number of all."""


@dataclass(frozen=True)
class Box:
    """What lies in a box of 2.6 km² (degrees, longitude first), 1,000 at most."""

    west: float
    south: float
    east: float
    north: float

    @property
    def text(self) -> str:
        """As `bbox` has it."""
        return f"{self.west:.6f},{self.south:.6f},{self.east:.6f},{self.north:.6f}"


@dataclass(frozen=True)
class Item:
    """One feature by its id."""

    id: int


@dataclass(frozen=True)
class Deep:
    """Ten features after so many others; `after` is the id of the last of those."""

    offset: int
    after: int


@dataclass(frozen=True)
class Narrow:
    """Buildings of a use with more levels than some in a polygon (WKT, degrees), 1,000 at most."""

    polygon: str


@dataclass(frozen=True)
class Square:
    """A tile of WebMercatorQuad."""

    z: int
    x: int
    y: int


Question = First | Box | Item | Deep | Narrow | Square
Questions = dict[Row, Sequence[Question]]


def questions(connection: Connection) -> Questions:
    """Every question, the same in every run over the same table."""
    tiles = _tiles(connection)
    places = _column(connection, _PLACES, max(BOXES, POLYGONS))
    return {
        Row.FIRST: (First(),),
        Row.BOX: tuple(_box(lon, lat) for lon, lat in places[:BOXES]),
        Row.ITEM: tuple(Item(id_) for (id_,) in _column(connection, _IDS, ITEMS)),
        Row.DEEP: tuple(_deep(connection)),
        Row.FILTER: tuple(Narrow(_octagon(lon, lat)) for lon, lat in places[:POLYGONS]),
        Row.COLD: tiles,
        Row.WARM: tiles,
    }


_IDS = "SELECT id FROM building ORDER BY md5(id::text) LIMIT %s"
_PLACES = (
    "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM building "
    "ORDER BY md5(code) LIMIT %s) AS places"
)
_AFTER = "SELECT id FROM building ORDER BY id OFFSET %s LIMIT 1"
_COUNT = "SELECT count(*) FROM building WHERE %s > 0"


def _column(connection: Connection, statement: str, value: int) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, (value,))
        return cursor.fetchall()


def _deep(connection: Connection) -> Iterator[Deep]:
    ((count,),) = _column(connection, _COUNT, 1)
    start = min(DEEP, count // 2)
    for number in range(PAGES):
        offset = min(start + number * PAGE, count - PAGE)
        ((after,),) = _column(connection, _AFTER, offset - 1)
        yield Deep(offset, after)


# Half of 1.6 km at 31 to 34 degrees north.
_HALF_WIDTH, _HALF_HEIGHT = 0.0087, 0.0072


def _box(lon: float, lat: float) -> Box:
    return Box(lon - _HALF_WIDTH, lat - _HALF_HEIGHT, lon + _HALF_WIDTH, lat + _HALF_HEIGHT)


def _octagon(lon: float, lat: float) -> str:
    """The box of the same place with its corners cut: a polygon that is no box."""
    half = 0.5
    corners = (
        (-1, -half),
        (-half, -1),
        (half, -1),
        (1, -half),
        (1, half),
        (half, 1),
        (-half, 1),
        (-1, half),
        (-1, -half),
    )
    places = (f"{lon + x * _HALF_WIDTH:.6f} {lat + y * _HALF_HEIGHT:.6f}" for x, y in corners)
    return f"POLYGON(({','.join(places)}))"


def _tiles(connection: Connection) -> Sequence[Square]:
    """Different tiles around buildings, shuffled, so that any stretch of them is as heavy."""
    places = _column(connection, _PLACES, 4000)
    found = []
    for zoom, count in TILES_OF_ZOOM.items():
        tiles = (tile_at(zoom, lon, lat, WEB_MERCATOR_QUAD) for lon, lat in places)
        found += [Square(tile.z, tile.x, tile.y) for tile in list(dict.fromkeys(tiles))[:count]]
    random.Random(SEED).shuffle(found)
    return found
