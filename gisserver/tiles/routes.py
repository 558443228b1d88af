"""`/tiles/{layer[,layer…]}/{z}/{x}/{y}`: Mapbox vector tiles within the reader's scope."""

from __future__ import annotations

import gzip

from flask import Blueprint, Response, request

from gisserver.context import current_reader, services
from gisserver.errors import BadRequest
from gisserver.parameters import take_parameters
from gisserver.tiles.maker import TileRequest
from layers.catalogue import LAYERS
from layers.core.errors import NotFound
from layers.core.layer import Layer
from layers.core.scope import Reader
from layers.core.tiles import Tile

blueprint = Blueprint("tiles", __name__)

MIME_TYPE = "application/vnd.mapbox-vector-tile"
MOST_LAYERS = 12
# The browser keeps a tile but asks each time whether it still holds, which costs no database.
CACHE_CONTROL = "private, no-cache"

_DRAWN = {layer.name: layer for layer in LAYERS if layer.geometry_kind is not None}


@blueprint.get("/tiles/<names>/<z>/<x>/<y>")
def tile(names: str, z: str, x: str, y: str) -> Response:
    """One tile: 200 with gzipped bytes, 304 when the browser's still holds, 204 when empty."""
    take_parameters(request)
    reader = current_reader()
    asked = TileRequest(_layers(names, reader), _tile(z, x, y), reader)
    maker = services().tiles
    state = maker.state(asked)
    etag = maker.etag(asked, state)
    known = request.if_none_match
    if known.contains_weak(etag) or known.contains_weak(_gz(etag)):
        return _answer(b"", 304, etag)
    body = maker.packed(asked, state)
    if not body:
        return _answer(b"", 204, etag)
    if not request.accept_encodings.quality("gzip"):
        return _answer(gzip.decompress(body), 200, etag)
    response = _answer(body, 200, _gz(etag))
    response.headers["Content-Encoding"] = "gzip"
    return response


def _answer(body: bytes, status: int, etag: str) -> Response:
    response = Response(body, status=status, mimetype=MIME_TYPE)
    response.set_etag(etag)
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.vary.update(("Accept-Encoding", "Cookie", "Authorization"))
    return response


def _gz(etag: str) -> str:
    """The packed form has bytes of its own, so a strong validator of its own."""
    return f"{etag}-gz"


def _layers(names: str, reader: Reader) -> tuple[Layer, ...]:
    """The layers named.

    Raises: NotFound naming those that are not there or that the reader may not see.
    """
    asked = tuple(dict.fromkeys(names.split(",")))
    readable = {
        name: layer for name, layer in _DRAWN.items() if reader.scope(layer.read) and name in asked
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
