"""Duty over HTTP: clocking in and out, plans and lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from layers.core.rights import Role
from tests.builders.two_sides import EAST, WEST, TwoSides, at, build_two_sides
from tests.gisserver.conftest import signed_in
from tests.gisserver.town import PASSWORD, add_account

LON, LAT = at(WEST, 5)


class Desk:
    """Somebody signed in, whose writes carry the session's token."""

    def __init__(self, app: Flask, engine: Engine, role: Role, area: str) -> None:
        self.login = add_account(engine, role, area)
        self.client: FlaskClient = signed_in(app, self.login, PASSWORD)
        self.csrf = {"X-CSRF-Token": self.client.get("/api/me").json["csrf"]}

    def post(self, path: str, body: object) -> tuple[int, dict]:
        answer = self.client.post(path, json=body, headers=self.csrf)
        return answer.status_code, answer.json

    def get(self, path: str) -> tuple[int, dict]:
        answer = self.client.get(path)
        return answer.status_code, answer.json


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    town = build_two_sides(module_engine)
    with module_engine.begin() as connection:
        connection.execute(text("DELETE FROM patrol.shift"))
        connection.execute(text("DELETE FROM patrol.last_position"))
    return town


@pytest.fixture(scope="module")
def worker(app: Flask, module_engine: Engine, town: TwoSides) -> Desk:
    desk = Desk(app, module_engine, Role.WORKER, f"{WEST}01")
    with module_engine.begin() as connection:
        connection.execute(
            text("UPDATE organisation.account SET staff_id = :staff WHERE login = :login"),
            {"staff": town.west("staff"), "login": desk.login},
        )
    return desk


@pytest.fixture(scope="module")
def supervisor(app: Flask, module_engine: Engine, town: TwoSides) -> Desk:
    return Desk(app, module_engine, Role.SUPERVISOR, WEST)


def test_a_day_on_duty(worker: Desk, supervisor: Desk, town: TwoSides) -> None:
    assert worker.get("/api/duty/me")[1] == {
        "staff": {
            "id": town.west("staff"),
            "name": "网格员1",
            "post": "worker",
            "area_code": f"{WEST}01",
        },
        "shift": None,
        "next": None,
    }
    start = datetime.now(UTC) + timedelta(minutes=30)
    plan = {
        "staff_id": town.west("staff"),
        "planned_start": start.isoformat(),
        "planned_end": (start + timedelta(hours=8)).isoformat(),
    }
    status, planned = supervisor.post("/api/duty/shifts", plan)
    assert (status, planned["state"]) == (201, "planned")
    assert worker.get("/api/duty/me")[1]["next"]["id"] == planned["id"]
    status, begun = worker.post("/api/duty/clock-in", {"lon": LON, "lat": LAT})
    assert (status, begun["id"], begun["state"]) == (201, planned["id"], "on_duty")
    status, seen = supervisor.get(f"/api/duty/on-duty?area={WEST}")
    assert (status, seen["count"]) == (200, 1)
    assert seen["items"][0]["grid_code"] == f"{WEST}01"
    status, grids = supervisor.get("/api/duty/grids")
    assert [(row["code"], row["present"]) for row in grids["items"]] == [(f"{WEST}01", 1)]
    assert worker.post("/api/duty/clock-in", {"lon": LON, "lat": LAT})[0] == 409
    status, ended = worker.post("/api/duty/clock-out", {"lon": LON, "lat": LAT})
    assert (status, ended["end_kind"]) == (200, "staff")
    assert supervisor.get("/api/duty/on-duty")[1]["count"] == 0
    now = datetime.now(UTC)
    day = timedelta(days=1)
    span = f"from={now - day:%Y-%m-%dT%H:%M:%SZ}&to={now + day:%Y-%m-%dT%H:%M:%SZ}"
    status, shifts = supervisor.get(f"/api/duty/shifts?{span}")
    assert [(row["id"], row["name"]) for row in shifts["items"]] == [(begun["id"], "网格员1")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"lon": 200, "lat": 30}, 400),
        ({"lon": "x", "lat": 30}, 400),
        ({"lon": LON, "lat": LAT, "at": "yesterday"}, 400),
        ({"lon": LON, "lat": LAT, "where": "here"}, 400),
        ({"lon": LON, "lat": LAT, "staff_id": "1"}, 400),
        ({"lon": LON, "lat": LAT, "at": "2090-01-01T00:00:00Z"}, 400),
    ],
)
def test_bad_clocking_is_refused(worker: Desk, body: object, status: int) -> None:
    answered, problem = worker.post("/api/duty/clock-in", body)
    assert (answered, problem["status"]) == (status, status)
    assert worker.get("/api/duty/me")[1]["shift"] is None


def test_who_may_not(worker: Desk, supervisor: Desk, town: TwoSides) -> None:
    assert worker.get("/api/duty/on-duty")[0] == 403
    assert worker.post("/api/duty/clock-in", {"staff_id": town.east("staff")})[0] == 403
    assert supervisor.post("/api/duty/clock-in", {"staff_id": town.east("staff")})[0] == 404
    assert supervisor.get("/api/duty/on-duty?area=x")[0] == 400
    assert supervisor.get("/api/duty/shifts")[0] == 400
    assert supervisor.get(f"/api/duty/on-duty?area={EAST}")[1]["count"] == 0


def test_a_plan_is_taken_back(supervisor: Desk, worker: Desk, town: TwoSides) -> None:
    start = datetime.now(UTC) + timedelta(days=2)
    plan = {
        "staff_id": town.west("staff"),
        "planned_start": start.isoformat(),
        "planned_end": (start + timedelta(hours=8)).isoformat(),
    }
    shift = supervisor.post("/api/duty/shifts", plan)[1]["id"]
    path = f"/api/duty/shifts/{shift}"
    assert worker.client.delete(path, headers=worker.csrf).status_code == 403
    assert supervisor.client.delete(path, headers=supervisor.csrf).status_code == 204
    assert supervisor.client.delete(path, headers=supervisor.csrf).status_code == 404
