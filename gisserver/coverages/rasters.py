"""Values on a grid, and the same values on another grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gisserver.coverages.grids import Grid, raster_crs

Values: TypeAlias = NDArray[np.float32]
Mask: TypeAlias = NDArray[np.bool_]

# From here on a cell stands for several, whose mean it has.
_COARSER = 1.5


@dataclass(frozen=True)
class Raster:
    """Values by band, row and column; NaN where there is none."""

    grid: Grid
    values: Values


def resampled(raster: Raster, grid: Grid, step: float, *, is_continuous: bool) -> Raster:
    """The values on another grid, whose cells are as wide as `step` of the raster's.

    Cells that stand for several have their mean; others a value between their neighbours where
    what is measured is continuous, else that of the cell in which their middle lies. Voids count
    for nothing.
    """
    from rasterio.warp import Resampling, reproject  # large, and needed by few requests

    finer = Resampling.bilinear if is_continuous else Resampling.nearest
    is_coarser = step > _COARSER
    values = np.full((len(raster.values), grid.rows, grid.columns), np.nan, dtype=np.float32)
    reproject(
        raster.values,
        values,
        src_transform=raster.grid.transform,
        src_crs=raster_crs(raster.grid.system),
        src_nodata=np.nan,
        dst_transform=grid.transform,
        dst_crs=raster_crs(grid.system),
        dst_nodata=np.nan,
        resampling=Resampling.average if is_coarser else finer,
        # Exact at every cell: the usual eighth of a cell is seen on slopes.
        tolerance=0,
        # Else cells a little coarser are blurred, so that a plane is none any more.
        **({} if is_coarser else {"XSCALE": 1, "YSCALE": 1}),
    )
    return Raster(grid, values)
