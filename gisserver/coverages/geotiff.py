"""Values as a GeoTIFF: bands of 32-bit floats, cells as areas, unit and origin in the tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from affine import Affine

from gisserver.coverages.rasters import Values

if TYPE_CHECKING:
    from rasterio.crs import CRS

MEDIA_TYPE = "image/tiff; application=geotiff"


def geotiff(
    values: Values,
    transform: Affine,
    crs: CRS,
    *,
    nodata: float,
    unit: str,
    tags: Mapping[str, str],
    bands: Sequence[str] = (),
) -> bytes:
    """The file; NaN is written as `nodata`, `bands` describe them in order."""
    from rasterio.io import MemoryFile  # large, and needed by few requests

    count, height, width = values.shape
    profile = {
        "driver": "GTiff",
        "width": width,
        "height": height,
        "count": count,
        "dtype": "float32",
        "crs": crs,
        "transform": transform,
        "nodata": nodata,
        "compress": "deflate",
        "predictor": 3,
    }
    if min(width, height) > 512:
        profile |= {"tiled": True, "blockxsize": 256, "blockysize": 256}
    with MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(np.where(np.isnan(values), np.float32(nodata), values))
            raster.update_tags(**tags)
            raster.units = (unit,) * count
            for band, words in enumerate(bands, 1):
                raster.set_band_description(band, words)
        return bytes(memory.read())
