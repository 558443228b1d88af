"""The answer with a tile of a list: never the same for long, so the bytes are their own tag."""

from __future__ import annotations

import gzip

from flask import Response, request

from gisserver.tiles.answer import CACHE_CONTROL, MIME_TYPE


def list_tile_answer(body: bytes) -> Response:
    """The tile, packed where that is accepted; 204 when it is empty, 304 when it is known."""
    response = Response(body, status=200 if body else 204, mimetype=MIME_TYPE)
    response.add_etag()
    response.headers["Cache-Control"] = CACHE_CONTROL
    response.vary.update(("Accept-Encoding", "Cookie", "Authorization"))
    response.make_conditional(request)
    if response.status_code == 200 and request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(body, 1, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
