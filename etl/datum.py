"""Which reference system a dataset's coordinates are in, when the file does not say or lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from etl.raw import Dataset, UnreadableFile
from layers.core.crs import GCJ02, WGS84, ReferenceSystem, reference_system

# The administrative GeoJSON of AliYun DataV is in GCJ-02 and does not say so.
_DATAV = ({"adcode", "acroutes"}, {"adcode", "centroid", "center", "level"})
_SHIFT_METRES = 100.0
_CLEARLY_NEARER = 0.4
_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Datum:
    """A reference system and the sentence that says why it was chosen, if that needs saying."""

    crs: ReferenceSystem
    note: str = ""


def datum_of(dataset: Dataset, asked: str, sample: Sequence[BaseGeometry]) -> Datum:
    """The reference system of a dataset: the one asked for, recognised, declared or WGS 84.

    `sample` are some of its geometries; without any declaration they must look like degrees.
    Raises UnknownReferenceSystem for a name not known, UnreadableFile when coordinates in metres
    come without a reference system.
    """
    if asked.lower() != "auto":
        return Datum(reference_system(asked))
    columns = {name.lower() for name in dataset.fields}
    if any(signs <= columns for signs in _DATAV):
        return Datum(
            GCJ02,
            "识别为 GCJ-02（DataV 行政区划），已转换；若不是请加 --crs wgs84 / "
            "recognised as GCJ-02 (DataV administrative GeoJSON) and converted; "
            "if it is not, pass --crs wgs84",
        )
    if dataset.crs is not None:
        return Datum(reference_system(dataset.crs))
    if not sample or _looks_like_degrees(sample):
        return Datum(WGS84)
    raise UnreadableFile(
        f"{dataset.name}: coordinates are not degrees and the file names no reference system; "
        "name it with --crs EPSG:n (for example --crs EPSG:4547)"
    )


def shifted_against(
    given: Mapping[str, BaseGeometry], known: Mapping[str, tuple[float, float]]
) -> str:
    """Why polygons said to be WGS 84 are GCJ-02: the same areas lie elsewhere in the database.

    `given` are polygons by area code, `known` the centroids (longitude, latitude) of the areas
    loaded already. Empty when they agree, or when there is nothing to compare.
    """
    codes = [code for code in given if code in known]
    if not codes:
        return ""
    plain, shifted = [], []
    for code in codes:
        place = known[code]
        plain.append(_distance(given[code], place))
        shifted.append(_distance(GCJ02.geometry_to_wgs84(given[code]), place))
    before, after = median(plain), median(shifted)
    if before < _SHIFT_METRES or after > _CLEARLY_NEARER * before:
        return ""
    return (
        f"与已载入的同名区划相差 {before:.0f} 米，按 GCJ-02 仅差 {after:.0f} 米，已转换 / "
        f"{before:.0f} m from the areas loaded already, {after:.0f} m if read as GCJ-02: "
        "converted; if that is wrong, pass --crs wgs84"
    )


def _looks_like_degrees(sample: Sequence[BaseGeometry]) -> bool:
    bounds = shapely.bounds(np.array(sample, dtype=object))
    return bool(np.nanmedian(np.abs(bounds)) <= 180)


def _distance(geometry: BaseGeometry, place: tuple[float, float]) -> float:
    centre = geometry.centroid
    east = (centre.x - place[0]) * np.cos(np.radians(place[1]))
    return float(np.hypot(east, centre.y - place[1]) * _METRES_PER_DEGREE)
