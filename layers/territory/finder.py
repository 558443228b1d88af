"""Where many points lie at once: what `core.area_at` answers for one, from memory."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

Degrees = NDArray[np.float64]
Codes = NDArray[np.bytes_]

_GRIDS = text(
    "SELECT code, ST_AsBinary(geom) FROM territory.grid "
    "WHERE kind = 'governance' AND valid_to IS NULL AND code IS NOT NULL ORDER BY code"
)
_AREAS = text(
    "SELECT area_code, ST_AsBinary(geom) FROM territory.area "
    "WHERE valid_to IS NULL AND geom IS NOT NULL ORDER BY length(area_code) DESC, area_code"
)


class AreaFinder:
    """Governance grids and areas in force when it was made.

    Made from the connection's transaction; whoever keeps it makes it anew after grids or areas
    have changed.
    """

    def __init__(self, connection: Connection) -> None:
        self._grids = _Shapes(connection, _GRIDS)
        self._areas = _Shapes(connection, _AREAS)

    def codes(self, longitude: Degrees, latitude: Degrees) -> Codes:
        """The governance grid, else the lowest area, that covers each point (CRS84); b'' if none.

        Where several do, the first by code, as the database does.
        """
        points = np.asarray(shapely.points(longitude, latitude))
        found = self._grids.first(points)
        missing = np.flatnonzero(found < 0)
        codes = self._grids.codes[found]
        if len(missing):
            area = self._areas.first(points[missing])
            width = max(codes.dtype.itemsize, self._areas.codes.dtype.itemsize)
            codes = codes.astype(f"S{width}")
            codes[missing] = self._areas.codes[area]
        return codes


class _Shapes:
    """Polygons in the order in which they win; the last code is that of no polygon."""

    def __init__(self, connection: Connection, statement: object) -> None:
        rows = connection.execute(statement).all()  # type: ignore[call-overload]
        self.codes: Codes = np.array([*(row[0].encode() for row in rows), b""])
        shapes = shapely.from_wkb([bytes(row[1]) for row in rows])
        shapely.prepare(shapes)
        self._shapes = shapes
        self._tree = shapely.STRtree(shapes)

    def first(self, points: NDArray[np.object_]) -> NDArray[np.int64]:
        """The number of the first polygon that covers each point; -1 where none does."""
        point, shape = self._tree.query(points)
        covers = shapely.covers(self._shapes[shape], points[point])
        best = np.full(len(points), len(self._shapes), dtype=np.int64)
        np.minimum.at(best, point[covers], shape[covers])
        best[best == len(self._shapes)] = -1
        return best
