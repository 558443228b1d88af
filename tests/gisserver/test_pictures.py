"""Photos made ready to be kept: kinds, orientation, size, nothing hidden, clear refusals."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from rasterio.io import MemoryFile

from gisserver.pictures import LARGEST_FILE, LONGEST_SIDE, THUMBNAIL_SIDE, prepare_picture

pytestmark = pytest.mark.filterwarnings("ignore:Dataset has no geotransform")


def encoded(pixels: Any, driver: str, **words: Any) -> bytes:
    """A picture file of bands, height, width."""
    count, height, width = pixels.shape
    with MemoryFile() as file:
        with file.open(
            driver=driver, width=width, height=height, count=count, dtype=pixels.dtype, **words
        ) as made:
            made.write(pixels)
        return bytes(file.read())


def decoded(data: bytes) -> Any:
    with MemoryFile(data) as file, file.open(driver="JPEG") as opened:
        return opened.read().astype(int)


def corner(height: int = 60, width: int = 100) -> Any:
    """White with a red upper left quarter."""
    pixels = np.full((3, height, width), 255, dtype=np.uint8)
    pixels[1:, : height // 2, : width // 2] = 0
    return pixels


def with_exif(jpeg: bytes, orientation: int) -> bytes:
    """The JPEG with an EXIF block: orientation, and a place in the GPS directory."""
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    maker = b"Secret Maker\0"
    make = struct.pack("<HHII", 0x010F, 2, len(maker), 8 + 2 + 2 * 12 + 4)
    tiff = b"II*\0" + struct.pack("<IH", 8, 2) + make + entry + struct.pack("<I", 0) + maker
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize("driver", ["JPEG", "PNG", "WEBP"])
def test_every_kind_becomes_a_jpeg(driver: str) -> None:
    picture = prepare_picture(encoded(corner(), driver))
    assert picture.image.startswith(b"\xff\xd8\xff")
    assert (picture.width, picture.height) == (100, 60)
    pixels = decoded(picture.image)
    assert pixels[:, 5, 5] == pytest.approx([255, 0, 0], abs=12)
    assert pixels[:, 50, 90] == pytest.approx([255, 255, 255], abs=12)


@pytest.mark.parametrize(
    ("orientation", "place"),
    # Where the red corner is once the picture stands upright: row, column.
    [
        (1, ("top", "left")),
        (2, ("top", "right")),
        (3, ("bottom", "right")),
        (4, ("bottom", "left")),
        (5, ("top", "left")),
        (6, ("top", "right")),
        (7, ("bottom", "right")),
        (8, ("bottom", "left")),
    ],
)
def test_a_photo_taken_sideways_stands_upright(orientation: int, place: tuple[str, str]) -> None:
    picture = prepare_picture(with_exif(encoded(corner(), "JPEG"), orientation))
    assert (picture.width, picture.height) == ((100, 60) if orientation < 5 else (60, 100))
    pixels = decoded(picture.image)
    row = 4 if place[0] == "top" else -4
    column = 4 if place[1] == "left" else -4
    assert pixels[:, row, column] == pytest.approx([255, 0, 0], abs=12)


def test_nothing_of_the_sender_goes_along() -> None:
    sent = with_exif(encoded(corner(), "JPEG"), 6)
    assert b"Secret Maker" in sent
    picture = prepare_picture(sent)
    for kept in (picture.image, picture.thumbnail):
        assert b"Secret" not in kept
        assert b"Exif" not in kept


def test_large_photos_are_made_smaller() -> None:
    chance = np.random.default_rng(1)
    pixels = chance.integers(0, 255, (3, 1200, 2400), dtype=np.uint8)
    picture = prepare_picture(encoded(pixels, "JPEG"))
    assert (picture.width, picture.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)
    assert max(decoded(picture.thumbnail).shape[1:]) <= THUMBNAIL_SIDE


def test_what_is_transparent_is_white_and_deep_colours_are_kept() -> None:
    clear = np.zeros((4, 20, 20), dtype=np.uint8)
    clear[0], clear[3, :, 10:] = 200, 255
    pixels = decoded(prepare_picture(encoded(clear, "PNG")).image)
    assert pixels[:, 10, 2] == pytest.approx([255, 255, 255], abs=12)
    assert pixels[:, 10, 17] == pytest.approx([200, 0, 0], abs=12)
    deep = np.full((1, 20, 20), 40000, dtype=np.uint16)
    assert decoded(prepare_picture(encoded(deep, "PNG")).image)[:, 5, 5] == pytest.approx(
        [156, 156, 156], abs=6
    )


def test_a_palette_is_looked_up() -> None:
    index = np.zeros((1, 20, 20), dtype=np.uint8)
    index[0, :, 10:] = 1
    with MemoryFile() as file:
        with file.open(driver="PNG", width=20, height=20, count=1, dtype="uint8") as made:
            made.write(index)
            made.write_colormap(1, {0: (0, 0, 255, 255), 1: (0, 255, 0, 255)})
        data = bytes(file.read())
    pixels = decoded(prepare_picture(data).image)
    assert pixels[2, 10, 2] > 200
    assert pixels[1, 10, 17] > 200


@settings(max_examples=40)
@given(height=some.integers(1, 400), width=some.integers(1, 400))
def test_every_size_has_a_thumbnail(height: int, width: int) -> None:
    pixels = np.full((3, height, width), 90, dtype=np.uint8)
    picture = prepare_picture(encoded(pixels, "PNG"))
    small = decoded(picture.thumbnail)
    assert max(small.shape[1:]) <= THUMBNAIL_SIDE
    assert small.mean() == pytest.approx(90, abs=4)


def test_what_cannot_be_kept_is_refused() -> None:
    jpeg = encoded(np.random.default_rng(2).integers(0, 255, (3, 200, 200), dtype=np.uint8), "JPEG")
    for data, reason in (
        (b"", "no picture"),
        (b"GIF89a" + bytes(100), "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        (jpeg[: len(jpeg) // 2], "damaged"),
        (jpeg[:30], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "damaged"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "damaged"),
        (b"\xff\xd8\xff" + bytes(LARGEST_FILE), "MB; at most 12 MB"),
    ):
        with pytest.raises(ValueError, match=reason):
            prepare_picture(data)


def test_a_picture_of_too_many_pixels_is_not_unpacked() -> None:
    wide = encoded(np.zeros((1, 7100, 7100), dtype=np.uint8), "PNG")
    assert len(wide) < 100_000
    with pytest.raises(ValueError, match="at most 50 million"):
        prepare_picture(wide)
