"""Positions over HTTP: the devices' protocols, tokens, refusals, the line of moves."""

from __future__ import annotations

import json
import queue
import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from gisserver.context import Services
from layers.core.rights import Role
from tests.builders.two_sides import EAST, WEST, TwoSides, at, build_two_sides
from tests.gisserver.conftest import signed_in
from tests.gisserver.test_duty import Desk
from tests.gisserver.town import PASSWORD, add_account

LON, LAT = at(WEST, 5)
TAKEN = {"taken": 1, "duplicates": 0, "flagged": 0, "refused": 0}


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    """Two sides; the western worker is on duty since an hour ago."""
    town = build_two_sides(module_engine)
    with module_engine.begin() as connection:
        connection.execute(text("DELETE FROM patrol.shift"))
        connection.execute(text("DELETE FROM patrol.last_position"))
        connection.execute(
            text(
                "INSERT INTO patrol.shift (staff_id, area_code, started_at) "
                "VALUES (:staff, :area, now() - interval '1 hour')"
            ),
            {"staff": town.west("staff"), "area": f"{WEST}01"},
        )
    return town


@pytest.fixture(scope="module")
def admin(app: Flask, module_engine: Engine, town: TwoSides) -> Desk:
    return Desk(app, module_engine, Role.ADMIN, "")


@pytest.fixture(scope="module")
def phone(admin: Desk, town: TwoSides) -> str:
    """Token of the western worker's phone."""
    return device(admin, staff_id=town.west("staff"))


@pytest.fixture(scope="module")
def tracker(admin: Desk, town: TwoSides) -> str:
    """Token of the eastern vehicle's tracker."""
    return device(admin, vehicle_id=town.east("vehicles"))


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    """A device's HTTP client: never signed in."""
    return app.test_client()


def device(admin: Desk, **owner: Any) -> str:
    status, made = admin.post("/api/devices", {"name": "终端", **owner})
    assert status == 201, made
    return str(made["token"])


def seconds_ago(seconds: float) -> float:
    return round(datetime.now(UTC).timestamp() - seconds, 3)


def newest(engine: Engine) -> dict[str, Any] | None:
    with engine.connect() as connection:
        row = connection.execute(
            text(
                "SELECT * FROM patrol.position ORDER BY server_time DESC, device_time DESC LIMIT 1"
            )
        )
        found = row.mappings().one_or_none()
        return None if found is None else dict(found)


@pytest.mark.parametrize("method", ["query", "form"])
def test_the_osmand_protocol(
    client: FlaskClient, phone: str, module_engine: Engine, method: str
) -> None:
    when = int(seconds_ago(100 if method == "query" else 90))
    values = {
        "id": phone,
        "lat": LAT,
        "lon": LON,
        "timestamp": when if method == "query" else when * 1000,
        "speed": 10,
        "bearing": 45,
        "accuracy": 8.5,
        "batt": 77.4,
        "altitude": 4,
        "charge": "false",
    }
    if method == "query":
        answer = client.get("/api/positions", query_string=values)
    else:
        answer = client.post("/api/positions", data=values)
    assert (answer.status_code, answer.json) == (200, TAKEN)
    stored = newest(module_engine) or {}
    assert stored["device_time"].timestamp() == when
    assert abs(stored["server_time"].timestamp() - time.time()) < 30
    assert stored["speed"] == pytest.approx(18.52)
    assert (stored["heading"], stored["accuracy"], stored["area_code"]) == (45, 8.5, f"{WEST}01")
    with module_engine.connect() as connection:
        battery = connection.execute(text("SELECT battery FROM patrol.last_position")).scalar_one()
    assert battery == 77


def test_a_fix_let_in_early_is_answered_like_any_other(
    client: FlaskClient, phone: str, app: Flask
) -> None:
    """A query is answered before the framework, a form by the route: both say the same."""
    fix = {"id": phone, "lat": LAT, "lon": LON, "timestamp": seconds_ago(70)}
    assert client.get("/api/positions", query_string=fix).json == TAKEN
    early = client.get("/api/positions", query_string=fix)
    late = client.post("/api/positions", data=fix)
    assert early.data == late.data.rstrip()
    assert early.json["duplicates"] == 1
    told = [
        {name: value for name, value in answer.headers if name != "Content-Length"}
        for answer in (early, late)
    ]
    assert told[0] == told[1]
    assert int(early.headers["Content-Length"]) == len(early.data)
    figures = client.get("/metrics").text
    assert 'route="/api/positions"' in figures
    for odd in ({**fix, "colour": "red"}, {**fix, "lat": "north"}, {**fix, "id": "wgd_no"}):
        assert client.get("/api/positions", query_string=odd).status_code in (400, 401)


