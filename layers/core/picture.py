"""A photo ready to be kept beside what it proves."""

from dataclasses import dataclass
from typing import Final

MOST_PHOTOS: Final = 9
"""How many come with one report, step or inspection."""


@dataclass(frozen=True)
class Picture:
    """JPEG bytes without metadata, size in pixels, SHA-256 in hex."""

    image: bytes
    thumbnail: bytes
    width: int
    height: int
    sha256: str
