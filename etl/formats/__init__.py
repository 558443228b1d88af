"""File formats that can be loaded, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from etl.formats import gpx, osm, region_codes, table, vector
from etl.raw import Dataset, ReadOptions, UnreadableFile


@dataclass(frozen=True, slots=True)
class Format:
    """One file format: `suffixes` are for messages, `recognises` decides, `read` opens."""

    name: str
    suffixes: tuple[str, ...]
    recognises: Callable[[Path], bool]
    read: Callable[[Path, ReadOptions], tuple[Dataset, ...]]


FORMATS = (
    Format("osm", (".osm", ".osm.pbf", ".osm.gz", ".osm.bz2"), osm.recognises, osm.read),
    Format(
        "vector", (".gpkg", ".geojson", ".json", ".shp", ".fgb"), vector.recognises, vector.read
    ),
    Format("gpx", (".gpx",), gpx.recognises, gpx.read),
    Format("region_codes", (), region_codes.recognises, region_codes.read),
    Format("table", (".csv", ".tsv", ".xlsx"), table.recognises, table.read),
)


def open_file(path: Path, options: ReadOptions) -> tuple[Dataset, ...]:
    """The datasets of a file, opened by the first format that recognises it.

    Raises UnreadableFile when the file is absent, empty, of no known format, or broken.
    """
    if not path.is_file():
        raise UnreadableFile(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise UnreadableFile(f"{path.name}: the file is empty")
    for known in FORMATS:
        if known.recognises(path):
            datasets = known.read(path, options)
            if not datasets:
                raise UnreadableFile(f"{path.name}: there is no table in it")
            return datasets
    allowed = ", ".join(suffix for known in FORMATS for suffix in known.suffixes)
    raise UnreadableFile(f"{path.name}: format not known; allowed: {allowed}")