def test_the_json_of_newer_clients(client: FlaskClient, phone: str, module_engine: Engine) -> None:
    location = {
        "timestamp": datetime.fromtimestamp(seconds_ago(80), UTC)
        .isoformat()
        .replace("+00:00", "Z"),
        "coords": {"latitude": LAT, "longitude": LON, "accuracy": 5, "speed": 2, "heading": 180},
        "battery": {"level": 0.5, "is_charging": False},
        "activity": {"type": "walking"},
        "is_moving": True,
    }
    answer = client.post("/api/positions", json={"device_id": phone, "location": location})
    assert (answer.status_code, answer.json) == (200, TAKEN)
    stored = newest(module_engine) or {}
    assert (stored["speed"], stored["heading"]) == (pytest.approx(7.2), 180)
    again = client.post("/api/positions", json={"device_id": phone, "location": [location]})
    assert (again.status_code, again.json["duplicates"]) == (200, 1)


def test_a_batch_of_many_devices(
    client: FlaskClient, phone: str, tracker: str, module_engine: Engine
) -> None:
    x, y = at(EAST, 5)
    now = seconds_ago(0)
    positions = [
        {"timestamp": now - 60, "lat": LAT, "lon": LON, "speed": 5.5},
        {"id": tracker, "timestamp": (now - 59) * 1000, "lat": y, "lon": x, "bearing": 90},
        {"id": tracker, "timestamp": now + 3600, "lat": y, "lon": x},
        {"id": "wgd_nobody", "timestamp": now, "lat": y, "lon": x},
        {"id": tracker, "timestamp": now - 50, "lat": 0, "lon": 0},
        {"id": tracker, "timestamp": now - 49, "lat": 31, "lon": 121},
    ]
    answer = client.post("/api/positions/batch", json={"id": phone, "positions": positions})
    assert answer.status_code == 200, answer.text
    told = answer.json
    counts = {name: told[name] for name in TAKEN}
    assert counts == {"taken": 3, "duplicates": 0, "flagged": 1, "refused": 3}
    assert [(item["index"], item["outcome"]) for item in told["items"]] == [
        (2, "future"),
        (3, "unknown_device"),
        (4, "bad_place"),
        (5, "jump"),
    ]
    with module_engine.connect() as connection:
        speed = connection.execute(
            text("SELECT speed FROM patrol.position WHERE device_time = to_timestamp(:t)"),
            {"t": now - 60},
        ).scalar_one()
    assert speed == pytest.approx(5.5), "km/h in our own batch"


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"id": "wgd_forged"}, 401, None),
        ({"id": ""}, 401, None),
        ({"lat": "north"}, 400, "lat"),
        ({"lat": None}, 400, "lat"),
        ({"lat": 91}, 400, "lat"),
        ({"lat": 0, "lon": 0}, 400, "lat"),
        ({"lon": "1e999"}, 400, "lon"),
        ({"timestamp": None}, 400, "timestamp"),
        ({"timestamp": "noon"}, 400, "timestamp"),
        ({"timestamp": "1e300"}, 400, "timestamp"),
        ({"timestamp": 5}, 400, "timestamp"),
        ({"timestamp": 4102444800}, 400, "timestamp"),
        ({"valid": "false"}, 400, "valid"),
        ({"colour": "red"}, 400, None),
    ],
)
def test_bad_fixes_are_refused(
    client: FlaskClient,
    phone: str,
    module_engine: Engine,
    change: dict[str, Any],
    status: int,
    field: str | None,
) -> None:
    values = {"id": phone, "lat": LAT, "lon": LON, "timestamp": seconds_ago(1)} | change
    values = {name: value for name, value in values.items() if value is not None}
    before = newest(module_engine)
    answer = client.get("/api/positions", query_string=values)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    if field:
        assert field in [fault["field"] for fault in answer.json["faults"]]
    assert newest(module_engine) == before


