"""From what is asked to values: the part, the size and the system, read and brought there."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from gisserver.coverages.asked import Ground, Scale, Wanted
from gisserver.coverages.grids import Box, Grid, are_alike, grid_over, moved
from gisserver.coverages.rasters import Raster, resampled
from gisserver.coverages.sources import Source
from gisserver.errors import BadRequest, TooLarge

MOST_VALUES = 4_000_000


def cut(source: Source, wanted: Wanted, most: int = MOST_VALUES) -> Raster | None:
    """The values asked for, None when the part lies outside.

    Raises: BadRequest for a part that cannot be told; TooLarge, telling what is allowed.
    """
    whole = source.grid
    if whole is None:
        return None
    target = target_grid(whole, wanted)
    if target is None:
        return None
    bands = max(1, len(source.frames))
    check_size(target, bands, most)
    return read_on(source, target)


def check_size(grid: Grid, bands: int, most: int) -> None:
    """Raises TooLarge, telling what is allowed, when a grid in so many bands is too large."""
    number = grid.columns * grid.rows * bands
    if number > most:
        factor = math.ceil(math.sqrt(number / most))
        in_bands = f" in {bands} bands" if bands > 1 else ""
        raise TooLarge(
            f"{grid.columns} × {grid.rows} cells{in_bands}: at most {most:,} values in one answer; "
            f"ask for a part (bbox, subset) or coarser cells (scale-factor={factor})"
        )


def target_grid(whole: Grid, wanted: Wanted) -> Grid | None:
    """The cells of the answer, None when the part lies outside of all that there is."""
    grid = whole.in_system(wanted.system)
    box = box_of(grid, wanted.ground)
    window = grid if box is None else grid.window(box)
    if window is None:
        return None
    return _scaled(window, box, wanted.scale, wanted.ground)


def box_of(grid: Grid, ground: Ground) -> Box | None:
    """The part in the system of the grid; of two beside the antimeridian the one that is met.

    None for all of it. Raises: BadRequest when both are.
    """
    if ground.is_all:
        return None
    around = moved(grid.bounds, grid.system, ground.system)
    boxes = [moved(box, ground.system, grid.system) for box in ground.boxes(around)]
    met = [box for box in boxes if grid.window(box) is not None]
    if len(met) > 1:
        raise BadRequest("there is something on both sides of the antimeridian: ask for each")
    return met[0] if met else boxes[0]


def _scaled(window: Grid, box: Box | None, scale: Scale, ground: Ground) -> Grid:
    if scale.factors is not None:
        across, down = (1.0 if each is None else each for each in scale.factors)
        return window.of_size(_count(window.columns / across), _count(window.rows / down))
    if scale.cells is not None:
        # So many cells fill the box that was asked for, also where it reaches beyond.
        west, south, east, north = window.bounds
        if box is not None and not ground.east.is_slice:
            west, east = box[0], box[2]
        if box is not None and not ground.north.is_slice:
            south, north = box[1], box[3]
        if west >= east or south >= north:
            raise BadRequest("bbox: a part without width or height cannot be scaled")
        columns, rows = scale.cells
        kept = window.columns, window.rows
        return grid_over(
            window.system,
            (west, south, east, north),
            kept[0] if columns is None else int(columns),
            kept[1] if rows is None else int(rows),
        )
    if scale.sizes is not None:
        width = window.cell_width if scale.sizes[0] is None else scale.sizes[0]
        height = window.cell_height if scale.sizes[1] is None else scale.sizes[1]
        west, south, east, north = window.bounds
        columns, rows = _up((east - west) / width), _up((north - south) / height)
        return Grid(window.system, west, north, width, height, columns, rows)
    return window


def _count(number: float) -> int:
    return max(1, round(min(number, 1e9)))


def _up(number: float) -> int:
    return max(1, math.ceil(min(number, 1e9) - 1e-6))


def read_on(source: Source, target: Grid) -> Raster:
    """The source's values on any grid; NaN where it has none."""
    whole = source.grid
    if whole is None:
        raise ValueError(f"{source.name} has no grid")
    bounds = moved(target.bounds, target.system, whole.system)
    west, south, east, north = bounds
    step = max(
        (east - west) / target.columns / whole.cell_width,
        (north - south) / target.rows / whole.cell_height,
    )
    rows, columns = whole.spans(bounds)
    if _is_part(whole, target, rows, columns):
        raster = source.read(rows, columns, 1)
        return replace(raster, grid=target)
    # What lies between two cells is made of both, so some beyond the edge are read too.
    beyond = math.ceil(step) + 2
    rows, columns = _grown(rows, beyond, whole.rows), _grown(columns, beyond, whole.columns)
    if not rows or not columns:
        shape = max(1, len(source.frames)), target.rows, target.columns
        return Raster(target, np.full(shape, np.nan, dtype=np.float32))
    raster = source.read(rows, columns, step)
    return resampled(raster, target, step, is_continuous=source.is_continuous)


def _grown(span: range, beyond: int, size: int) -> range:
    if not span:
        return span
    return range(max(span.start - beyond, 0), min(span.stop + beyond, size))


def _is_part(whole: Grid, target: Grid, rows: range, columns: range) -> bool:
    """Whether the target's cells are cells of the whole."""
    if not are_alike(whole.system, target.system):
        return False
    if (len(rows), len(columns)) != (target.rows, target.columns):
        return False
    part = whole.part(rows, columns)
    return (
        abs(part.west - target.west) < 1e-6 * whole.cell_width
        and abs(part.north - target.north) < 1e-6 * whole.cell_height
        and math.isclose(part.cell_width, target.cell_width, rel_tol=1e-9)
        and math.isclose(part.cell_height, target.cell_height, rel_tol=1e-9)
    )
