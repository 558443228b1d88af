"""`bbox` in any reference system offered, across the antimeridian too."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement

from gisserver import parameters
from gisserver.ogc.reference_systems import system_named
from layers.core.features import BoundingBox
from layers.core.filtering.fields import GEOMETRY, filter_condition
from layers.core.layer import Layer


def box_asked(
    layer: Layer, given: Mapping[str, str]
) -> tuple[BoundingBox | None, ColumnElement[bool] | None]:
    """The box as degrees (CRS84), or the condition that stands for it where it is none in degrees.

    The heights of six numbers are left out.

    Raises: BadRequest for a system that is not offered or numbers that make no box; Invalid for a
    box where the system has no places.
    """
    system = system_named(layer, "bbox-crs", given.get("bbox-crs"))
    if "bbox" not in given:
        return None, None
    numbers = parameters.box_numbers(given)
    if system.is_north_first and not system.is_projected:
        south, west, north, east = numbers
        numbers = west, south, east, north
    if not system.is_projected and numbers[0] <= numbers[2]:
        return parameters.degrees_box(numbers), None
    if layer.geometry_kind is None:
        return None, None
    tree = {"op": "s_intersects", "args": [{"property": GEOMETRY}, {"bbox": list(numbers)}]}
    return None, filter_condition(layer, tree, system.epsg if system.is_projected else None)
