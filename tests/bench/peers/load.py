"""The load: clients that each keep one connection and ask one question after another.

One thread over epoll, because what asks must take less of the two cores than who answers. Every
answer is read to its end and must be one of 200; whatever else comes ends the measurement.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

CLIENTS = 8
PATIENCE = 120.0
GZIP = "Accept-Encoding: gzip\r\n"
"""Maps always send it; clients of features mostly do not."""
RECEIVED = 1 << 20
LAST = b"0\r\n\r\n"


class LoadError(RuntimeError):
    """A server did not answer as it should; the message says what came instead."""


@dataclass(frozen=True)
class Load:
    """What a server answered: how many requests in how many seconds, and how many bytes."""

    requests: int
    seconds: float
    bytes: int
    latencies: tuple[float, ...] = field(repr=False)

    @property
    def rate(self) -> float:
        """Requests a second, all clients together."""
        return self.requests / self.seconds


@dataclass(frozen=True)
class Address:
    """Where a server listens, and the headers it wants with each request."""

    port: int
    headers: str = ""

    def message(self, path: str, more: str = "") -> bytes:
        """A request as it goes over the wire, with headers of its own."""
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
        return f"{head}{self.headers}{more}\r\n".encode()


def ask(
    address: Address,
    messages: Sequence[bytes],
    *,
    seconds: float = 0.0,
    least: int = 0,
    clients: int = CLIENTS,
) -> Load:
    """Asks in turn until the time is over and `least` were asked; what is under way is awaited.

    No client is ever asked what another asks at the moment, unless there are fewer messages than
    clients.

    Raises: LoadError for a status that is not 200, a broken connection or two minutes of silence.
    """
    turn = _Turn(messages, time.perf_counter() + seconds, least)
    latencies: list[float] = []
    received = 0
    with selectors.DefaultSelector() as selector, ExitStack() as opened:
        began = ended = time.perf_counter()
        for _ in range(clients):
            if (message := turn.next()) is not None:
                client = opened.enter_context(closing(_Client(address.port, selector)))
                client.send(message)
        while selector.get_map():
            ready = selector.select(PATIENCE)
            if not ready:
                raise LoadError(f"no answer within {PATIENCE:.0f} s")
            for key, _ in ready:
                client = key.data
                answer = client.receive()
                if answer is None:
                    continue
                ended = time.perf_counter()
                if answer.status != 200:
                    raise LoadError(
                        f"{answer.status}: {answer.body[:600].decode(errors='replace')}"
                    )
                latencies.append(ended - client.sent)
                received += len(answer.body)
                if (message := turn.next()) is not None:
                    client.send(message)
                else:
                    client.close()
    return Load(len(latencies), max(ended - began, 1e-9), received, tuple(latencies))


def fetch(address: Address, path: str, more: str = "") -> Answer:
    """The answer to one request, whatever its status.

    Raises: LoadError.
    """
    with (
        selectors.DefaultSelector() as selector,
        closing(_Client(address.port, selector)) as client,
    ):
        client.send(address.message(path, more))
        while selector.select(PATIENCE):
            answer = client.receive()
            if answer is not None:
                return answer
    raise LoadError(f"{path}: no answer within {PATIENCE:.0f} s")


class _Turn:
    """The next message, as long as there is time or too few were asked."""

    def __init__(self, messages: Sequence[bytes], deadline: float, least: int) -> None:
        self._messages = messages
        self._deadline = deadline
        self._least = least
        self._asked = 0

    def next(self) -> bytes | None:
        if self._asked >= self._least and time.perf_counter() >= self._deadline:
            return None
        message = self._messages[self._asked % len(self._messages)]
        self._asked += 1
        return message


@dataclass(frozen=True)
class Answer:
    """Status and body of an answer."""

    status: int
    body: bytes


class _Client:
    """One connection; reads HTTP/1.1 answers by their length or in chunks."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self._port = port
        self._selector = selector
        self._open = False
        self.sent = 0.0

    def send(self, message: bytes) -> None:
        if not self._open:
            address = ("127.0.0.1", self._port)
            self._socket = socket.create_connection(address, timeout=PATIENCE)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(self._socket, selectors.EVENT_READ, self)
            self._open = True
        self._parts: list[bytes] = []
        self._head: _Head | None = None
        self._size = 0
        self.sent = time.perf_counter()
        self._socket.sendall(message)

    def receive(self) -> Answer | None:
        """The answer when it is complete, else None."""
        received = self._socket.recv(RECEIVED)
        if not received:
            raise LoadError("the server has closed the connection")
        self._parts.append(received)
        if self._head is None:
            whole = b"".join(self._parts)
            end = whole.find(b"\r\n\r\n")
            if end < 0:
                return None
            self._head, received = _Head.read(whole[:end]), whole[end + 4 :]
            self._parts = [received]
        self._size += len(received)
        body = self._head.body(self._parts, self._size)
        if body is None:
            return None
        if self._head.closes:
            self.close()
        return Answer(self._head.status, body)

    def close(self) -> None:
        if self._open:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._open = False


@dataclass(frozen=True)
class _Head:
    """What the head of an answer says of its body; `length` is None when it comes in chunks."""

    status: int
    length: int | None
    closes: bool

    @staticmethod
    def read(head: bytes) -> _Head:
        lines = head.lower().split(b"\r\n")
        fields = {
            name: value.strip() for name, _, value in (at.partition(b":") for at in lines[1:])
        }
        length = None
        if fields.get(b"transfer-encoding") != b"chunked":
            length = int(fields.get(b"content-length", b"0"))
        return _Head(int(head[9:12]), length, fields.get(b"connection") == b"close")

    def body(self, parts: Sequence[bytes], size: int) -> bytes | None:
        """The body when all of it is in the parts, else None."""
        if self.length is not None:
            return b"".join(parts) if size >= self.length else None
        # Only a tail that may be the last chunk's is worth the walk through all of them.
        return _unchunked(b"".join(parts)) if b"".join(parts[-5:]).endswith(LAST) else None


def _unchunked(data: bytes) -> bytes | None:
    """The body that chunks make, None when they are not complete."""
    found: list[bytes] = []
    at = 0
    while (end := data.find(b"\r\n", at)) >= 0:
        size = int(data[at:end].split(b";")[0], 16)
        if size == 0:
            return b"".join(found)
        found.append(data[end + 2 : end + 2 + size])
        at = end + 2 + size + 2
    return None
