"""Event streams: in commit order, within scope, resumed without loss and without doubles."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gisserver.auth.accounts import revoke_role
from gisserver.context import EXTENSION, Services
from gisserver.live.event import Event
from gisserver.live.hub import Hub, Subscription, TooManyStreams
from gisserver.live.replay import MOST_MISSED
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from tests.gisserver.conftest import signed_in
from tests.gisserver.town import (
    EAST,
    PASSWORD,
    WEST,
    add_account,
    add_building,
    build_town,
    rename_building,
)
from tests.harness import serving

Town = dict[str, list[int]]


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> Town:
    """Building ids by community."""
    return build_town(module_engine)


@pytest.fixture(scope="module")
def commander(app: Flask, module_engine: Engine, town: Town) -> FlaskClient:
    """A reader of everything."""
    return signed_in(app, add_account(module_engine, Role.COMMANDER, ""), PASSWORD)


@pytest.fixture(scope="module")
def supervisor(app: Flask, module_engine: Engine, town: Town) -> FlaskClient:
    """A reader of the western community only."""
    return signed_in(app, add_account(module_engine, Role.SUPERVISOR, WEST), PASSWORD)


@dataclass
class Reading:
    """What has come down a stream so far, read by a thread of its own."""

    messages: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    last_id: int = -1
    is_over: bool = False

    def feed(self, chunks: Iterator[bytes]) -> None:
        rest = ""
        for chunk in chunks:
            rest += chunk.decode()
            *blocks, rest = rest.split("\n\n")
            for block in blocks:
                self._take(dict(line.split(": ", 1) for line in block.splitlines()))
        self.is_over = True

    def _take(self, lines: dict[str, str]) -> None:
        if "id" in lines:
            self.last_id = int(lines["id"])
        if "data" in lines:
            self.messages.append((self.last_id, json.loads(lines["data"])))

    def wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 15
        while not condition():
            assert time.monotonic() < deadline, self
            time.sleep(0.005)


@contextmanager
def stream(app: Flask, client: FlaskClient, after: int | None = None) -> Iterator[Reading]:
    """A browser's event stream, resumed after an id."""
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    answer = client.get("/live", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == "text/event-stream"
    reading = Reading()
    thread = threading.Thread(target=reading.feed, args=(iter(answer.response),))
    thread.start()
    reading.wait(lambda: reading.last_id >= 0)
    try:
        yield reading
    finally:
        hub(app).end_streams()
        thread.join(20)
        answer.close()
        assert not thread.is_alive()


def hub(app: Flask) -> Hub:
    house: Services = app.extensions["wangge"]
    return house.hub


def expected(building: int, action: str = "update") -> dict[str, Any]:
    return {"layer": "buildings", "id": building, "action": action}


def test_a_change_arrives_with_ids_only(
    app: Flask, commander: FlaskClient, town: Town, module_engine: Engine
) -> None:
    with stream(app, commander) as reading:
        change = rename_building(module_engine, town[WEST][0], "秘密的名字")
        reading.wait(lambda: bool(reading.messages))
        assert reading.messages == [(change, expected(town[WEST][0]))]


def test_a_reader_hears_of_the_own_area_only(
    app: Flask, supervisor: FlaskClient, town: Town, module_engine: Engine
) -> None:
    with stream(app, supervisor) as reading:
        rename_building(module_engine, town[EAST][0], "东")
        change = rename_building(module_engine, town[WEST][0], "西")
        reading.wait(lambda: reading.last_id >= change)
        assert reading.messages == [(change, expected(town[WEST][0]))]
    after_all = change - 2
    with stream(app, supervisor, after=after_all) as again:
        assert again.messages == reading.messages


def test_a_reader_hears_when_a_feature_leaves_the_area(
    app: Flask, supervisor: FlaskClient, module_engine: Engine
) -> None:
    building = add_building(module_engine, 120.0075, "搬走")
    start = newest(module_engine)
    with stream(app, supervisor, after=start) as reading:
        with module_engine.begin() as connection:
            connection.execute(
                text(
                    "UPDATE housing.building SET geom = ST_Translate(geom, 0.01, 0) WHERE id = :i"
                ),
                {"i": building},
            )
        reading.wait(lambda: bool(reading.messages))
        assert reading.messages[0][1] == expected(building)
        rename_building(module_engine, building, "东边")
        mark = rename_building(module_engine, add_building(module_engine, 120.0076, "记号"), "x")
        reading.wait(lambda: reading.last_id >= mark)
        assert [m for _, m in reading.messages if m["id"] == building] == [expected(building)]
    with stream(app, supervisor, after=start) as again:
        assert again.messages == reading.messages


def test_without_the_right_there_is_no_message(
    app: Flask, module_engine: Engine, town: Town
) -> None:
    auditor = signed_in(app, add_account(module_engine, Role.AUDITOR, ""), PASSWORD)
    with stream(app, auditor) as reading:
        with module_engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO incidents.incident (category, report_source, description, geom) "
                    "VALUES ('01', '1', 'x', ST_SetSRID(ST_MakePoint(120.005, 30.005), 4326))"
                )
            )
        change = rename_building(module_engine, town[WEST][0], "y")
        reading.wait(lambda: reading.last_id >= change)
        assert reading.messages == [(change, expected(town[WEST][0]))]


