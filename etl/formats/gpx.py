"""Tracks of GPX files, 1.0 and 1.1, point by point."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw
import shapely

from etl.raw import Dataset, RawTable, ReadOptions, UnreadableFile

FIELDS = ("track", "time", "speed", "course")
METRE_A_SECOND = 3.6
"""km/h."""


def recognises(path: Path) -> bool:
    """True for the suffix .gpx."""
    return path.suffix.lower() == ".gpx"


def read(path: Path, _options: ReadOptions) -> tuple[Dataset, ...]:
    """The track points as one dataset; `track` is the name of the track each belongs to.

    Times are UTC as the format has it; `speed` is km/h, None where the file tells none.
    Raises UnreadableFile for a file that is no GPX or has no track points.
    """
    table = _points(path)
    return (
        Dataset(
            name=path.stem,
            format="gpx",
            fields=FIELDS,
            features=table.features,
            crs="EPSG:4326",
            count=len(table.geometries),
            tables=lambda wanted: _only(table, wanted),
        ),
    )


def _only(table: RawTable, wanted: Collection[str] | None) -> Iterator[RawTable]:
    kept = {
        name: values for name, values in table.columns.items() if wanted is None or name in wanted
    }
    yield RawTable(table.first, kept, table.geometries, table.notes)


def _points(path: Path) -> RawTable:
    try:
        names = _read(path, "tracks")
        points = _read(path, "track_points")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        reason = " ".join(str(error).split())[:160]
        raise UnreadableFile(f"{path.name}: not readable as GPX ({reason})") from error
    count = len(points["geometry"])
    if not count:
        raise UnreadableFile(f"{path.name}: there are no track points (trkpt) in it")
    track = dict(zip(names["fid"], names["name"], strict=True))
    speed = points.get("speed")
    return RawTable(
        1,
        {
            "track": [track.get(each) for each in points["track_fid"]],
            "time": [_moment(each) for each in points["time"]],
            "speed": [None] * count if speed is None else [_known(each) for each in speed],
            "course": list(points.get("course", [None] * count)),
        },
        list(shapely.from_wkb(points["geometry"])),
        {},
    )


def _read(path: Path, layer: str) -> dict[str, Any]:
    meta, fids, geometries, columns = pyogrio.raw.read(
        path, layer=layer, force_2d=True, return_fids=True
    )
    named = dict(zip(map(str, meta["fields"]), columns, strict=True))
    return {**named, "fid": fids.tolist(), "geometry": geometries}


def _moment(value: np.datetime64) -> str | None:
    return None if np.isnat(value) else f"{value}Z"


def _known(metres_a_second: Any) -> float | None:
    value = float(metres_a_second)
    return None if np.isnan(value) else value * METRE_A_SECOND
