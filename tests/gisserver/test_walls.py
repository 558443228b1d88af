"""Linked screens follow each other, survive cuts and carry no data of their own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gisserver.context import EXTENSION
from gisserver.live.walls import TooManyScreens, Walls
from layers.core.errors import NotFound
from layers.core.rights import Role
from tests.gisserver.conftest import signed_in
from tests.gisserver.town import PASSWORD, WEST, add_account, build_town


def member(app: Flask, engine: Engine, role: Role, area: str) -> FlaskClient:
    client = signed_in(app, add_account(engine, role, area), PASSWORD)
    client.environ_base["HTTP_X_CSRF_TOKEN"] = client.get("/api/me").get_json()["csrf"]
    return client


@pytest.fixture(scope="module")
def screens(app: Flask, module_engine: Engine) -> tuple[FlaskClient, FlaskClient]:
    """Two machines, signed in with two accounts."""
    build_town(module_engine)
    return (
        member(app, module_engine, Role.COMMANDER, ""),
        member(app, module_engine, Role.SUPERVISOR, WEST),
    )


def new_wall(client: FlaskClient, **state: Any) -> dict[str, Any]:
    answer = client.post("/api/walls", json=state)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


class Screen:
    """A screen's stream, read by a thread of its own."""

    def __init__(self, client: FlaskClient, code: str) -> None:
        self.seen: list[dict[str, Any]] = []
        self.is_over = False
        self.answer = client.get(f"/api/walls/{code}/stream", buffered=False)
        assert self.answer.status_code == 200
        threading.Thread(target=self._read, args=(self.answer.iter_encoded(),), daemon=True).start()

    def _read(self, chunks: Iterator[bytes]) -> None:
        for chunk in chunks:
            for line in chunk.decode().splitlines():
                if line.startswith("data: "):
                    self.seen.append(json.loads(line.removeprefix("data: ")))
        self.is_over = True

    def wait_for(self, version: int, seconds: float = 5.0) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.seen and self.seen[-1].get("version") == version:
                return self.seen[-1]
            time.sleep(0.01)
        raise AssertionError(f"version {version} not seen, but {self.seen}")


def test_what_one_screen_does_the_others_follow(screens: tuple[FlaskClient, FlaskClient]) -> None:
    here, there = screens
    wall = new_wall(here, area="990101")
    assert wall["state"] == {
        "selected": None,
        "area": "990101",
        "period": "month",
        "category": None,
        "light": None,
    }
    screen = Screen(there, wall["code"].lower())
    assert screen.wait_for(1)["state"]["area"] == "990101"
    began = time.monotonic()
    answer = here.patch(f"/api/walls/{wall['code']}", json={"selected": "buildings.7"})
    assert answer.get_json()["version"] == 2
    assert screen.wait_for(2)["state"]["selected"] == "buildings.7"
    assert time.monotonic() - began < 1.0, "linked screens follow within a second"
    there.patch(f"/api/walls/{wall['code']}", json={"light": "red", "period": "day"})
    state = screen.wait_for(3)["state"]
    assert (state["area"], state["light"], state["period"]) == ("990101", "red", "day")


def test_two_changes_at_once_both_stay(screens: tuple[FlaskClient, FlaskClient]) -> None:
    here, there = screens
    code = new_wall(here)["code"]
    here.patch(f"/api/walls/{code}", json={"area": "9901"})
    there.patch(f"/api/walls/{code}", json={"period": "year"})
    state = here.get(f"/api/walls/{code}").get_json()["state"]
    assert (state["area"], state["period"]) == ("9901", "year")


def test_a_screen_that_comes_back_sees_where_the_wall_is(
    screens: tuple[FlaskClient, FlaskClient],
) -> None:
    here, there = screens
    code = new_wall(here)["code"]
    Screen(there, code).wait_for(1)
    here.patch(f"/api/walls/{code}", json={"period": "week"})
    assert Screen(there, code).wait_for(2)["state"]["period"] == "week"


def test_a_lost_notice_is_made_good(
    screens: tuple[FlaskClient, FlaskClient], module_engine: Engine
) -> None:
    """What changes while the listener is away shows once it is back."""
    code = new_wall(screens[0])["code"]
    screen = Screen(screens[1], code)
    screen.wait_for(1)
    with module_engine.begin() as connection:
        connection.execute(
            text("UPDATE organisation.wall SET version = 9 WHERE code = :code"), {"code": code}
        )
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'wangge listener' AND datname = current_database()"
            )
        )
    screen.wait_for(9)


def test_the_stream_ends_with_the_wall(screens: tuple[FlaskClient, FlaskClient]) -> None:
    here, there = screens
    code = new_wall(here)["code"]
    screen = Screen(there, code)
    screen.wait_for(1)
    assert there.delete(f"/api/walls/{code}").status_code == 404
    assert here.delete(f"/api/walls/{code}").status_code == 204
    deadline = time.monotonic() + 5
    while not screen.is_over and time.monotonic() < deadline:
        time.sleep(0.01)
    assert screen.is_over
    assert there.get(f"/api/walls/{code}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"selected": "castles.1"},
        {"selected": "buildings"},
        {"selected": 7},
        {"area": "31x"},
        {"area": 31},
        {"period": "decade"},
        {"light": "blue"},
        {"category": "'; DROP"},
        {"camera": 1},
        {},
    ],
)
def test_a_wrong_change_is_refused_and_changes_nothing(
    screens: tuple[FlaskClient, FlaskClient], body: dict[str, Any]
) -> None:
    code = new_wall(screens[0])["code"]
    answer = screens[0].patch(f"/api/walls/{code}", json=body)
    assert answer.status_code in (400, 404)
    assert answer.content_type == "application/problem+json"
    assert screens[0].get(f"/api/walls/{code}").get_json()["version"] == 1


@pytest.mark.parametrize("code", ["ABCDEFG", "ABCDEFGHI", "0O1IL000", "ZZZZ-ZZZZ", "%27"])
def test_no_such_code(screens: tuple[FlaskClient, FlaskClient], code: str) -> None:
    assert screens[0].get(f"/api/walls/{code}").status_code == 404
    assert screens[0].get(f"/api/walls/{code}/stream").status_code == 404


def test_screens_are_counted(app: Flask, module_engine: Engine) -> None:
    walls = Walls(module_engine, most_screens=1)
    watcher = walls.watch("A")
    with pytest.raises(TooManyScreens):
        walls.watch("B")
    walls.unwatch("A", watcher)
    walls.unwatch("A", watcher)
    walls.watch("B")
    with pytest.raises(NotFound):
        walls.change("A", {"area": ""})


def test_nobody_links_without_signing_in(app: Flask) -> None:
    client = app.test_client()
    assert client.post("/api/walls", json={}).status_code == 401
    assert client.get("/api/walls/ABCDEFGH/stream").status_code == 401
    assert app.extensions[EXTENSION].walls is not None
