"""Coordinates of a body in the reference system that its `Content-Crs` names, brought to CRS84."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pyproj
from flask import request

from gisserver.ogc.reference_systems import system_written
from layers.core.errors import Fault, Invalid


def body_in_crs84(geometry: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """A GeoJSON geometry of the body in CRS84, axes in the order of its own system.

    Raises: BadRequest for a system that is not known; Invalid when the coordinates are none of it.
    """
    code = system_written("Content-Crs", request.headers.get("Content-Crs")).epsg
    if geometry is None or code is None:
        return geometry
    try:
        places = _moved(geometry.get("coordinates"), _transformer(code))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        reason = f"no coordinates of EPSG:{code}: {error}"
        raise Invalid([Fault("geometry", reason)]) from error
    return {"type": geometry.get("type"), "coordinates": places}


@lru_cache(maxsize=8)
def _transformer(code: int) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(f"EPSG:{code}", "OGC:CRS84", always_xy=False)


def _moved(places: Any, transformer: pyproj.Transformer) -> Any:
    if not isinstance(places, list):
        raise TypeError("a list of numbers expected")
    if places and not isinstance(places[0], list):
        longitude, latitude = transformer.transform(float(places[0]), float(places[1]))
        if not (math.isfinite(longitude) and math.isfinite(latitude)):
            raise ValueError(f"{places[:2]} lies outside")
        # A height is kept, so that whoever does not take heights can say so.
        return [longitude, latitude, *places[2:]]
    return [_moved(each, transformer) for each in places]
