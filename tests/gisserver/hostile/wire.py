"""HTTP/1.1 by hand over one kept connection, because no client sends what an attacker sends."""

from __future__ import annotations

import gzip
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field

Header = tuple[bytes, bytes]
PATIENCE_SECONDS = 40.0


@dataclass(frozen=True)
class Attack:
    """One request, byte for byte; `tried` says in words what is wrong with it."""

    method: str
    target: bytes
    headers: tuple[Header, ...] = ()
    body: bytes | None = None
    route: str = ""
    account: str = ""
    tried: str = ""

    def head(self, host: str) -> bytes:
        named = {name.lower() for name, _ in self.headers}
        lines = [b"%s %s HTTP/1.1" % (self.method.encode(), self.target)]
        if b"host" not in named:
            lines.append(b"Host: " + host.encode())
        lines += [name + b": " + value for name, value in self.headers]
        if self.body is not None and b"content-length" not in named:
            lines.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def __str__(self) -> str:
        head = self.head("…").decode("utf-8", "backslashreplace")
        return f"[{self.account}] {self.tried}\n{head[:1500]}{(self.body or b'')[:600]!r}"


@dataclass(frozen=True)
class Answer:
    """What came back; status 0 when the server closed the connection without an answer."""

    status: int
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        packed = self.headers.get("content-encoding") == "gzip"
        body = gzip.decompress(self.body) if packed and self.body else self.body
        return body.decode("utf-8", "replace")


class Wire:
    """One connection, opened again whenever the server has closed it."""

    def __init__(self, address: str) -> None:
        self._host = address.removeprefix("http://")
        self._socket: socket.socket | None = None

    def send(self, attack: Attack) -> Answer:
        """The answer to one request; a stale connection is opened anew once."""
        was_kept = self._socket is not None
        answer = self._send(attack)
        return self._send(attack) if answer.status == 0 and was_kept else answer

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, attack: Attack) -> Answer:
        began = time.perf_counter()
        try:
            opened = self._opened()
            # It may answer before all is sent.
            with suppress(BrokenPipeError, ConnectionResetError):
                opened.sendall(attack.head(self._host) + (attack.body or b""))
            status, headers, body = self._read(opened, attack.method)
        except (ConnectionError, EOFError):
            self.close()
            return Answer(0, time.perf_counter() - began)
        except TimeoutError:
            self.close()
            return Answer(599, time.perf_counter() - began)
        if headers.get("connection") == "close" or status in (400, 413, 414, 431):
            self.close()
        return Answer(status, time.perf_counter() - began, headers, body)

    def _opened(self) -> socket.socket:
        if self._socket is None:
            host, _, port = self._host.partition(":")
            self._socket = socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._socket

    def _read(self, opened: socket.socket, method: str) -> tuple[int, dict[str, str], bytes]:
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._more(opened)
        first, *lines = received[:end].decode("latin-1").split("\r\n")
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines)
        }
        status, rest = int(first.split(" ", 2)[1]), received[end + 4 :]
        if headers.get("content-type", "").startswith("text/event-stream"):
            self.close()  # it never ends
            return status, headers, b""
        if method == "HEAD" or status in (204, 304):
            return status, headers, b""
        if headers.get("transfer-encoding") == "chunked":
            return status, headers, self._chunks(opened, rest)
        length = int(headers.get("content-length", "0"))
        parts, missing = [rest], length - len(rest)
        while missing > 0:
            parts.append(self._more(opened))
            missing -= len(parts[-1])
        return status, headers, b"".join(parts)

    def _chunks(self, opened: socket.socket, rest: bytes) -> bytes:
        parts: list[bytes] = []
        while True:
            while (end := rest.find(b"\r\n")) < 0:
                rest += self._more(opened)
            size, rest = int(rest[:end], 16), rest[end + 2 :]
            while len(rest) < size + 2:
                rest += self._more(opened)
            if size == 0:
                return b"".join(parts)
            parts.append(rest[:size])
            rest = rest[size + 2 :]

    @staticmethod
    def _more(opened: socket.socket) -> bytes:
        received = opened.recv(1 << 18)
        if not received:
            raise EOFError
        return received
