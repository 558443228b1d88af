"""Photos for tests: real files, made pixel by pixel."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile


def flat_photo(shade: int, driver: str = "JPEG") -> bytes:
    """A small picture of one grey shade, 0 to 255."""
    with warnings.catch_warnings(), MemoryFile() as file:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with file.open(driver=driver, width=64, height=48, count=3, dtype="uint8") as made:
            made.write(np.full((3, 48, 64), shade, dtype=np.uint8))
        return bytes(file.read())


def phone_photo(path: Path, darkest: int = 40) -> Path:
    """A photo as a phone takes it, larger than it is sent: grey from `darkest` to light."""
    profile = {"driver": "JPEG", "width": 3000, "height": 2250, "count": 3, "dtype": "uint8"}
    shades = np.linspace(darkest, 220, 3000, dtype=np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path, "w", **profile) as file:
            file.write(np.broadcast_to(shades, (3, 2250, 3000)))
    return path
