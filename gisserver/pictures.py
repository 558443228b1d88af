"""Photos as they come from phones, made ready to be kept: upright, not too large, no metadata.

What is kept is encoded anew from the pixels, so neither place nor device of the sender goes along,
nor anything else hidden in the file.
"""

from __future__ import annotations

import warnings
from hashlib import sha256

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import DatasetReader, MemoryFile

from layers.core.picture import Picture

Pixels = NDArray[np.uint8]

LARGEST_FILE = 12 * 1024 * 1024
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1600
THUMBNAIL_SIDE = 320
QUALITY = 82

ALLOWED = ("JPEG", "PNG", "WebP")
# A damaged JPEG is an error, not a half-grey picture; no files beside, no others looked at.
_GDAL = {"GDAL_ERROR_ON_LIBJPEG_WARNING": True, "GDAL_PAM_ENABLED": False}
# EXIF orientation: turns by 90° anticlockwise, then whether left and right change places.
_ORIENTATIONS = {
    "2": (0, True),
    "3": (2, False),
    "4": (2, True),
    "5": (3, True),
    "6": (3, False),
    "7": (1, True),
    "8": (1, False),
}


def prepare_picture(data: bytes) -> Picture:
    """A JPEG of at most 1,600 pixels a side and its thumbnail, from a JPEG, PNG or WebP file.

    Raises: ValueError saying why the file cannot be kept.
    """
    if len(data) > LARGEST_FILE:
        raise ValueError(f"{len(data) / 2**20:.1f} MB; at most {LARGEST_FILE >> 20} MB")
    driver = _driver_of(data)
    try:
        with warnings.catch_warnings(), rasterio.Env(**_GDAL):
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with MemoryFile(data) as file, file.open(driver=driver) as opened:
                pixels = _read(opened)
            image = _encode(pixels)
            small = _encode(_shrunk(pixels, THUMBNAIL_SIDE))
    except RasterioError as error:
        raise ValueError("the picture is damaged") from error
    _, height, width = pixels.shape
    return Picture(image, small, width, height, sha256(image).hexdigest())


def _driver_of(data: bytes) -> str:
    """The driver for the file's own signature, whatever its name says."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    raise ValueError(f"no picture of a kind that is kept ({', '.join(ALLOWED)})")


def _read(opened: DatasetReader) -> Pixels:
    """Red, green and blue, upright, no longer than allowed."""
    if opened.width * opened.height > MOST_PIXELS:
        raise ValueError(
            f"{opened.width} × {opened.height} pixels; at most {MOST_PIXELS // 1_000_000} million"
        )
    is_palette = opened.colorinterp[0] == ColorInterp.palette
    shrink = min(1.0, LONGEST_SIDE / max(opened.width, opened.height))
    size = (max(1, round(opened.height * shrink)), max(1, round(opened.width * shrink)))
    bands = opened.read(
        out_shape=(opened.count, *size),
        resampling=Resampling.nearest if is_palette else Resampling.average,
    )
    if is_palette:
        colors = opened.colormap(1)
        table = np.array([colors.get(i, (0, 0, 0, 255)) for i in range(256)], dtype=np.uint8)
        bands = np.moveaxis(table[bands[0]], -1, 0)
    if bands.dtype != np.uint8:
        bands = (bands >> 8).astype(np.uint8)
    turns, is_mirrored = _ORIENTATIONS.get(opened.tags().get("EXIF_Orientation", ""), (0, False))
    upright = np.rot90(_on_white(bands), turns, axes=(1, 2))
    return np.ascontiguousarray(upright[:, :, ::-1] if is_mirrored else upright)


def _on_white(bands: Pixels) -> Pixels:
    """Three bands: grey repeated, what is transparent shown on white."""
    color = bands[:3] if len(bands) >= 3 else np.repeat(bands[:1], 3, axis=0)
    if len(bands) not in (2, 4):
        return color
    alpha = bands[-1].astype(np.uint16)
    mixed: Pixels = ((color * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)
    return mixed


def _shrunk(pixels: Pixels, longest: int) -> Pixels:
    """The picture with every so many pixels averaged into one."""
    step = -(-max(pixels.shape[1:]) // longest)
    height, width = (max(step, side - side % step) for side in pixels.shape[1:])
    padded = np.pad(
        pixels,
        ((0, 0), *((0, max(0, step - side)) for side in pixels.shape[1:])),
        mode="edge",
    )[:, :height, :width]
    blocks = padded.reshape(3, height // step, step, width // step, step)
    small: Pixels = blocks.mean(axis=(2, 4)).astype(np.uint8)
    return small


def _encode(pixels: Pixels) -> bytes:
    _, height, width = pixels.shape
    with MemoryFile() as file:
        with file.open(
            driver="JPEG", width=width, height=height, count=3, dtype="uint8", quality=QUALITY
        ) as made:
            made.write(pixels)
        return bytes(file.read())
