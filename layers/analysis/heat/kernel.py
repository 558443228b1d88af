"""From counts in cells to a surface: kernel density with a radius in metres on the ground.

The kernel is the quartic (biweight) one, K(u) = 3/π (1 - u²)² for u < 1 (Silverman, Density
Estimation for Statistics and Data Analysis, 1986, equation 4.5; the usual kernel of crime maps):
a place at distance d from the middle of a cell adds 3/(π r²) (1 - d²/r²)² per square metre there,
nothing beyond the radius r. Taken as a share of each place's weight over the cells around and made
to sum to one, it keeps the mass: the surface times the ground below it is the sum of the weights.

A place counts at the middle of its cell. Cells are at most a third of the radius wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from layers.core.cells import Floats, Ints, cell_size

CELLS_PER_RADIUS = 3
# Rows whose cells differ less than this in size share one kernel.
BAND = 0.004
_SAMPLES = 4


@dataclass(frozen=True)
class Grid:
    """A rectangle of cells of one zoom: column and row of its north-west cell, its size."""

    level: int
    column: int
    row: int
    columns: int
    rows: int


def quartic(radius: float, width: float, height: float) -> Floats:
    """Share of a place's weight in each cell around, rows from north; the middle is its own cell.

    `radius`, `width` and `height` in metres. Sums to one.
    """
    return _quartic(round(radius / width, 6), round(radius / height, 6))


@lru_cache(maxsize=256)
def _quartic(reach_x: float, reach_y: float) -> Floats:
    columns, rows = int(np.ceil(reach_x)), int(np.ceil(reach_y))
    inside = (np.arange(_SAMPLES) + 0.5) / _SAMPLES - 0.5
    x = ((np.arange(-columns, columns + 1)[:, None] + inside) / reach_x).ravel()
    y = ((np.arange(-rows, rows + 1)[:, None] + inside) / reach_y).ravel()
    near = np.clip(1 - x[None, :] ** 2 - y[:, None] ** 2, 0, None) ** 2
    kernel: Floats = near.reshape(2 * rows + 1, _SAMPLES, 2 * columns + 1, _SAMPLES).sum((1, 3))
    kernel /= kernel.sum()
    kernel.flags.writeable = False
    return kernel


def grid_around(column: Ints, row: Ints, level: int, radius: float) -> Grid:
    """The rectangle that holds every cell within the radius of cells that hold something."""
    width, height = cell_size(np.array([row.min(), row.max() + 1]), level)
    across, down = int(np.ceil(radius / width.min())), int(np.ceil(radius / height.min()))
    west, north = int(column.min()) - across, int(row.min()) - down
    return Grid(
        level,
        west,
        north,
        int(column.max()) + across + 1 - west,
        int(row.max()) + down + 1 - north,
    )


def smooth(
    grid: Grid, frames: int, frame: Ints, column: Ints, row: Ints, weight: Floats, radius: float
) -> Floats:
    """Weight in each cell of each frame (frame, row, column) after spreading it by the kernel.

    Each (frame, column, row) is given once; `grid` is that of `grid_around`, or larger.
    """
    surface = np.zeros((frames, grid.rows, grid.columns))
    flat = surface.reshape(-1)
    place = (frame * grid.rows + (row - grid.row)) * grid.columns + (column - grid.column)
    band = _bands(row, grid.level)
    for each in np.unique(band):
        chosen = band == each
        _spread(flat, grid, place[chosen], weight[chosen], row[chosen], radius)
    return surface


def _bands(row: Ints, level: int) -> Ints:
    width, _ = cell_size(row + 0.5, level)
    bands: Ints = np.round(np.log(width) / BAND).astype(np.int64)
    return bands


def _spread(
    flat: Floats, grid: Grid, place: Ints, weight: Floats, row: Ints, radius: float
) -> None:
    width, height = cell_size(np.median(row) + 0.5, grid.level)
    kernel = quartic(radius, float(width), float(height))
    middle = (kernel.shape[0] // 2, kernel.shape[1] // 2)
    for i, j in zip(*np.nonzero(kernel), strict=True):
        # No place stands twice in one step, so nothing is lost by adding at once.
        flat[place + ((i - middle[0]) * grid.columns + (j - middle[1]))] += weight * kernel[i, j]


def ground(grid: Grid) -> Floats:
    """Area of a cell of each row, in square kilometres, as a column to divide by."""
    width, height = cell_size(np.arange(grid.row, grid.row + grid.rows) + 0.5, grid.level)
    area: Floats = (width * height / 1e6)[:, None]
    return area
