"""Buildings in three dimensions: opened floor by floor, and coloured by what is counted in them."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, request

from gisserver.context import current_reader, one_trip
from gisserver.counts import kept
from gisserver.errors import BadRequest
from gisserver.parameters import take_parameters
from layers.analysis.building_colours import Colouring, colouring_for, count_classes, find_values
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.tiles import Tile
from layers.housing.boxes import find_boxes

blueprint = Blueprint("buildings", __name__, url_prefix="/api/buildings")

# A tile of a lower zoom would hold a whole district's buildings.
LOWEST_ZOOM, HIGHEST_ZOOM = 13, 16


@blueprint.get("/<int:building_id>/boxes")
def boxes(building_id: int) -> Response:
    """A building's floors and the outlines of its rooms, derived from footprint and matrix."""
    take_parameters(request)
    found = find_boxes(one_trip(), current_reader(), building_id)
    return jsonify(found._asdict() | {"boxes": [box._asdict() for box in found.boxes]})


@blueprint.get("/colours/<by>")
def colours(by: str) -> Response:
    """The classes buildings are coloured in, and how many of them fall into each."""
    take_parameters(request)
    reader = current_reader()
    colouring = colouring_for(reader, by)
    counted = kept(
        ("colours", *_key(reader, colouring)),
        colouring.layers,
        lambda: count_classes(one_trip(), reader, colouring),
    )
    classes = [
        {"code": each.code, "from": each.start, "count": each.buildings} for each in counted.classes
    ]
    return jsonify(
        {
            "by": colouring.name,
            "field": colouring.value,
            "classes": classes,
            "without": counted.without,
            "buildings": counted.buildings,
        }
    )


@blueprint.get("/colours/<by>/<int:z>/<int:x>/<int:y>")
def values(by: str, z: int, x: int, y: int) -> Response:
    """The counted value of each building of a tile that has one."""
    take_parameters(request)
    reader = current_reader()
    colouring = colouring_for(reader, by)
    tile = _tile(z, x, y)
    found = kept(
        ("values", *_key(reader, colouring), tile),
        colouring.layers,
        lambda: find_values(one_trip(), reader, colouring, tile),
    )
    return jsonify({"ids": [row[0] for row in found], "values": [row[1] for row in found]})


def _key(reader: Reader, colouring: Colouring) -> tuple[object, ...]:
    """Readers of the same areas share what is counted; a dwelling may end with the day."""
    scopes = reader.scope(Right.BASE_READ), reader.scope(colouring.right)
    return colouring.name, scopes, datetime.now(UTC).date()


def _tile(z: int, x: int, y: int) -> Tile:
    if not LOWEST_ZOOM <= z <= HIGHEST_ZOOM:
        raise BadRequest(f"zoom {LOWEST_ZOOM} to {HIGHEST_ZOOM} expected, not {z}")
    try:
        return Tile(z, x, y)
    except ValueError as error:
        raise BadRequest(str(error)) from error