@pytest.mark.parametrize(
    "position",
    [
        7,
        {"lat": 30, "lon": 120},
        {"timestamp": 1, "lat": "30", "lon": 120},
        {"timestamp": 1, "lat": True, "lon": 120},
        {"timestamp": 10**400, "lat": 30, "lon": 120},
        {"timestamp": 1, "lat": 10**400, "lon": 120},
        {"timestamp": 1, "lat": 30, "lon": 120, "where": "here"},
    ],
)
def test_a_batch_that_cannot_be_read_is_refused_whole(
    client: FlaskClient, tracker: str, module_engine: Engine, position: Any
) -> None:
    before = newest(module_engine)
    x, y = at(EAST, 5.2)
    good = {"timestamp": seconds_ago(1), "lat": y, "lon": x}
    body = {"id": tracker, "positions": [good, position]}
    answer = client.post("/api/positions/batch", json=body)
    assert answer.status_code == 400
    assert newest(module_engine) == before
    for body in ({"positions": []}, {"positions": {}}, {}, {"id": tracker}):
        assert client.post("/api/positions/batch", json=body).status_code == 400
    for token in ("wgd_x", [], 5):
        unknown = {"positions": [good | {"id": token}]}
        assert client.post("/api/positions/batch", json=unknown).status_code == 401


def test_off_duty_is_no_error_but_nothing_is_kept(
    client: FlaskClient, admin: Desk, town: TwoSides, module_engine: Engine
) -> None:
    token = device(admin, staff_id=town.east("staff"))
    values = {"id": token, "lat": LAT, "lon": LON, "timestamp": seconds_ago(1)}
    answer = client.get("/api/positions", query_string=values)
    assert (answer.status_code, answer.json["taken"], answer.json["refused"]) == (200, 0, 1)
    assert answer.json["items"][0]["outcome"] == "off_duty"
    with module_engine.connect() as connection:
        kept = connection.execute(
            text(
                "SELECT count(*) FROM patrol.position "
                "WHERE object_kind = 'staff' AND object_id = :id"
            ),
            {"id": town.east("staff")},
        )
        assert kept.scalar_one() == 0


def test_devices_are_managed_and_revoked_at_once(
    client: FlaskClient, admin: Desk, town: TwoSides, app: Flask, module_engine: Engine
) -> None:
    token = device(admin, vehicle_id=town.west("vehicles"), datum="gcj02", days=30)
    values = {"id": token, "lat": LAT, "lon": LON, "timestamp": seconds_ago(9)}
    assert client.get("/api/positions", query_string=values).status_code == 200
    bearer = {"Authorization": f"Bearer {token}"}
    body = {"positions": [{"timestamp": seconds_ago(8), "lat": LAT, "lon": LON}]}
    assert client.post("/api/positions/batch", json=body, headers=bearer).json["taken"] == 1
    house: Services = app.extensions["wangge"]
    house.devices.write_counts()
    path = f"/api/devices?vehicle_id={town.west('vehicles')}"
    ((row,),) = [admin.get(path)[1]["items"]]
    assert (row["taken"], row["refused"], row["datum"]) == (2, 0, "gcj02")
    assert row["last_used_at"] is not None
    assert "token" not in row
    path = f"/api/devices/{row['id']}"
    assert admin.client.delete(path, headers=admin.csrf).status_code == 204
    assert client.get("/api/positions", query_string=values).status_code == 401
    assert admin.client.delete(path, headers=admin.csrf).status_code == 409
    with module_engine.connect() as connection:
        lines = connection.execute(
            text(
                "SELECT action FROM core.audit "
                "WHERE layer = 'vehicles' AND feature_id = :id ORDER BY id"
            ),
            {"id": town.west("vehicles")},
        )
        assert lines.scalars().all() == ["device_create", "device_revoke"]


