"""Put the pictures of docs/tour.md in place, from those the browser tests have taken.

    ./wangge test tests/features
    .venv/bin/python tools/tour_images.py [FOLDER]

Which pictures there are is read from the tour itself; FOLDER is ci-output/screenshots unless told.
"""

from __future__ import annotations

import re
import sys
import warnings
from pathlib import Path

import rasterio
from rasterio.errors import NotGeoreferencedWarning

ROOT = Path(__file__).resolve().parent.parent
TOUR = ROOT / "docs" / "tour.md"
LINKED = re.compile(r"\(images/tour/([a-z-]+)\.jpg\)")
QUALITY = 82


def place(taken: Path) -> list[str]:
    """Store each picture of the tour as a JPEG; the names of those not in the folder."""
    folder = TOUR.parent / "images" / "tour"
    folder.mkdir(parents=True, exist_ok=True)
    missing = []
    for name in LINKED.findall(TOUR.read_text(encoding="utf-8")):
        source = taken / f"{name}.png"
        if source.is_file():
            _store(source, folder / f"{name}.jpg")
        else:
            missing.append(name)
    return missing


def _store(source: Path, target: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(source) as picture:
            bands, height, width = picture.read([1, 2, 3]), picture.height, picture.width
        size = {"height": height, "width": width, "count": 3, "dtype": "uint8"}
        with rasterio.open(target, "w", driver="JPEG", quality=QUALITY, **size) as small:
            small.write(bands)


if __name__ == "__main__":
    argument = sys.argv[1] if len(sys.argv) > 1 else ROOT / "ci-output" / "screenshots"
    absent = place(Path(argument))
    if absent:
        sys.exit(f"not taken: {', '.join(absent)}")
