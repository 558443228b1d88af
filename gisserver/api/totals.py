"""Totals of an area and of what lies below it, for drilling down from the district to a house."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from gisserver.context import current_reader, reader_connection
from gisserver.counts import rows_by_area
from gisserver.parameters import area_prefix, take_parameters
from layers.catalogue import LAYERS
from layers.core.layer import Layer
from layers.core.scope import Reader
from layers.evaluation.totals import (
    GRID_DIGITS,
    Place,
    find_above,
    find_buildings,
    find_children,
    find_place,
    sums_below,
)

blueprint = Blueprint("totals", __name__, url_prefix="/api")

# What is counted for each place; the basemap and what the places are made of are left out.
COUNTED = (
    "persons",
    "dwellings",
    "buildings",
    "rentals",
    "grids",
    "key_sites",
    "facilities",
    "organisations",
    "cameras",
    "components",
    "incidents",
    "staff",
)


@blueprint.get("/totals")
def totals() -> Response:
    """An area, what lies directly below it, and how much of each layer the reader may see there."""
    code = area_prefix(take_parameters(request, ("area",)))
    reader = current_reader()
    layers = [layer for layer in LAYERS if layer.name in COUNTED and reader.areas_to_read(layer)]
    with reader_connection() as connection:
        place = find_place(connection, reader, code)
        above = find_above(connection, code)
        children = find_children(connection, reader, code)
        buildings = find_buildings(connection, reader, code) if len(code) == GRID_DIGITS else []
    digits = len(children[0].code) if children else len(code)
    sums = {layer.name: _sums(layer, reader, code, digits) for layer in layers}
    return jsonify(
        {
            "area": _place(place, {name: sum(found.values()) for name, found in sums.items()}),
            "above": [each._asdict() for each in above],
            "children": [
                _place(child, {name: found.get(child.code, 0) for name, found in sums.items()})
                for child in children
            ],
            "buildings": [building._asdict() for building in buildings],
        }
    )


def _sums(layer: Layer, reader: Reader, code: str, digits: int) -> dict[str, int]:
    areas = ("",) if layer.scope == "public" else reader.areas_to_read(layer)
    return dict(sums_below(rows_by_area(layer), code, digits, areas))


def _place(place: Place, counts: dict[str, int]) -> dict[str, Any]:
    return place._asdict() | {"counts": counts}
