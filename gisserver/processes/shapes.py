"""Features sent to a process: a geometry, a Feature or a FeatureCollection of GeoJSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from shapely.geometry.base import BaseGeometry

from gisserver.errors import BadRequest
from layers.analysis.place import drawn_shape
from layers.core.errors import Fault, Invalid


class Sent(NamedTuple):
    """One feature as it was sent, with its shape (CRS84, valid, not empty)."""

    feature: Mapping[str, Any]
    shape: BaseGeometry


def shapes_sent(given: Mapping[str, Any], name: str, kinds: Sequence[str]) -> list[Sent]:
    """The features of a GeoJSON object whose geometries are of these kinds.

    Raises: BadRequest naming the first ten that are something else, or shaped so that they cannot
    be used.
    """
    found: list[Sent] = []
    faults: list[Fault] = []
    for at, feature in _features(given, name):
        try:
            geometry = feature.get("geometry")
            if not isinstance(geometry, Mapping) or geometry.get("type") not in kinds:
                raise Invalid([Fault(at, f"a geometry is expected: {' or '.join(kinds)}")])
            found.append(Sent(feature, drawn_shape(geometry)))
        except Invalid as error:
            faults += [Fault(at, each.reason) for each in error.faults]
            if len(faults) >= 10:
                break
    if faults:
        told = "; ".join(f"{fault.field}: {fault.reason}" for fault in faults)
        raise BadRequest(told, faults=faults)
    return found


def _features(given: Mapping[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    kind = given.get("type")
    if kind == "FeatureCollection":
        listed = given.get("features")
        if not isinstance(listed, list):
            raise BadRequest(f"{name}.features: a list is expected")
        for number, each in enumerate(listed):
            at = f"{name}.features.{number}"
            if not isinstance(each, dict):
                raise BadRequest(f"{at}: a Feature is expected")
            yield at, _feature(each)
    elif kind == "Feature":
        yield name, _feature(given)
    else:
        yield name, _feature({"geometry": given})


def _feature(given: Mapping[str, Any]) -> dict[str, Any]:
    """Only what GeoJSON knows: no links of items."""
    properties = given.get("properties")
    kept: dict[str, Any] = {"type": "Feature"}
    if isinstance(given.get("id"), str | int):
        kept["id"] = given["id"]
    kept["geometry"] = given.get("geometry")
    kept["properties"] = dict(properties) if isinstance(properties, Mapping) else {}
    return kept
