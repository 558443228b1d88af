"""`/tiles/{layer[,layer…]}/{z}/{x}/{y}`: Mapbox vector tiles within the reader's scope."""

from __future__ import annotations

from flask import Blueprint, Response, request

from gisserver.context import current_reader
from gisserver.errors import BadRequest
from gisserver.parameters import take_parameters
from gisserver.tiles.answer import tile_answer
from gisserver.tiles.maker import TileRequest
from layers.catalogue import LAYERS
from layers.core.errors import NotFound
from layers.core.layer import Layer
from layers.core.scope import Reader
from layers.core.tiles import Tile

blueprint = Blueprint("tiles", __name__)

MOST_LAYERS = 12

_DRAWN = {layer.name: layer for layer in LAYERS if layer.geometry_kind is not None}


@blueprint.get("/tiles/<names>/<z>/<x>/<y>")
def tile(names: str, z: str, x: str, y: str) -> Response:
    """One tile: 200 with gzipped bytes, 304 when the browser's still holds, 204 when empty."""
    take_parameters(request)
    reader = current_reader()
    return tile_answer(TileRequest(drawn_layers(names, reader), _tile(z, x, y), reader))


def drawn_layers(names: str, reader: Reader) -> tuple[Layer, ...]:
    """The layers named, with commas between, in that order.

    Raises: NotFound naming those that are not there or that the reader may not see.
    """
    asked = tuple(dict.fromkeys(names.split(",")))
    readable = {
        name: layer
        for name, layer in _DRAWN.items()
        if reader.areas_to_read(layer) and name in asked
    }
    missing = [name for name in asked if name not in readable]
    if missing:
        shown = ", ".join(name[:60] for name in missing[:MOST_LAYERS])
        raise NotFound(f"no tiles of: {shown}")
    return tuple(readable[name] for name in asked)


def _tile(z: str, x: str, y: str) -> Tile:
    texts = (z, x, y)
    if not all(text.isascii() and text.isdigit() and len(text) <= 8 for text in texts):
        raise BadRequest("tiles are asked for as /tiles/layer/z/x/y with whole numbers")
    try:
        return Tile(int(z), int(x), int(y))
    except ValueError as error:
        raise BadRequest(str(error)) from error
