"""Positions taken in: one by one over HTTP, and in batches beside a bare COPY of the same rows."""

from __future__ import annotations

import io
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import Engine, text

from gisserver.auth.secrets import hash_secret, new_secret
from gisserver.bench.figures import Comparison, Goal, Times
from gisserver.bench.server import BenchError
from gisserver.bench.vehicles import temporary_vehicles
from gisserver.intake.devices import DEVICE_PREFIX
from layers.core.bulk import copy_text

SOURCE = "bench"
DAY = datetime(2001, 1, 1, tzinfo=UTC)
"""Long before anything real: the day's table is dropped afterwards."""
VEHICLES = 256
SINGLE_RATE = 800
SINGLE_SECONDS = 10
CONNECTIONS = 64
BATCH = 50_000
ROUNDS = 4
COLUMNS = (
    "object_kind",
    "object_id",
    "device_time",
    "server_time",
    "area_code",
    "longitude",
    "latitude",
    "speed",
    "heading",
    "accuracy",
)


@dataclass(frozen=True)
class Fleet:
    """Vehicles made for the measurement, a token of each, and where they drive."""

    ids: Sequence[int]
    tokens: Sequence[str]
    longitude: float
    latitude: float


@dataclass(frozen=True)
class Single:
    """Fixes sent one by one at a given rate: how many a second were taken, how long each took."""

    rate: float
    times: Times


@contextmanager
def fleet(engine: Engine) -> Iterator[Fleet]:
    """Vehicles with devices in the middle of the city; all of it is taken back at the end.

    Raises: BenchError without areas.
    """
    tokens = [new_secret(DEVICE_PREFIX) for _ in range(VEHICLES)]
    with engine.begin() as connection:
        place = connection.execute(
            text(
                "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Centroid(ST_Extent(geom)) AS p "
                "FROM territory.grid WHERE kind = 'governance' AND valid_to IS NULL) AS middle"
            )
        ).one()
    if place[0] is None:
        raise BenchError("there are no grids; run ./wangge synth first")
    with temporary_vehicles(engine, SOURCE, VEHICLES) as ids:
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO patrol.device (vehicle_id, name, token_hash, expires_at) "
                    "SELECT id, 'bench', hash, now() + interval '1 day' "
                    "FROM unnest(CAST(:ids AS bigint[]), CAST(:hashes AS bytea[])) AS n (id, hash)"
                ),
                {"ids": ids, "hashes": [hash_secret(token) for token in tokens]},
            )
        try:
            yield Fleet(ids, tokens, place[0], place[1])
        finally:
            _drop_days(engine)


def _drop_days(engine: Engine) -> None:
    with engine.begin() as connection:
        for day in ("20010101", "20010102"):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS patrol.position_{day}")


def single_intake(port: int, ours: Fleet) -> Single:
    """Sends fixes at a steady rate over kept connections; each is answered once it is committed.

    The time of each runs from the moment it was due, so that waiting for a connection counts.
    """
    total = SINGLE_RATE * SINGLE_SECONDS
    _send(port, ours, range(-SINGLE_RATE, 0))  # tokens, plans and tables are looked up once
    seconds = _send(port, ours, range(total))
    return Single(total / max(seconds[1], SINGLE_SECONDS), Times(tuple(seconds[0])))


