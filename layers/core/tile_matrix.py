"""Tile matrix sets: how the earth is cut into tiles, level by level.

Both are quads whose level n cuts the circle of longitude into 2^n columns, so a level means the
same scale in either, and a layer begins and ends at the same level.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_ZOOM = 22
TILE_PIXELS = 256
# One of OGC's standardised pixels (TMS 2.0, 17-083r4, §6.1.1), in metres.
PIXEL_METRES = 0.00028
# Along the equator; CGCS2000 and WGS 84 have the same semi-major axis.
EQUATOR_METRES = 2 * math.pi * 6378137

Bounds = tuple[float, float, float, float]


def _mercator_latitude(share: float) -> float:
    """Degrees north of a share of the Web Mercator square from its northern edge."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * share))))


def _mercator_share(latitude: float) -> float:
    """Share of the Web Mercator square from its northern edge; beyond it at the poles."""
    inside = max(-89.9, min(89.9, latitude))
    return (1 - math.asinh(math.tan(math.radians(inside))) / math.pi) / 2


def _plain_latitude(share: float) -> float:
    return 90 - 180 * share


def _plain_share(latitude: float) -> float:
    return (90 - latitude) / 180


@dataclass(frozen=True, eq=False)
class TileMatrixSet:
    """One way to cut the earth; `uri` where it is registered with OGC.

    `latitude` gives degrees north of a share of the height from the north and `share` the reverse.
    `rows_at_first` rows stand at the first level, twice as many at each next. `cell_size` at
    level 0 and `origin` (the corner north-west, in the order of `axes`) are in units of the CRS.
    """

    id: str
    title: tuple[str, str]
    epsg: int
    uri: str | None
    axes: tuple[str, str]
    origin: tuple[float, float]
    cell_size: float
    first: int
    rows_at_first: int
    latitude: Callable[[float], float]
    share: Callable[[float], float]
    # A statement that draws the stored longitude and latitude (4326) into the tile.
    geometry_sql: str
    envelope_sql: str

    def __repr__(self) -> str:
        return self.id

    @property
    def crs(self) -> str:
        """URI of its coordinate reference system."""
        return f"http://www.opengis.net/def/crs/EPSG/0/{self.epsg}"

    def columns(self, level: int) -> int:
        """How many tiles lie side by side."""
        return 1 << level

    def rows(self, level: int) -> int:
        """How many tiles lie one above the other."""
        return self.rows_at_first << (level - self.first)

    def scale_denominator(self, level: int) -> float:
        """Metres on the equator for one on a screen of OGC's standardised pixels."""
        return EQUATOR_METRES / (TILE_PIXELS << level) / PIXEL_METRES

    def longitude_at(self, level: int, column: float) -> float:
        """Degrees east of the western edge of a column; a part of a column is a part of it."""
        return column / self.columns(level) * 360 - 180

    def latitude_at(self, level: int, row: float) -> float:
        """Degrees north of the northern edge of a row."""
        return self.latitude(row / self.rows(level))

    def limits(self, level: int, extent: Bounds, margin: float) -> dict[str, int]:
        """First and last row and column that an extent (degrees) touches; `margin` in tiles."""
        west, south, east, north = extent
        columns, rows = self.columns(level), self.rows(level)

        def inside(place: float, count: int) -> int:
            return min(max(math.floor(place), 0), count - 1)

        return {
            "minTileRow": inside(self.share(north) * rows - margin, rows),
            "maxTileRow": inside(self.share(south) * rows + margin, rows),
            "minTileCol": inside((west + 180) / 360 * columns - margin, columns),
            "maxTileCol": inside((east + 180) / 360 * columns + margin, columns),
        }

    def uri_at(self, base: str) -> str:
        """Where it is registered; where no registry has it, its definition on this server.

        GDAL knows a set by this alone.
        """
        return self.uri or f"{base}/tileMatrixSets/{self.id}"

    def definition(self, base: str, language: int = 0) -> dict[str, Any]:
        """The set as TMS 2.0 (17-083r4) encodes it in JSON; language 0 Chinese, 1 English."""
        return {
            "id": self.id,
            "title": self.title[language],
            "uri": self.uri_at(base),
            "crs": self.crs,
            "orderedAxes": list(self.axes),
            "tileMatrices": [self._matrix(level) for level in range(self.first, MAX_ZOOM + 1)],
        }

    def _matrix(self, level: int) -> dict[str, Any]:
        return {
            "id": str(level),
            "scaleDenominator": self.scale_denominator(level),
            "cellSize": self.cell_size / (1 << level),
            "cornerOfOrigin": "topLeft",
            "pointOfOrigin": list(self.origin),
            "tileWidth": TILE_PIXELS,
            "tileHeight": TILE_PIXELS,
            "matrixWidth": self.columns(level),
            "matrixHeight": self.rows(level),
        }


WEB_MERCATOR_QUAD = TileMatrixSet(
    id="WebMercatorQuad",
    title=("网络墨卡托瓦片矩阵集", "Web Mercator quad"),
    epsg=3857,
    uri="http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad",
    axes=("X", "Y"),
    origin=(-EQUATOR_METRES / 2, EQUATOR_METRES / 2),
    cell_size=EQUATOR_METRES / TILE_PIXELS,
    first=0,
    rows_at_first=1,
    latitude=_mercator_latitude,
    share=_mercator_share,
    geometry_sql="ST_Transform({geometry}, 3857)",
    envelope_sql="ST_TileEnvelope(%(z)s, %(x)s, %(y)s)",
)

# The set "c" of Tianditu's WMTS: two tiles of 256 pixels at level 1, there is no level 0. Its grid
# is OGC's WGS1984Quad (17-083r4, annex D) with levels one higher; the scale denominators are of
# OGC's pixel, where Tianditu reckons 96 dots an inch. CGCS2000 and WGS 84 are both the ITRF, of
# other epochs, on ellipsoids that differ by a tenth of a millimetre; PROJ takes the degrees of one
# for those of the other. So what is stored in 4326 is told in 4490 as it is: the column needs no
# ST_Transform, which would cost a third of the tile and change no digit.
CGCS2000_QUAD = TileMatrixSet(
    id="CGCS2000Quad",
    title=("CGCS2000 经纬度瓦片矩阵集（天地图 c）", "CGCS2000 geographic quad (Tianditu c)"),
    epsg=4490,
    uri=None,
    axes=("Lat", "Lon"),
    origin=(90.0, -180.0),
    cell_size=360 / TILE_PIXELS,
    first=1,
    rows_at_first=1,
    latitude=_plain_latitude,
    share=_plain_share,
    geometry_sql="{geometry}",
    envelope_sql="ST_MakeEnvelope(%(left)s, %(bottom)s, %(right)s, %(top)s, 4326)",
)

TILE_MATRIX_SETS = (WEB_MERCATOR_QUAD, CGCS2000_QUAD)