def test_who_may_not_manage_devices(app: Flask, module_engine: Engine, town: TwoSides) -> None:
    supervisor = Desk(app, module_engine, Role.SUPERVISOR, WEST)
    assert supervisor.get("/api/devices")[0] == 403
    assert supervisor.post("/api/devices", {"name": "x", "staff_id": town.west("staff")})[0] == 403
    west = Desk(app, module_engine, Role.ADMIN, WEST)
    assert west.post("/api/devices", {"name": "x", "staff_id": town.east("staff")})[0] == 404
    assert west.post("/api/devices", {"name": "x"})[0] == 400
    both = {"name": "x", "staff_id": town.west("staff"), "vehicle_id": town.west("vehicles")}
    assert west.post("/api/devices", both)[0] == 400
    for bad in ({"days": 0}, {"days": 5000}, {"datum": "bd09"}, {"name": ""}):
        assert west.post("/api/devices", {"name": "x", "staff_id": 1} | bad)[0] == 400


class Moves:
    """The events `positions` of an open stream, read in the background."""

    HEAD = "event: positions\ndata: "

    def __init__(self, client: FlaskClient) -> None:
        self.answer = client.get("/live?positions=true", buffered=False)
        assert self.answer.status_code == 200
        self.told: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for chunk in self.answer.iter_encoded():
            for event in chunk.decode().split("\n\n"):
                if event.startswith(self.HEAD):
                    self.told.put(json.loads(event.removeprefix(self.HEAD)))

    def next(self) -> dict[str, Any]:
        """The next message of moves; pings and changes are passed over."""
        return self.told.get(timeout=10)

    def gone(self) -> list[list[int]]:
        """Who is gone, as soon as anybody is."""
        while not (gone := self.next().get("gone")):
            pass
        return gone

    def until(self, *keys: tuple[int, int]) -> dict[tuple[int, int], list[Any]]:
        """The rows of all that moved until each of these did."""
        rows: dict[tuple[int, int], list[Any]] = {}
        while not set(keys) <= set(rows):
            rows |= {(row[0], row[1]): row for row in self.next()["moved"]}
        return rows


def test_moves_are_told_within_the_readers_areas(
    app: Flask, client: FlaskClient, phone: str, tracker: str, module_engine: Engine, town: TwoSides
) -> None:
    values = {"id": phone, "lat": LAT, "lon": LON, "timestamp": seconds_ago(20)}
    assert client.get("/api/positions", query_string=values).json == TAKEN
    moves = {}
    for area in (WEST, EAST, ""):
        login = add_account(module_engine, Role.DISPATCHER, area)
        moves[area] = Moves(signed_in(app, login, PASSWORD))
    west, east = (0, town.west("staff")), (1, town.east("vehicles"))
    first = {area: each.next() for area, each in moves.items()}
    assert all(message["all"] for message in first.values())
    seen = {area: {(r[0], r[1]) for r in message["moved"]} for area, message in first.items()}
    assert west in seen[WEST]
    assert west not in seen[EAST]
    assert seen[""] == seen[WEST] | seen[EAST]
    x, y = at(EAST, 5.3)
    values = {"id": phone, "lat": LAT, "lon": LON + 0.0001, "timestamp": seconds_ago(2)}
    assert client.get("/api/positions", query_string=values).json == TAKEN
    for seconds in (2, 1):  # seen twice, or it would be a jump after what was sent before
        values = {"id": tracker, "lat": y, "lon": x, "timestamp": seconds_ago(seconds), "speed": 1}
        assert client.get("/api/positions", query_string=values).json["taken"] == 1
    rows = moves[""].until(west, east)
    assert rows[west][2:6] == ["网格员1", "worker", pytest.approx(LON + 0.0001), pytest.approx(LAT)]
    assert (rows[east][3], rows[east][7]) == ("patrol", 1.9)
    assert east not in moves[WEST].until(west)
    assert west not in moves[EAST].until(east)
    with module_engine.begin() as connection:
        connection.execute(text("UPDATE patrol.shift SET ended_at = now(), end_kind = 'staff'"))
    assert moves[WEST].gone() == moves[""].gone() == [list(west)]


def test_moves_need_the_right(app: Flask, module_engine: Engine, town: TwoSides) -> None:
    client = signed_in(app, add_account(module_engine, Role.WORKER, WEST), PASSWORD)
    assert client.get("/live?positions=true").status_code == 403
    assert client.get("/live?positions=maybe").status_code == 400


def test_outcomes_are_counted(client: FlaskClient, tracker: str) -> None:
    figures = client.get("/metrics").text
    assert 'wangge_fixes_total{outcome="taken"}' in figures
    assert 'wangge_fixes_total{outcome="off_duty"}' in figures
