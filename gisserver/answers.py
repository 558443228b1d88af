"""What every answer carries: security headers, compression, a place in the figures."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request

from gisserver.context import services
from gisserver.errors import PROBLEM_TYPE, problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self'; worker-src 'self' blob:; child-src 'self' blob:; "
        "connect-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "font-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}
_SECURITY = {name.lower(): (name, value) for name, value in SECURITY_HEADERS.items()}
PACKED_FROM = 1024


class WithSecurityHeaders:
    """A WSGI application whose answers carry the security headers that they do not set."""

    def __init__(self, inside: WSGIApplication) -> None:
        self._inside = inside

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The answer of the application inside."""

        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            given = {name.lower() for name, _ in headers}
            headers.extend(pair for name, pair in _SECURITY.items() if name not in given)
            return start_response(status, headers, *failure)

        return self._inside(environ, start)


def register_answers(app: Flask) -> None:
    """Time every request, pack its answer, add the headers."""
    app.before_request(_begin)
    app.after_request(_finish)


def _begin() -> None:
    g.began = time.perf_counter()


def _finish(response: Response) -> Response:
    if response.status_code == 412 and response.mimetype != PROBLEM_TYPE:
        # Where a condition does not hold, the framework leaves all in the answer but its status.
        response = problem(412, "Precondition Failed", "the condition does not hold")
    headers = response.headers
    # What depends on who asks is for nobody else's cache, unless its room says more.
    if "Cache-Control" not in headers:
        headers["Cache-Control"] = "private, no-cache" if "ETag" in headers else "no-store"
    _pack(response)
    route = request.url_rule.rule if request.url_rule else "(none)"
    seconds = time.perf_counter() - g.began
    services().metrics.observe(request.method, route, response.status_code, seconds)
    return response


def _pack(response: Response) -> None:
    """Gzip JSON of more than a kilobyte; tiles and streams look after themselves."""
    if (
        response.is_streamed
        or response.direct_passthrough
        or "json" not in (response.mimetype or "")
    ):
        return
    if "Vary" in response.headers:
        response.vary.add("Accept-Encoding")
    else:
        response.headers["Vary"] = "Accept-Encoding"
    if "Content-Encoding" in response.headers or request.accept_encodings.quality("gzip") <= 0:
        return
    body = response.get_data()
    if len(body) < PACKED_FROM:
        return
    response.set_data(gzip.compress(body, 1, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    etag, is_weak = response.get_etag()
    if etag is not None and not is_weak:
        response.set_etag(etag, weak=True)
