"""Light on the terrain from the north-west (Horn, Hill shading and the reflectance map, 1981)."""

from __future__ import annotations

import numpy as np

from gisserver.coverages.rasters import Values

AZIMUTH, ALTITUDE = 315.0, 45.0
_RELIEF = 0.03
"""Height to width at which slopes are seen without being made steeper."""
_STEEPEST = 8.0
_DARKEST, _LIGHTEST = 0.45, 1.2


def exaggeration(relief: float, width: float) -> float:
    """How much steeper a terrain is drawn, by its relief and width in metres.

    The same for all of it, so that maps of its parts fit together.
    """
    if relief <= 0 or width <= 0:
        return 1.0
    return float(np.clip(_RELIEF * width / relief, 1.0, _STEEPEST))


def shade(heights: Values, cell_width: float, cell_height: float, steeper: float = 1.0) -> Values:
    """Brightness of each inner cell, 1 on level ground; cells in metres, rows from north.

    A neighbour without height is taken to be as high as the cell itself.
    """
    middle = heights[1:-1, 1:-1]

    def beside(down: int, across: int) -> Values:
        rows, columns = heights.shape
        found = heights[1 + down : rows - 1 + down, 1 + across : columns - 1 + across]
        return np.where(np.isfinite(found), found, middle)

    west = beside(-1, -1) + 2 * beside(0, -1) + beside(1, -1)
    east = beside(-1, 1) + 2 * beside(0, 1) + beside(1, 1)
    north = beside(-1, -1) + 2 * beside(-1, 0) + beside(-1, 1)
    south = beside(1, -1) + 2 * beside(1, 0) + beside(1, 1)
    to_east = (east - west) / (8 * cell_width) * steeper
    to_north = (north - south) / (8 * cell_height) * steeper
    height, side = np.radians(ALTITUDE), np.radians(AZIMUTH)
    light = np.array([np.sin(side), np.cos(side)]) * np.cos(height)
    normal = np.sqrt(1 + to_east**2 + to_north**2)
    met = (np.sin(height) - light[0] * to_east - light[1] * to_north) / normal
    level = met / np.sin(height)
    return np.asarray(np.clip(level, _DARKEST, _LIGHTEST), dtype=np.float32)
