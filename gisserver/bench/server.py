"""The real server on a free port, and a signed-in client with one kept connection."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from sqlalchemy import Engine, text

from gisserver.auth.accounts import create_account
from gisserver.settings import ROOT
from layers.core.scope import Grant

START_SECONDS = 60.0
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


class BenchError(RuntimeError):
    """The measurement cannot be made; the message says why."""


class Client:
    """One browser: signed in once, one connection, gzip accepted.

    It reads HTTP/1.1 by itself and no more of it than the server sends, because the standard
    library's client takes longer than the server does for a tile it has ready.
    """

    def __init__(self, port: int, login: str, password: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._headers = f"Host: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n"
        body = json.dumps({"login": login, "password": password})
        status, head, answer = self._ask(
            f"POST /api/session HTTP/1.1\r\n{self._headers}Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        if status != 200:
            raise BenchError(f"signing in answers {status}")
        self._cookie = _header(head, b"set-cookie").split(b";")[0].decode()
        self._headers += f"Cookie: {self._cookie}\r\n"
        self._csrf = _json(answer)["csrf"]

    def get(self, path: str) -> tuple[float, int, int]:
        """Asks for a path; returns seconds, status and the bytes of the answer's body.

        Raises: BenchError for a status of 400 and above.
        """
        message = f"GET {path} HTTP/1.1\r\n{self._headers}\r\n"
        began = time.perf_counter()
        status, _, body = self._ask(message)
        seconds = time.perf_counter() - began
        if status >= 400:
            raise BenchError(f"{path} answers {status}: {body[:300]!r}")
        return seconds, status, len(body)

    def post(self, path: str, body: object) -> tuple[float, int, int]:
        """The same for a JSON body sent to a path."""
        message = self._posting(path, body)
        began = time.perf_counter()
        status, _, answer = self._ask(message)
        seconds = time.perf_counter() - began
        if status >= 400:
            raise BenchError(f"{path} answers {status}: {answer[:300]!r}")
        return seconds, status, len(answer)

    def told(self, path: str, body: object = None) -> Any:
        """The JSON that a path answers, asked for or, with a body, sent to."""
        message = f"GET {path} HTTP/1.1\r\n{self._headers}\r\n"
        status, _, answer = self._ask(message if body is None else self._posting(path, body))
        if status >= 400:
            raise BenchError(f"{path} answers {status}: {answer[:300]!r}")
        return _json(answer)

    def stream(self, path: str) -> socket.socket:
        """A connection of its own on which an event stream of the same session has begun."""
        opened = socket.create_connection(self._socket.getpeername(), timeout=120)
        opened.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self._cookie}\r\n\r\n".encode()
        )
        head = opened.recv(1 << 16)
        if not head.startswith(b"HTTP/1.1 200"):
            raise BenchError(f"{path} answers {head[:300]!r}")
        return opened

    def _posting(self, path: str, body: object) -> str:
        content = json.dumps(body)
        return (
            f"POST {path} HTTP/1.1\r\n{self._headers}X-CSRF-Token: {self._csrf}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n{content}"
        )

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _ask(self, message: str) -> tuple[int, bytes, bytes]:
        self._socket.sendall(message.encode())
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        head, body = received[:end], received[end + 4 :]
        length = int(_header(head, b"content-length") or 0)
        chunks, missing = [body], length - len(body)
        while missing > 0:
            chunks.append(self._receive())
            missing -= len(chunks[-1])
        return int(head[9:12]), head, b"".join(chunks)

    def _receive(self) -> bytes:
        received = self._socket.recv(1 << 18)
        if not received:
            raise BenchError("the server has closed the connection")
        return received


def _json(body: bytes) -> Any:
    return json.loads(gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body)


def _header(head: bytes, name: bytes) -> bytes:
    """The value of a header, empty when it is not there."""
    at = head.lower().find(b"\r\n" + name + b":")
    return head[at + len(name) + 3 :].split(b"\r\n", 1)[0].strip() if at >= 0 else b""


@contextmanager
def temporary_account(engine: Engine, grants: list[Grant]) -> Iterator[tuple[str, str]]:
    """Login and password of an account that exists as long as the block."""
    login, password = f"bench-{secrets.token_hex(4)}", secrets.token_urlsafe(18)
    create_account(engine, login, "Bench", password, grants, actor="bench")
    try:
        yield login, password
    finally:
        with engine.begin() as connection:
            connection.execute(
                text("DELETE FROM organisation.account WHERE login = :login"), {"login": login}
            )


@contextmanager
def running_server(
    url: str, key: bytes, settings: Mapping[str, str] = NO_SETTINGS
) -> Iterator[tuple[int, int]]:
    """Port and process number of a server of its own over the database.

    `settings` are variables of its environment.
    """
    port = _free_port()
    with TemporaryDirectory(prefix="wangge-bench-") as folder:
        log = Path(folder) / "server.log"
        command = [sys.executable, "-P", "-m", "gisserver.cli", "serve"]
        environment = os.environ | {
            "DATABASE_URL": url,
            "WANGGE_KEY": base64.b64encode(key).decode(),
            "WANGGE_RATE": "0",  # what is measured is the server, not its patience
            "PYTHONPATH": str(ROOT),
            **settings,
        }
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [*command, "--port", str(port), "--var", folder],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait(port, process, log)
            yield port, process.pid
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def memory_mebibytes(root: int) -> float:
    """Proportional set size of a process and all its descendants, in MiB."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(
                    (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
                )
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has just ended
    family, kibibytes = {root}, 0
    while children := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= children
    for pid in family:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kibibytes += int(line.split()[1])
    return kibibytes / 1024


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise BenchError(f"the server does not answer:\n{log.read_text(errors='replace')[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
