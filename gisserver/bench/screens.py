"""From a report saved to the row on a hundred screens, as their browsers would get it."""

from __future__ import annotations

import queue
import random
import secrets
import selectors
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from sqlalchemy import Engine, text

from gisserver.bench.figures import Goal, Times
from gisserver.bench.server import BenchError, Client, temporary_account
from layers.core.rights import Role
from layers.core.scope import Grant

SCREENS = 100
ACCOUNTS = 10
REPORTS = 6
PAUSE_SECONDS = 1.7
WAIT_SECONDS = 0.2
"""How long a screen waits for what belongs together before it loads anew."""
LISTS = "/api/incidents/lists"
PAGE = "/api/incidents/lists/all?sort=newest"
CATEGORY = "UM-0101"
SEED = 20261126

_PLACES = text(
    "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM housing.building "
    "WHERE area_code LIKE :area ORDER BY md5(id::text) LIMIT :count) AS places"
)
_TAKE_BACK = (
    "DELETE FROM incidents.incident WHERE id = ANY(:ids)",
    "DELETE FROM core.history WHERE layer = 'incidents' AND feature_id = ANY(:ids)",
    "DELETE FROM core.history WHERE layer = 'reporters' "
    "AND (coalesce(after, before) ->> 'incident_id')::bigint = ANY(:ids)",
)


def screens(engine: Engine, port: int, district: str) -> tuple[dict[str, float], list[Goal]]:
    """Reports while a hundred screens look on; every report is taken back.

    A screen holds an event stream and, told of a change, loads counts and rows of its list anew.
    """
    grants = [Grant(Role.COMMANDER, district)]
    with engine.begin() as connection:
        places = [
            (float(lon), float(lat))
            for lon, lat in connection.execute(_PLACES, {"area": f"{district}%", "count": REPORTS})
        ]
    if not places:
        raise BenchError("there are no buildings in grids; run ./wangge synth first")
    with ExitStack() as stack:
        logins = [stack.enter_context(temporary_account(engine, grants)) for _ in range(ACCOUNTS)]
        room = stack.enter_context(_control_room(port, logins))
        client = Client(port, *logins[0])
        stack.callback(client.close)
        ids: list[int] = []
        stack.callback(_take_back, engine, ids)
        heard, shown = _watch(room, client, places, ids)
    facts = {
        f"report heard by {SCREENS} streams, p50 ms": heard.p50,
        f"report heard by {SCREENS} streams, p99 ms": heard.p99,
        f"report shown on {SCREENS} screens, p50 ms": shown.p50,
    }
    title = f"report shown on {SCREENS} screens, p99"
    return facts, [Goal(title, shown.p99, 1000, "ms", is_ceiling=True)]


class _Room:
    """The screens: whose stream has heard of a case, and when its list was there again."""

    def __init__(self, port: int, logins: Sequence[tuple[str, str]]) -> None:
        self.heard: list[float] = []
        self.shown: list[float] = []
        self._ended = threading.Event()
        self._clients = [Client(port, *login) for login in logins]
        self._queues: list[queue.SimpleQueue[float | None]] = [queue.SimpleQueue() for _ in logins]
        self._selector = selectors.DefaultSelector()
        self._streams: list[socket.socket] = []
        for number in range(SCREENS):
            stream = self._clients[number % ACCOUNTS].stream("/live")
            self._streams.append(stream)
            self._selector.register(stream, selectors.EVENT_READ, number % ACCOUNTS)
        self._threads = [threading.Thread(target=self._listen)] + [
            threading.Thread(target=self._load, args=(client, waiting))
            for client, waiting in zip(self._clients, self._queues, strict=True)
        ]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """End the threads and close the streams."""
        self._ended.set()
        for waiting in self._queues:
            waiting.put(None)
        for thread in self._threads:
            thread.join()
        for stream in self._streams:
            stream.close()
        for client in self._clients:
            client.close()

    def _listen(self) -> None:
        while not self._ended.is_set():
            for key, _ in self._selector.select(0.1):
                stream: Any = key.fileobj
                if b'"incidents"' in stream.recv(1 << 16):
                    now = time.perf_counter()
                    self.heard.append(now)
                    self._queues[key.data].put(now)

    def _load(self, client: Client, waiting: queue.SimpleQueue[float | None]) -> None:
        while (told := waiting.get()) is not None:
            time.sleep(max(0.0, told + WAIT_SECONDS - time.perf_counter()))
            client.get(LISTS)
            client.get(PAGE)
            self.shown.append(time.perf_counter())


@contextmanager
def _control_room(port: int, logins: Sequence[tuple[str, str]]) -> Iterator[_Room]:
    room = _Room(port, logins)
    try:
        yield room
    finally:
        room.close()


def _watch(
    room: _Room, client: Client, places: Sequence[tuple[float, float]], ids: list[int]
) -> tuple[Times, Times]:
    """Seconds from each report being sent until a stream has heard, until a screen shows it."""
    heard: list[float] = []
    shown: list[float] = []
    chance = random.Random(SEED)
    for lon, lat in places:
        time.sleep(PAUSE_SECONDS + chance.random() / 2)
        room.heard.clear()
        room.shown.clear()
        sent = _report(client, lon, lat, ids)
        deadline = sent + 20
        while len(room.shown) < SCREENS:
            if time.perf_counter() > deadline:
                raise BenchError(f"only {len(room.shown)} of {SCREENS} screens show a report")
            time.sleep(0.01)
        heard += (each - sent for each in room.heard)
        shown += (each - sent for each in room.shown)
    return Times(tuple(heard)), Times(tuple(shown))


def _report(client: Client, lon: float, lat: float, ids: list[int]) -> float:
    """Registers a report; returns when it was sent."""
    near = client.told(f"/api/incidents/nearby?lon={lon}&lat={lat}&category={CATEGORY}")
    body = {
        "lon": lon,
        "lat": lat,
        "category": CATEGORY,
        "report_source": "SRC01",
        "description": f"bench {secrets.token_hex(4)}",
        "seen": [each["id"] for each in near["items"]],
    }
    sent = time.perf_counter()
    ids.append(int(client.told("/api/incidents", body)["id"]))
    return sent


def _take_back(engine: Engine, ids: Sequence[int]) -> None:
    with engine.begin() as connection:
        for statement in _TAKE_BACK:
            connection.execute(text(statement), {"ids": list(ids)})