def _send(port: int, ours: Fleet, numbers: range) -> tuple[list[float], float]:
    times: list[float] = []
    faults: list[str] = []
    began = time.perf_counter() + 0.2

    def drive(mine: Sequence[int]) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for number in mine:
                due = began + (number - numbers.start) / SINGLE_RATE
                time.sleep(max(0.0, due - time.perf_counter()))
                line.sendall(_message(port, ours, number).encode())
                answer = b""
                while not answer.endswith(b"}"):  # the head may come before the body
                    answer += line.recv(65_536)
                if b'"taken":1' not in answer:
                    faults.append(answer[:300].decode(errors="replace"))
                times.append(time.perf_counter() - due)

    threads = [
        threading.Thread(target=drive, args=(list(numbers)[first::CONNECTIONS],))
        for first in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise BenchError(f"{len(faults)} fixes were not taken: {faults[0]}")
    return times, time.perf_counter() - began


def _message(port: int, ours: Fleet, number: int) -> str:
    """A GET of the OsmAnd protocol; every vehicle drives slowly north."""
    which, step = number % VEHICLES, number // VEHICLES
    when = int(DAY.timestamp()) + 40_000 + step
    return (
        f"GET /api/positions?id={ours.tokens[which]}&lat={ours.latitude + step * 1e-5:.6f}"
        f"&lon={ours.longitude + which * 1e-5:.6f}&timestamp={when}&speed=2.2&bearing=0"
        f"&accuracy=5 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n"
    )


def batch_intake(engine: Engine, port: int, ours: Fleet) -> Comparison:
    """Batches through HTTP and the same rows by a bare COPY into the same table, in turn."""
    bare, served = [], []
    for number in range(ROUNDS):
        rows = _rows(ours, number)
        bare.append(_copy(engine, rows))
        served.append(_post(port, ours, rows))
    found = Comparison("positions in batches", Times(tuple(bare)), Times(tuple(served)))
    speeds = (BATCH / times.p50 * 1000 for times in (found.served, found.bare))
    note = "{:,.0f} fixes/s, bare COPY {:,.0f} rows/s".format(*speeds)
    return replace(found, note=note)


def _rows(ours: Fleet, number: int) -> list[tuple[int, int, float, float]]:
    """Vehicle, second, longitude and latitude of one batch, in the order in which they come."""
    random = np.random.default_rng(number)
    steps = BATCH // VEHICLES
    second = np.repeat(np.arange(steps) * 10 + number * steps * 10, VEHICLES)
    walk = np.cumsum(random.normal(0, 8e-5, (2, steps, VEHICLES)), axis=1).reshape(2, -1)
    which = np.tile(np.arange(VEHICLES), steps)
    x = np.round(ours.longitude + walk[0] + which * 2e-5, 6)
    y = np.round(ours.latitude + walk[1], 6)
    return list(zip(which.tolist(), second.tolist(), x.tolist(), y.tolist(), strict=True))


def _copy(engine: Engine, rows: list[tuple[int, int, float, float]]) -> float:
    """COPY of text that is ready, area included, taken back afterwards."""
    base = np.datetime64("2001-01-01T00:00:00")
    lines = "".join(
        f"vehicle\t{which + 1}\t{base + np.timedelta64(second, 's')}+00\t"
        f"2001-01-01 00:00:00+00\t31011200100101\t{x}\t{y}\t30.0\t90.0\t5.0\n"
        for which, second, x, y in rows
    )
    body = io.BytesIO(lines.encode())
    with engine.connect() as connection:
        began = time.perf_counter()
        copy_text(connection, "patrol.position", COLUMNS, body)
        seconds = time.perf_counter() - began
        connection.rollback()
    return seconds


def _post(port: int, ours: Fleet, rows: list[tuple[int, int, float, float]]) -> float:
    first = int(DAY.timestamp())
    positions = [
        {
            "id": ours.tokens[which],
            "timestamp": first + second,
            "lat": y,
            "lon": x,
            "speed": 30.0,
            "bearing": 90.0,
            "accuracy": 5.0,
        }
        for which, second, x, y in rows
    ]
    body = json.dumps({"positions": positions}, separators=(",", ":")).encode()
    head = (
        f"POST /api/positions/batch HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=120) as line:
        began = time.perf_counter()
        line.sendall(head.encode() + body)
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
        seconds = time.perf_counter() - began
    if f'"taken":{len(rows)},'.encode() not in answer:
        raise BenchError(f"the batch was not taken: {answer[-300:].decode(errors='replace')}")
    return seconds


def positions(engine: Engine, port: int) -> tuple[list[Comparison], dict[str, float], list[Goal]]:
    """Intake one by one and in batches; everything is taken back."""
    with fleet(engine) as ours:
        single = single_intake(port, ours)
        batches = batch_intake(engine, port, ours)
    facts = {
        "single fixes taken in, per second": single.rate,
        "single fix answered, p50 ms": single.times.p50,
    }
    return (
        [batches],
        facts,
        [
            Goal("single fixes taken in, rate", single.rate, 700, "/s", is_ceiling=False),
            Goal("single fix answered, p99", single.times.p99, 50, "ms", is_ceiling=True),
            Goal(
                "positions in batches against bare COPY",
                1 / batches.ratio,
                0.5,
                "×",
                is_ceiling=False,
            ),
        ],
    )
