"""What a map shows: which ground, in how many pixels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyproj

from gisserver import parameters
from gisserver.coverages.asked import Ground
from gisserver.coverages.cutting import box_of
from gisserver.coverages.grids import Box, Grid, are_alike, grid_over, moved, raster_crs
from gisserver.coverages.rasters import Mask
from gisserver.errors import BadRequest, TooLarge
from layers.core.output_system import CRS84, WEB_MERCATOR, OutputSystem

USUAL_SIDE = 800
LARGEST_SIDE = 4_096
MOST_PIXELS = 8_000_000
PIXEL = 0.00028
"""Metres on the screen, by which a scale is reckoned."""
_EARTH = pyproj.Geod(ellps="WGS84")
_WORLD: Box = (-180.0, -90.0, 180.0, 90.0)
_MERCATOR = math.pi * 6378137.0
_NEAR_POLE = 89.0


@dataclass(frozen=True)
class View:
    """What is asked for; None is left to us. `centre` is to the east and to the north."""

    ground: Ground
    system: OutputSystem
    width: int | None = None
    height: int | None = None
    scale: float | None = None
    centre: tuple[float, float] | None = None


def read_size(given: Mapping[str, str], name: str) -> int | None:
    """A number of pixels.

    Raises: BadRequest, or TooLarge telling the most.
    """
    if name not in given:
        return None
    number = parameters.integer(given, name, 0, minimum=1, maximum=10**9)
    if number > LARGEST_SIDE:
        raise TooLarge(f"{name}: at most {LARGEST_SIDE} pixels, not {number}")
    return number


def view_grid(whole: Grid, view: View) -> Grid | None:
    """The pixels of a view as cells, None when it shows nothing of the whole.

    Raises: BadRequest for what cannot be shown; TooLarge.
    """
    around = whole.in_system(view.system)
    if view.ground.is_all and (view.centre or view.scale):
        box, columns, rows = _about(around, view)
    else:
        asked = box_of(around, view.ground)
        box = around.bounds if asked is None else asked
        if box[0] >= box[2] or box[1] >= box[3]:
            raise BadRequest("bbox: a map needs a width and a height")
        columns, rows = _size(view, box)
    if columns > LARGEST_SIDE or rows > LARGEST_SIDE or columns * rows > MOST_PIXELS:
        raise TooLarge(
            f"{columns} × {rows} pixels: at most {LARGEST_SIDE} along a side, "
            f"{MOST_PIXELS:,} in all"
        )
    grid = grid_over(view.system, box, columns, rows)
    return grid if around.window(box) is not None else None


def _about(around: Grid, view: View) -> tuple[Box, int, int]:
    """Around a place, at a scale: width and height say how much of the ground."""
    west, south, east, north = around.bounds
    x, y = view.centre or ((west + east) / 2, (south + north) / 2)
    across, up = metres(view.system, x, y)
    if view.scale is not None:
        pixel = PIXEL * view.scale
    else:
        pixel = max((east - west) * across, (north - south) * up) / USUAL_SIDE
    columns, rows = view.width or USUAL_SIDE, view.height or USUAL_SIDE
    half = columns * pixel / across / 2, rows * pixel / up / 2
    return (x - half[0], y - half[1], x + half[0], y + half[1]), columns, rows


def _size(view: View, box: Box) -> tuple[int, int]:
    """Pixels that show the ground as wide as it is high, but for what was asked for."""
    across, up = metres(view.system, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    wide, high = (box[2] - box[0]) * across, (box[3] - box[1]) * up
    if view.scale is not None:
        return _pixels(wide / (PIXEL * view.scale)), _pixels(high / (PIXEL * view.scale))
    if view.width is not None and view.height is not None:
        return view.width, view.height
    if view.width is not None:
        return view.width, _pixels(view.width * high / wide)
    if view.height is not None:
        return _pixels(view.height * wide / high), view.height
    pixel = max(wide, high) / USUAL_SIDE
    return _pixels(wide / pixel), _pixels(high / pixel)


def _pixels(number: float) -> int:
    return max(1, round(min(number, 1e9)))


def metres(system: OutputSystem, x: float, y: float) -> tuple[float, float]:
    """Metres on the ground of one unit to the east and to the north of a place.

    Beside the poles, where a degree of longitude is nothing.
    """
    reach = 1.0 if system.is_projected else 1e-5
    if not system.is_projected:
        y = min(max(y, -_NEAR_POLE), _NEAR_POLE)
    elif system.epsg == WEB_MERCATOR:
        y = min(max(y, -_MERCATOR), _MERCATOR)
    points = [(x - reach, y), (x + reach, y), (x, y - reach), (x, y + reach)]
    if not are_alike(system, CRS84):
        moving = pyproj.Transformer.from_crs(raster_crs(system).to_wkt(), 4326, always_xy=True)
        points = [moving.transform(*point) for point in points]
    _, _, wide = _EARTH.inv(*points[0], *points[1])
    _, _, high = _EARTH.inv(*points[2], *points[3])
    if not (math.isfinite(wide) and math.isfinite(high) and wide > 0 and high > 0):
        raise BadRequest("a map has no scale there")
    return wide / (2 * reach), high / (2 * reach)


def beyond_the_world(grid: Grid) -> Mask:
    """Which pixels (row, column) lie where the system has no places."""
    if not grid.system.is_projected:
        west, south, east, north = _WORLD
    elif grid.system.epsg == WEB_MERCATOR:
        west, south, east, north = -_MERCATOR, -_MERCATOR, _MERCATOR, _MERCATOR
    else:
        return np.zeros((grid.rows, grid.columns), dtype=bool)
    x = grid.west + grid.cell_width * (np.arange(grid.columns) + 0.5)
    y = grid.north - grid.cell_height * (np.arange(grid.rows) + 0.5)
    outside = ((x < west) | (x > east))[None, :] | ((y < south) | (y > north))[:, None]
    return np.asarray(outside)


def place_of(
    given: Mapping[str, str], system: OutputSystem, target: OutputSystem
) -> tuple[float, float]:
    """The two numbers of `center`, brought to the system of the map.

    Raises: BadRequest.
    """
    parts = given["center"].split(",")
    if len(parts) != 2:
        raise BadRequest("center: two numbers expected, in the order of the system's axes")
    first, second = (parameters.number({"center": part}, "center") for part in parts)
    x, y = (second, first) if system.is_north_first else (first, second)
    west, south, _, _ = moved((x, y, x, y), system, target)
    return west, south
