"""Boxes as OGC API Processes sends them: corners in a named reference system."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from gisserver.errors import BadRequest
from layers.core.crs import reference_system
from layers.core.output_system import CRS84, SYSTEMS, OutputSystem

_SYSTEMS = {system.uri: system for system in SYSTEMS}
# Edges of a box in a plane are no lines of latitude: this many corners on each follow them.
_STEPS = 32


def box_in_degrees(given: Mapping[str, Any]) -> list[float]:
    """West, south, east, north in degrees (CRS84) of `{"bbox": […], "crs": …}`.

    Of six numbers the heights are left out. A box in a plane becomes the box around it.

    Raises: BadRequest.
    """
    if not set(given) <= {"bbox", "crs"}:
        raise BadRequest("bbox and crs expected", allowed=("bbox", "crs"))
    system = _SYSTEMS.get(str(given.get("crs", CRS84.uri)))
    if system is None:
        raise BadRequest(f"crs: not {str(given['crs'])[:80]!r}", allowed=_SYSTEMS)
    numbers = given["bbox"]
    if isinstance(numbers, list) and len(numbers) == 6:
        numbers = [numbers[i] for i in (0, 1, 3, 4)]
    if not isinstance(numbers, list) or len(numbers) != 4 or not all(map(_is_number, numbers)):
        raise BadRequest("bbox: four or six numbers, the lower corner first")
    first, second, third, fourth = map(float, numbers)
    if system.is_north_first:
        first, second, third, fourth = second, first, fourth, third
    return _degrees(system, (first, second, third, fourth))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _degrees(system: OutputSystem, box: tuple[float, float, float, float]) -> list[float]:
    west, south, east, north = box
    if west > east or south > north:
        raise BadRequest("bbox: the lower corner comes first")
    if not system.is_projected:
        return list(box)
    outline = shapely.segmentize(shapely.box(*box), max(east - west, north - south) / _STEPS or 1)
    degrees = reference_system(f"EPSG:{system.epsg}").geometry_to_wgs84(outline)
    bounds = [float(each) for each in degrees.bounds]
    if not np.isfinite(bounds).all():
        raise BadRequest("bbox: lies where the reference system has no places")
    return bounds