def test_bulk_work_is_one_message(
    app: Flask, supervisor: FlaskClient, module_engine: Engine
) -> None:
    with stream(app, supervisor) as reading:
        with module_engine.begin() as connection:
            for layer, right in (("buildings", "base:read"), ("positions", "no:right")):
                connection.execute(
                    text("SELECT core.record_bulk(:layer, :right, false, 'x')"),
                    {"layer": layer, "right": right},
                )
        reading.wait(lambda: len(reading.messages) == 2)
        assert [m for _, m in reading.messages] == [
            {"layer": "buildings", "all": True},
            {"layer": "positions", "all": True},
        ]


def test_resuming_loses_nothing_and_doubles_nothing(
    app: Flask, commander: FlaskClient, town: Town, module_engine: Engine
) -> None:
    """Writers go on while a reader is cut off and comes back again and again."""
    start = newest(module_engine)
    buildings = [*town[WEST], *town[EAST]]

    def write(building: int) -> None:
        for n in range(40):
            rename_building(module_engine, building, f"{n}")

    writers = [threading.Thread(target=write, args=(building,)) for building in buildings]
    for writer in writers:
        writer.start()
    heard: list[int] = []
    after = start
    while any(writer.is_alive() for writer in writers):
        with stream(app, commander, after=after) as reading:
            time.sleep(0.03)
        heard += [number for number, _ in reading.messages]
        after = reading.last_id
    with stream(app, commander, after=after) as reading:
        reading.wait(lambda: reading.last_id >= newest(module_engine))
    heard += [number for number, _ in reading.messages]
    assert heard == written_since(module_engine, start)
    assert len(heard) == 40 * len(buildings)


