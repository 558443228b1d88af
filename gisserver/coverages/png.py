"""PNG: numbers as 16-bit greys with their scale, and pictures in colour."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gisserver.coverages.rasters import Values

MEDIA_TYPE = "image/png"
Picture: TypeAlias = NDArray[np.uint8]
"""Red, green, blue and opacity by channel, row and column."""
_LARGEST = 65_535


@dataclass(frozen=True)
class Greys:
    """A PNG of one channel: a value times `scale` plus `offset` is the number in it, 0 a void."""

    content: bytes
    scale: float
    offset: float


def grey_png(values: Values) -> Greys:
    """One band as whole numbers from 1 to 65,535, as fine as its range allows."""
    measured = values[np.isfinite(values)].astype(np.float64)
    low, high = (float(measured.min()), float(measured.max())) if measured.size else (0.0, 0.0)
    scale = (_LARGEST - 1) / (high - low) if high > low else 1.0
    offset = 1 - low * scale
    numbers = np.where(np.isfinite(values), values.astype(np.float64) * scale + offset, 0)
    greys = np.clip(np.rint(numbers), 0, _LARGEST).astype(np.uint16)
    return Greys(_png(greys[None], nodata=0), scale, offset)


def picture_png(picture: Picture) -> bytes:
    """A picture with opacity."""
    return _png(picture)


def _png(channels: NDArray[np.uint16] | Picture, nodata: int | None = None) -> bytes:
    # Large, and needed by few requests.
    from rasterio.errors import NotGeoreferencedWarning
    from rasterio.io import MemoryFile

    count, height, width = channels.shape
    with warnings.catch_warnings(), MemoryFile() as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open(
            driver="PNG",
            width=width,
            height=height,
            count=count,
            dtype=channels.dtype,
            nodata=nodata,
            zlevel=6,
        ) as image:
            image.write(channels)
        return bytes(memory.read())
