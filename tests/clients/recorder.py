"""A server that passes everything on to another and keeps what was asked of it."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

HELD_BACK = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}


@dataclass(frozen=True)
class Passed:
    """A request and the status of its answer."""

    method: str
    path: str
    body: str
    status: int


@contextmanager
def recorder(address: str) -> Iterator[tuple[str, list[Passed]]]:
    """Its address, and the requests as they come."""
    there, passed = urlsplit(address), list[Passed]()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            onward = http.client.HTTPConnection(there.hostname or "", there.port, timeout=60)
            # The same Host, so that links lead here.
            onward.request(self.command, self.path, body or None, dict(self.headers))
            answer = onward.getresponse()
            content = answer.read()
            text = body.decode("utf-8", "replace")
            passed.append(Passed(self.command, self.path, text, answer.status))
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HELD_BACK:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)
            onward.close()

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _pass_on  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", passed
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