def test_messages_come_in_commit_order(
    app: Flask, commander: FlaskClient, town: Town, module_engine: Engine
) -> None:
    with stream(app, commander) as reading:
        start = newest(module_engine)
        writers = [
            threading.Thread(
                target=lambda b=b: [rename_building(module_engine, b, "z") for _ in "12345"]
            )
            for b in town[WEST]
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        reading.wait(lambda: len(reading.messages) >= 15)
    assert [number for number, _ in reading.messages] == written_since(module_engine, start)


def test_a_change_undone_is_never_told(
    app: Flask, commander: FlaskClient, town: Town, module_engine: Engine
) -> None:
    with stream(app, commander) as reading:
        with module_engine.connect() as connection:
            connection.execute(text("UPDATE housing.building SET name = 'rolled back'"))
            connection.rollback()
        change = rename_building(module_engine, town[WEST][1], "kept")
        reading.wait(lambda: reading.last_id >= change)
        assert reading.messages == [(change, expected(town[WEST][1]))]


def wait_until_handed_on(app: Flask, event_id: int) -> None:
    """A stream opened earlier would rightly be told of a gap a second time."""
    hub = app.extensions[EXTENSION].hub
    deadline = time.monotonic() + 20
    while hub.last_id < event_id and time.monotonic() < deadline:
        time.sleep(0.01)
    assert hub.last_id >= event_id


def test_who_missed_too_much_loads_anew(
    app: Flask, commander: FlaskClient, town: Town, module_engine: Engine
) -> None:
    start = newest(module_engine)
    with module_engine.begin() as connection:
        connection.execute(
            text("UPDATE housing.building SET levels = 1 + n % 9 FROM generate_series(1, 1) AS n")
        )
        for n in range(1 + MOST_MISSED // len(town[WEST])):
            connection.execute(
                text("UPDATE housing.building SET levels = :n WHERE id = ANY(:ids)"),
                {"n": 1 + n % 9, "ids": town[WEST]},
            )
    wait_until_handed_on(app, newest(module_engine))
    for after in (start, newest(module_engine) + 1000):
        with stream(app, commander, after=after) as reading:
            reading.wait(lambda: bool(reading.messages))
            assert reading.messages == [(reading.last_id, {"reset": True})]
            assert reading.last_id <= newest(module_engine)


def test_an_id_of_nobody_s_making(app: Flask, commander: FlaskClient) -> None:
    answer = commander.get("/live?last_event_id=soon")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert commander.get("/live?after=3").status_code == 400
    assert app.test_client().get("/live").status_code == 401


def test_a_stream_ends_when_the_account_loses_its_grant(
    app: Flask, module_engine: Engine, town: Town
) -> None:
    login = add_account(module_engine, Role.SUPERVISOR, WEST)
    with stream(app, signed_in(app, login, PASSWORD)) as reading:
        revoke_role(module_engine, login, Role.SUPERVISOR, WEST)
        reading.wait(lambda: reading.is_over)
        rename_building(module_engine, town[WEST][0], "nach dem Ende")
        assert reading.messages == []


def test_a_stream_ends_when_the_session_ends(app: Flask, module_engine: Engine) -> None:
    client = signed_in(app, add_account(module_engine, Role.COMMANDER, ""), PASSWORD)
    csrf = client.get("/api/me").json["csrf"]
    with stream(app, client) as reading:
        assert client.delete("/api/session", headers={"X-CSRF-Token": csrf}).status_code == 204
        reading.wait(lambda: reading.is_over)


def test_a_lost_listener_comes_back_without_a_gap(
    app: Flask, commander: FlaskClient, town: Town, module_engine: Engine
) -> None:
    with stream(app, commander) as reading:
        changes = []
        for n in range(3):
            with module_engine.begin() as connection:
                ended = connection.execute(
                    text(
                        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                        "WHERE application_name = 'wangge listener' "
                        "AND datname = current_database()"
                    )
                ).scalar_one()
                assert ended <= 1
            changes.append(rename_building(module_engine, town[WEST][0], f"cut {n}"))
        reading.wait(lambda: reading.last_id >= changes[-1])
        assert [number for number, _ in reading.messages] == changes
    house: Services = app.extensions["wangge"]
    assert house.versions.current("buildings") == changes[-1]


def test_streams_are_counted_and_given_back(app: Flask, commander: FlaskClient) -> None:
    assert hub(app).open_streams == 0
    with stream(app, commander), stream(app, commander):
        assert hub(app).open_streams == 2
    assert hub(app).open_streams == 0


def test_no_more_streams_than_the_process_can_hold(app: Flask, commander: FlaskClient) -> None:
    reader = Reader(1, "x", ())
    taken: list[Subscription] = [hub(app).subscribe(reader)[0] for _ in range(200)]
    try:
        answer = commander.get("/live")
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.mimetype == "application/problem+json"
    finally:
        for subscription in taken:
            hub(app).unsubscribe(subscription)


def test_a_place_given_back_in_time_is_taken() -> None:
    small = Hub(most_streams=1)
    reader = Reader(1, "x", ())
    first, _ = small.subscribe(reader)

    def leave_when_written_to() -> None:
        assert first.take(10).must_check
        small.unsubscribe(first)

    leaving = threading.Thread(target=leave_when_written_to)
    leaving.start()
    second, _ = small.subscribe(reader)
    leaving.join()
    assert small.open_streams == 1
    with pytest.raises(TooManyStreams):
        small.subscribe(reader)
    small.unsubscribe(second)


def test_a_slow_reader_is_told_to_load_anew() -> None:
    subscription = Subscription(Reader(1, "x", (Grant(Role.COMMANDER, ""),)), 0, most_waiting=3)
    for n in range(1, 4):
        subscription.offer(Event(n, "buildings", n, "update", WEST))
    assert [event.id for event in subscription.take(0).events] == [1, 2, 3]
    for n in range(4, 9):
        subscription.offer(Event(n, "buildings", n, "update", WEST))
    taken = subscription.take(0)
    assert (taken.events, taken.has_gap, taken.last_id) == ((), True, 8)
    subscription.offer(Event(9, "buildings", 9, "update", WEST))
    taken = subscription.take(0)
    assert ([event.id for event in taken.events], taken.has_gap) == ([9], False)


def test_the_real_server_streams_and_notices_who_has_gone(
    module_database_url: str, module_engine: Engine, town: Town, tmp_path: Path
) -> None:
    login = add_account(module_engine, Role.COMMANDER, "")
    with serving(module_database_url, tmp_path) as address:
        host = address.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=30)
        body = json.dumps({"login": login, "password": PASSWORD})
        connection.request("POST", "/api/session", body, {"Content-Type": "application/json"})
        signed = connection.getresponse()
        signed.read()
        cookie = {"Cookie": str(signed.getheader("Set-Cookie")).split(";")[0]}
        connection.request("GET", "/live", headers=cookie)
        lines = iter(connection.getresponse().readline, b"")
        next(line for line in lines if line.startswith(b"id: "))
        began = time.monotonic()
        change = rename_building(module_engine, town[WEST][0], "live")
        assert next(line for line in lines if line.startswith(b"id: ")) == b"id: %d\n" % change
        assert json.loads(next(lines).removeprefix(b"data: ")) == expected(town[WEST][0])
        assert time.monotonic() - began < 2
        assert open_streams(host) == 1
        connection.close()
        deadline = time.monotonic() + 20
        while open_streams(host):
            assert time.monotonic() < deadline, "the stream of a closed browser is still held"
            time.sleep(0.1)


def open_streams(host: str) -> int:
    connection = http.client.HTTPConnection(host, timeout=10)
    connection.request("GET", "/metrics")
    figures = connection.getresponse().read().decode()
    connection.close()
    return int(re.search(r"^wangge_open_streams (\d+)$", figures, re.MULTILINE)[1])  # type: ignore[index]


def newest(engine: Engine) -> int:
    with engine.begin() as connection:
        return int(connection.execute(text("SELECT max(id) FROM core.history")).scalar_one())


def written_since(engine: Engine, start: int) -> list[int]:
    with engine.begin() as connection:
        rows = connection.execute(
            text("SELECT id FROM core.history WHERE id > :start ORDER BY id"), {"start": start}
        )
        return [row.id for row in rows]
