"""The answer with a tile, out of memory where nothing changed since it was made."""

from __future__ import annotations

import gzip

from flask import Response, request

from gisserver.context import services
from gisserver.tiles.maker import TileRequest

MIME_TYPE = "application/vnd.mapbox-vector-tile"
# The browser keeps a tile but asks each time whether it still holds, which costs no database.
CACHE_CONTROL = "private, no-cache"


def tile_answer(asked: TileRequest) -> Response:
    """200 with gzipped bytes, 304 when the client's still hold, 204 when nothing is there."""
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
