"""Checks and repairs of geometries, vectorised over a batch of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from etl.reasons import REASONS, Outcome
from layers.core.crs import BD09, GCJ02, ReferenceSystem
from layers.core.layer import Layer

_SHIFTED_NOTES = {GCJ02: "gcj02", BD09: "bd09"}
_PARTS = {"MultiPolygon": 3, "MultiLineString": 1, "Point": 0}
_POLYGONS, _LINES, _POINTS = {3, 6}, {1, 2, 5}, {0, 4}
_FAMILIES = {"MultiPolygon": _POLYGONS, "MultiLineString": _LINES, "Point": _POINTS}
_COLLECTION = 7


Reasons = dict[int, list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class CheckedGeometries:
    """Geometries in WGS 84 and of the layer's type (None when there is none), with reasons.

    `reasons` are (reason, detail) pairs by position; what is sound has none.
    """

    geometries: NDArray[Any]
    reasons: Reasons


class GeometryCheck:
    """Brings geometries of one reference system into the form a layer stores."""

    def __init__(self, layer: Layer, crs: ReferenceSystem) -> None:
        self._kind = layer.geometry_kind
        self._required = self._kind is not None and not layer.table.columns["geom"].nullable
        self._crs = crs
        self._geographic = crs.is_wgs84 or crs in _SHIFTED_NOTES or crs.name == "EPSG:4490"

    def check(
        self, geometries: Sequence[Any], notes: Mapping[int, Sequence[str]]
    ) -> CheckedGeometries:
        """The geometries as they may be stored; `notes` are the reader's by position."""
        reasons: Reasons = defaultdict(list)
        for at, told in notes.items():
            known = [(note, "") for note in told if note in REASONS and self._matters(note)]
            if known:
                reasons[at] += known
        if self._kind is None:
            return CheckedGeometries(np.full(len(geometries), None, dtype=object), reasons)
        batch = object_array(geometries)
        self._judge_missing(batch, reasons)
        self._judge_coordinates(batch, reasons)
        self._judge_type(batch, reasons)
        self._repair(batch, reasons)
        return CheckedGeometries(batch, reasons)

    def _matters(self, note: str) -> bool:
        """A missing coordinate is no fault where the layer allows rows without geometry."""
        if self._kind is None:
            return note == "bad_reference"
        return self._required or note != "no_coordinates"

    def _judge_missing(self, batch: NDArray[Any], reasons: Reasons) -> None:
        absent = shapely.is_missing(batch) | shapely.is_empty(batch)
        for at in _places(absent):
            had_one = batch[at] is not None
            batch[at] = None
            told = reasons.get(at, ())
            explained = any(REASONS[r].outcome is Outcome.REJECTED for r, _ in told)
            if self._required and not explained:
                reasons[at].append(("empty_geometry" if had_one else "no_coordinates", ""))

    def _judge_coordinates(self, batch: NDArray[Any], reasons: Reasons) -> None:
        bounds = shapely.bounds(batch)
        if self._geographic:
            self._judge_degrees(batch, bounds, reasons)
        if not self._crs.is_wgs84:
            present = np.flatnonzero(~shapely.is_missing(batch))
            if present.size:
                batch[present] = self._crs.geometry_to_wgs84(batch[present])
            note = _SHIFTED_NOTES.get(self._crs)
            if note is not None:
                for at in present.tolist():
                    reasons[at].append((note, ""))
        bounds = shapely.bounds(batch)
        code = "out_of_range" if self._geographic else "outside_crs"
        wrong = ~_in_range(bounds) & ~shapely.is_missing(batch)
        for at in _places(wrong):
            reasons[at].append((code, _box(bounds[at])))
            batch[at] = None

    def _judge_degrees(self, batch: NDArray[Any], bounds: NDArray[Any], reasons: Reasons) -> None:
        points = shapely.get_type_id(batch) == 0
        x, y = bounds[:, 0], bounds[:, 1]
        with np.errstate(invalid="ignore"):
            origin = points & (x == 0) & (y == 0)
            whole = points & ~origin & (x == np.rint(x)) & (y == np.rint(y))
            low = np.abs(bounds[:, [0, 2]]).max(axis=1) <= 90
            high = np.abs(bounds[:, [1, 3]])
            swapped = low & (high.min(axis=1) > 90) & (high.max(axis=1) <= 180)
        for at in _places(swapped):
            batch[at] = shapely.transform(batch[at], lambda xy: xy[:, ::-1])
            reasons[at].append(("swapped_axes", ""))
        for code, mask in (("null_island", origin), ("whole_degrees", whole)):
            for at in _places(mask):
                reasons[at].append((code, _box(bounds[at])))
                batch[at] = None

    def _judge_type(self, batch: NDArray[Any], reasons: Reasons) -> None:
        assert self._kind is not None
        types = shapely.get_type_id(batch)
        wanted = _FAMILIES[self._kind]
        for at in _places((types >= 0) & ~np.isin(types, list(wanted))):
            kind = shapely.get_type_id(batch[at])
            if self._kind == "Point":
                batch[at] = shapely.point_on_surface(batch[at])
                reasons[at].append(("point_of_shape", ""))
            elif kind == _COLLECTION and _only(batch[at], wanted) is not None:
                batch[at] = _only(batch[at], wanted)
            else:
                reasons[at].append(("wrong_geometry", batch[at].geom_type))
                batch[at] = None
        for at in _places(types == 4):
            if batch[at] is not None:
                batch[at] = shapely.point_on_surface(batch[at])
                reasons[at].append(("point_of_shape", ""))

    def _repair(self, batch: NDArray[Any], reasons: Reasons) -> None:
        assert self._kind is not None
        if self._kind == "Point":
            return
        present = ~shapely.is_missing(batch)
        if self._kind == "MultiPolygon":
            for at in _places(present & ~shapely.is_valid(batch)):
                self._repair_surface(batch, at, reasons[at])
            size = shapely.area(batch)
        else:
            size = shapely.length(batch)
        for at in _places(~shapely.is_missing(batch) & ~(size > 0)):
            reasons[at].append(("invalid_geometry", "no extent"))
            batch[at] = None
        single = np.flatnonzero(shapely.get_type_id(batch) == _PARTS[self._kind])
        wrap = shapely.multipolygons if self._kind == "MultiPolygon" else shapely.multilinestrings
        if single.size:
            batch[single] = wrap(batch[single], indices=np.arange(single.size))

    def _repair_surface(self, batch: NDArray[Any], at: int, reasons: list[tuple[str, str]]) -> None:
        detail = str(shapely.is_valid_reason(batch[at]))
        fixed = shapely.make_valid(batch[at], method="structure", keep_collapsed=False)
        surface = _only(fixed, _POLYGONS)
        if surface is None or surface.is_empty:
            reasons.append(("invalid_geometry", detail))
            batch[at] = None
            return
        batch[at] = surface
        reasons.append(("geometry_repaired", detail))


def object_array(geometries: Sequence[Any]) -> NDArray[Any]:
    """A new array of the geometries, whose single items may be changed."""
    batch = np.full(len(geometries), None, dtype=object)
    batch[:] = geometries
    return batch


def _places(mask: NDArray[np.bool_]) -> list[int]:
    """The positions where the mask holds."""
    return [int(at) for at in np.flatnonzero(mask)]


def _in_range(bounds: NDArray[Any]) -> NDArray[np.bool_]:
    west, south, east, north = bounds.T
    with np.errstate(invalid="ignore"):
        inside = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    return np.asarray(inside & np.isfinite(bounds).all(axis=1), dtype=np.bool_)


def _box(bounds: NDArray[Any]) -> str:
    west, south, east, north = (f"{value:.6f}".rstrip("0").rstrip(".") for value in bounds)
    return f"{west} {south}" if (west, south) == (east, north) else f"{west} {south} {east} {north}"


def _only(geometry: Any, types: set[int]) -> Any:
    """The parts of some types joined into one geometry, None when there are none."""
    parts = [part for part in shapely.get_parts(geometry) if shapely.get_type_id(part) in types]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)
