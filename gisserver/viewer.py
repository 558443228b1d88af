"""The web client, as built into viewer/dist. Everybody gets it: it is also the sign-in page."""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, request
from werkzeug.security import safe_join

from gisserver.context import current_reader, services
from gisserver.parameters import take_parameters
from layers.core.errors import NotFound

blueprint = Blueprint("viewer", __name__)

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
PACKED = frozenset({".css", ".html", ".js", ".json", ".mjs", ".svg", ".txt", ".wasm"})
ALWAYS_ASKED = frozenset({"sw.js", "manifest.webmanifest"})
"""What decides which version a device has."""
FOREVER = "public, max-age=31536000, immutable"

NOT_BUILT = """<!doctype html>
<html lang="zh"><meta charset="utf-8"><title>网格 Wangge</title>
<body style="font-family:sans-serif;max-width:40em;margin:4em auto;line-height:1.6">
<h1>网格 Wangge</h1>
<p>页面尚未构建。请在项目目录运行 <code>./wangge up</code>。服务本身工作正常。</p>
<p>The web client is not built yet: run <code>./wangge up</code> in the project's folder.
The services themselves are up.</p>
</body></html>
"""


@blueprint.get("/")
def index() -> Response:
    """The page itself, never kept by a browser; its query belongs to the web client."""
    page = services().viewer_dist / "index.html"
    if not page.is_file():
        return Response(NOT_BUILT, 503, content_type=TYPES[".html"])
    response = _file(page)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/assets/<path:name>")
def asset(name: str) -> Response:
    """A file whose name carries its hash: kept for ever."""
    take_parameters(request)
    response = _file(_path("assets", name))
    response.headers["Cache-Control"] = FOREVER
    return response


@blueprint.get("/<string:name>")
def top_file(name: str) -> Response:
    """A file beside the page, such as its icon."""
    take_parameters(request)
    response = _file(_path(name))
    kept = "no-cache" if name in ALWAYS_ASKED else "public, max-age=3600"
    response.headers["Cache-Control"] = kept
    return response


def _path(*parts: str) -> Path:
    joined = safe_join(str(services().viewer_dist), *parts)
    if joined is None or not Path(joined).is_file() or Path(joined).suffix not in TYPES:
        current_reader()  # what is not part of the page is not for strangers
        raise NotFound(f"no such page: {request.path}")
    return Path(joined)


def _file(path: Path) -> Response:
    status = path.stat()
    is_packed = path.suffix in PACKED and request.accept_encodings.quality("gzip") > 0
    content = _content(path, status.st_mtime_ns, is_packed)
    response = Response(content, content_type=TYPES[path.suffix])
    if path.suffix in PACKED:
        response.headers["Vary"] = "Accept-Encoding"
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


@lru_cache(maxsize=256)
def _content(path: Path, _changed: int, is_packed: bool) -> bytes:
    plain = path.read_bytes()
    return gzip.compress(plain, 6, mtime=0) if is_packed else plain
