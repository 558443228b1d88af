"""Cells of ground: the squares in which places are counted, and how large they are.

`core.cell(geom)` gives the tile of a place at zoom 21 in the usual numbering of web maps (x from
the west, y from the north) as one bigint: y in the lower 21 bits, x above. Tiles of a lower zoom
are the same numbers with their lowest bits cleared, so one stored number serves every size.

Web Mercator stretches the ground, so metres are never read off it: `cell_size` gives the true
width and height of a cell of a row, from the radii of curvature of the ellipsoid (Snyder, Map
Projections: A Working Manual, USGS 1987, p. 24–25; CGCS2000 and WGS 84 differ by 0.1 mm).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

LEVEL = 21
SEMI_MAJOR_AXIS = 6378137.0
ECCENTRICITY_SQUARED = 0.00669438

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]


def parent_mask(level: int) -> int:
    """What a cell number and-ed with gives the number of the tile at a zoom up to `LEVEL`."""
    cleared = (1 << (LEVEL - level)) - 1
    return ~(cleared << LEVEL | cleared)


def columns_and_rows(cells: Ints, level: int) -> tuple[Ints, Ints]:
    """Column and row of each cell number, counted in tiles of the zoom `level`."""
    shift = LEVEL - level
    return cells >> (LEVEL + shift), (cells & ((1 << LEVEL) - 1)) >> shift


def longitude(column: Any, level: int) -> Any:
    """Degrees east of the west edge of a column."""
    return column / (1 << level) * 360 - 180


def latitude(row: Any, level: int) -> Any:
    """Degrees north of the north edge of a row."""
    return np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * np.asarray(row) / (1 << level)))))


def column_at(degrees: Any, level: int) -> Any:
    """Column that holds a longitude, as `core.cell` numbers it."""
    return np.floor((np.asarray(degrees) / 360 + 0.5) * (1 << level)).astype(np.int64)


def row_at(degrees: Any, level: int) -> Any:
    """Row that holds a latitude, as `core.cell` numbers it."""
    phi = np.radians(np.clip(degrees, -85.05, 85.05))
    share = 0.5 - np.arcsinh(np.tan(phi)) / (2 * np.pi)
    return np.floor(share * (1 << level)).astype(np.int64)


def mercator(column: float, row: float, level: int) -> tuple[float, float]:
    """Web Mercator metres (EPSG:3857) of the north-west corner of a cell."""
    side = mercator_side(level)
    half = np.pi * SEMI_MAJOR_AXIS
    return column * side - half, half - row * side


def mercator_side(level: int) -> float:
    """Side of a cell in Web Mercator metres."""
    return 2 * np.pi * SEMI_MAJOR_AXIS / (1 << level)


def cell_size(row: Any, level: int) -> tuple[Any, Any]:
    """Width and height on the ground, in metres, of cells whose middle lies `row` rows from north.

    `row` may lie between rows: the middle of row 5 is 5.5.
    """
    phi = np.radians(latitude(row, level))
    bend = 1 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    side = mercator_side(level) * np.cos(phi)
    return side / np.sqrt(bend), side * (1 - ECCENTRICITY_SQUARED) / bend**1.5


def level_for(metres: float, row_at_level_21: float) -> int:
    """The lowest zoom whose cells there are at most so wide; `LEVEL` when none are."""
    width, _ = cell_size(row_at_level_21, LEVEL)
    return int(np.clip(LEVEL - np.floor(np.log2(metres / width)), 0, LEVEL))
