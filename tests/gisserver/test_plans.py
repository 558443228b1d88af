"""Plans and assignments over HTTP: the whole way of a plan, refusals, and who sees what."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from layers.core.rights import Role
from tests.builders.community import COMMUNITY, OTHER, at, build_community, code
from tests.gisserver.conftest import app_over, signed_in
from tests.gisserver.town import PASSWORD, add_account

ACROSS = {"kind": "split", "grid": 1, "line": [at(-0.02, 1 / 3), at(0.52, 1 / 3)]}


class Desk:
    """A signed-in person who sends what forms send."""

    def __init__(self, app: Flask, engine: Engine, role: Role, area: str) -> None:
        self.login = add_account(engine, role, area)
        self.client: FlaskClient = signed_in(app, self.login, PASSWORD)
        self.csrf = self.client.get("/api/me").get_json()["csrf"]

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def post(self, path: str, body: dict[str, Any]) -> TestResponse:
        return self.client.post(path, json=body, headers={"X-CSRF-Token": self.csrf})

    def made(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What a write that must succeed answers."""
        answer = self.post(path, body)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.get_json()
        return found


@pytest.fixture(scope="module")
def author(community_app: Flask, module_engine: Engine) -> Desk:
    return Desk(community_app, module_engine, Role.SUPERVISOR, COMMUNITY)


@pytest.fixture(scope="module")
def approver(community_app: Flask, module_engine: Engine) -> Desk:
    return Desk(community_app, module_engine, Role.COMMANDER, "990101")


@pytest.fixture
def plan(author: Desk, module_engine: Engine) -> Iterator[dict[str, Any]]:
    yield author.made("/api/plans", {"community": COMMUNITY, "title": "网格调整"})
    with module_engine.begin() as connection:
        connection.execute(text("UPDATE territory.plan SET state = 'discarded'"))


def operated(desk: Desk, plan: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    body = {"operation": operation, "row_version": plan["row_version"]}
    return desk.made(f"/api/plans/{plan['id']}/operations", body)


def test_a_plan_tells_all_that_a_screen_needs(author: Desk, plan: dict[str, Any]) -> None:
    assert plan["community"]["name"] == "甲社区"
    assert plan["community"]["border"]["type"] == "MultiPolygon"
    assert plan["steps"] == ["submit", "discard"]
    assert (plan["editable"], plan["is_stale"], plan["faults"]) == (True, False, [])
    after = operated(author, plan, ACROSS)
    pieces = {piece["code"]: piece for piece in after["pieces"]}
    assert {c: piece["status"] for c, piece in pieces.items()} == {
        code(2): "kept",
        code(3): "kept",
        code(4): "kept",
        code(5): "new",
        code(6): "new",
    }
    assert pieces[code(5)]["parents"] == [code(1)]
    assert [grid["code"] for grid in after["base"]] == [code(n) for n in (1, 2, 3, 4)]
    before = after["base"][0]["figures"]
    parts = [pieces[code(n)]["figures"] for n in (5, 6)]
    for name in ("buildings", "dwellings", "households", "residents", "open_incidents"):
        assert sum(part[name] for part in parts) == before[name], name
    assert sum(part["area"] for part in parts) == pytest.approx(before["area"], rel=1e-6)
    assert [each["kind"] for each in after["operations"]] == ["split"]


def test_the_outline_of_a_grid_changes_by_a_plan_only(author: Desk) -> None:
    """A form or a GIS client may change what is said of a grid, not cut a hole beside it."""
    found = author.get(f"/api/layers/grids/features?code={code(1)}").get_json()["features"][0]
    path = f"/api/layers/grids/features/{found['id']}"
    headers = {"X-CSRF-Token": author.csrf}
    moved = [[[at(0.0, 0.0), at(0.4, 0.0), at(0.4, 0.4), at(0.0, 0.4), at(0.0, 0.0)]]]
    body: dict[str, Any] = {
        "properties": {"note": "东侧临街"},
        "geometry": found["geometry"],
        "row_version": found["properties"]["row_version"],
    }
    # As it is told, the outline may be sent along.
    same = author.client.patch(path, json=body, headers=headers)
    assert same.status_code == 200, same.text
    assert same.get_json()["properties"]["note"] == "东侧临街"
    body["row_version"] += 1
    body["geometry"] = {"type": "MultiPolygon", "coordinates": moved}
    refused = author.client.patch(path, json=body, headers=headers)
    assert refused.status_code == 400
    (fault,) = refused.get_json()["faults"]
    assert fault["field"] == "geometry"
    assert "plan" in fault["reason"]
    assert author.get(path).get_json()["geometry"] == found["geometry"]


def test_undo_and_redo_survive_a_reload(author: Desk, plan: dict[str, Any]) -> None:
    after = operated(author, plan, ACROSS)
    path = f"/api/plans/{plan['id']}"
    undone = author.made(f"{path}/undo", {"row_version": after["row_version"]})
    assert undone["position"] == 0
    assert len(undone["operations"]) == 1
    assert author.get(path).get_json()["pieces"] == plan["pieces"]
    redone = author.made(f"{path}/redo", {"row_version": undone["row_version"]})
    assert redone["pieces"] == after["pieces"]
    again = author.post(f"{path}/redo", {"row_version": redone["row_version"]})
    assert (again.status_code, again.get_json()["detail"]) == (409, "nothing to redo")


def test_a_preview_shows_pieces_and_faults_and_keeps_nothing(
    author: Desk, plan: dict[str, Any]
) -> None:
    cut = {"kind": "split", "grid": 1, "line": [at(-0.02, 0.25), at(0.52, 0.25)]}
    seen = author.made(f"/api/plans/{plan['id']}/preview", {"operation": cut})
    assert len(seen["pieces"]) == 5
    assert {fault["kind"] for fault in seen["faults"]} == {"cut_building"}
    assert all(fault["geometry"]["type"] == "MultiPolygon" for fault in seen["faults"])
    assert author.get(f"/api/plans/{plan['id']}").get_json() == plan


def test_what_geometry_forbids_is_refused_with_its_place(
    author: Desk, plan: dict[str, Any]
) -> None:
    line = [at(0.1, 0.1), at(0.4, 0.4), at(0.4, 0.1), at(0.1, 0.4)]
    body = {"operation": {"kind": "split", "grid": 1, "line": line}, "row_version": 1}
    answer = author.post(f"/api/plans/{plan['id']}/operations", body)
    problem = answer.get_json()
    assert answer.status_code == 400
    assert problem["kind"] == "line_crosses_itself"
    x, y = problem["where"]["coordinates"][0]
    assert (x, y) == pytest.approx(at(0.25, 0.25), abs=1e-6)


def test_two_who_draw_at_once_are_told_of_each_other(
    author: Desk, plan: dict[str, Any], community_app: Flask, module_engine: Engine
) -> None:
    colleague = Desk(community_app, module_engine, Role.SUPERVISOR, COMMUNITY)
    second = colleague.post("/api/plans", {"community": COMMUNITY, "title": "另一方案"})
    assert second.status_code == 409
    assert second.get_json()["plan"] == {
        "id": plan["id"],
        "title": "网格调整",
        "author": author.login,
        "state": "draft",
    }
    theirs = operated(colleague, plan, ACROSS)
    body = {"operation": {"kind": "merge", "grids": [1, 2]}, "row_version": plan["row_version"]}
    late = author.post(f"/api/plans/{plan['id']}/operations", body)
    problem = late.get_json()
    assert late.status_code == 409
    assert (problem["asked"], problem["current"]) == (plan["row_version"], theirs["row_version"])
    assert problem["plan"]["operations"][0]["actor"] == colleague.login
    assert problem["plan"]["pieces"] == theirs["pieces"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"community": COMMUNITY}),
        ("", {"community": "1", "title": "方案"}),
        ("", {"community": COMMUNITY, "title": "方案", "more": 1}),
        ("/{id}/operations", {"operation": {"kind": "merge", "grids": [1, 2]}}),
        ("/{id}/operations", {"operation": "split", "row_version": 1}),
        ("/{id}/operations", {"operation": {"kind": "burn"}, "row_version": 1}),
        ("/{id}/preview", {}),
        ("/{id}/undo", {"row_version": "1"}),
        ("/{id}/undo", {"row_version": True}),
        ("/{id}/steps", {"step": "crown", "row_version": 1}),
        ("/{id}/steps", {"step": "submit", "row_version": 1, "effective_on": "tomorrow"}),
        ("/{id}/steps", {"step": "submit", "row_version": 1, "reason": 7}),
        ("/{id}/steps", {"step": "submit", "row_version": 1}),
    ],
)
def test_bad_input_is_refused(
    author: Desk, plan: dict[str, Any], path: str, body: dict[str, Any]
) -> None:
    answer = author.post("/api/plans" + path.format(id=plan["id"]), body)
    assert answer.status_code == 400, answer.text
    assert author.get(f"/api/plans/{plan['id']}").get_json() == plan


def test_plans_stay_within_the_areas_of_who_asks(
    plan: dict[str, Any], approver: Desk, community_app: Flask, module_engine: Engine
) -> None:
    stranger = Desk(community_app, module_engine, Role.SUPERVISOR, OTHER)
    path = f"/api/plans/{plan['id']}"
    assert stranger.get(path).status_code == 404
    assert stranger.get("/api/plans").get_json()["items"] == []
    step = {"step": "discard", "row_version": plan["row_version"]}
    assert stranger.post(f"{path}/steps", step).status_code == 404
    seen = approver.get(path).get_json()
    assert (seen["editable"], seen["steps"]) == (False, [])
    body = {"operation": ACROSS, "row_version": plan["row_version"]}
    assert approver.post(f"{path}/operations", body).status_code == 403
    deleted = approver.client.delete(
        f"/api/layers/grid_plans/features/{plan['id']}?row_version=1",
        headers={"X-CSRF-Token": approver.csrf},
    )
    assert deleted.status_code == 403
    assert approver.get("/api/plans?state=draft&community=" + COMMUNITY).get_json()["items"]
    assert approver.get("/api/plans?colour=red").status_code == 400


def test_another_account_puts_the_plan_in_force(
    author: Desk, approver: Desk, plan: dict[str, Any], module_engine: Engine
) -> None:
    path = f"/api/plans/{plan['id']}"
    drawn = operated(author, plan, ACROSS)
    step = {"step": "submit", "row_version": drawn["row_version"], "reason": "户数过多"}
    sent = author.made(f"{path}/steps", step)
    assert (sent["state"], sent["reason"]) == ("submitted", "户数过多")
    verdict = {"step": "approve", "row_version": sent["row_version"]}
    assert author.post(f"{path}/steps", verdict).status_code == 403
    stale = approver.post(f"{path}/steps", verdict | {"row_version": 1})
    assert (stale.status_code, stale.get_json()["plan"]["state"]) == (409, "submitted")
    done = approver.made(f"{path}/steps", verdict)
    assert done["state"] == "in_force"
    assert done["outcome"]["rehomed"]["persons"] == 36
    again = verdict | {"row_version": done["row_version"]}
    assert approver.post(f"{path}/steps", again).status_code == 409

    grids = approver.get("/api/layers/grids/features?kind=governance").get_json()["features"]
    current = {
        each["properties"]["code"] for each in grids if each["properties"]["valid_to"] is None
    }
    assert current == {code(n) for n in (2, 3, 4, 5, 6)}
    old = next(each for each in grids if each["properties"]["code"] == code(1))
    lineage = approver.get(f"/api/grids/{old['id']}/lineage").get_json()
    assert lineage["before"] == []
    assert [kin["code"] for kin in lineage["after"]] in ([code(5), code(6)], [code(6), code(5)])
    assert sum(kin["residents"] for kin in lineage["after"]) == 36
    assert approver.get("/api/summary").get_json()["counts"]["grids"] == 5
    hits = approver.get("/api/search?q=" + code(1)).get_json()["groups"]
    assert hits == []  # a grid that ended is not offered any more

    vacant = approver.get(f"/api/assignments/vacancies?area={COMMUNITY}").get_json()["items"]
    assert {each["code"] for each in vacant} == current
    counted = approver.get(
        f"/api/grids/counts?community={COMMUNITY}&since=2020-01-01&until=2030-01-01&on=2020-06-01"
    ).get_json()["items"]
    assert {each["code"] for each in counted} == {code(n) for n in (1, 2, 3, 4)}
    assert {each["incidents"] for each in counted} == {18}


def test_a_plan_whose_day_has_come_is_put_in_force_by_the_server(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    build_community(engine)
    with app_over(database_url, tmp_path) as app:
        author = Desk(app, engine, Role.SUPERVISOR, COMMUNITY)
        approver = Desk(app, engine, Role.COMMANDER, "")
        plan = author.made("/api/plans", {"community": COMMUNITY, "title": "网格调整"})
        drawn = operated(author, plan, ACROSS)
        step = {"step": "submit", "row_version": drawn["row_version"], "reason": "户数过多"}
        later = str(datetime.now(UTC).date() + timedelta(days=3))
        path = f"/api/plans/{plan['id']}/steps"
        sent = author.made(path, step | {"effective_on": later})
        verdict = {"step": "approve", "row_version": sent["row_version"]}
        assert approver.made(path, verdict)["state"] == "approved"
    with engine.begin() as connection:  # the days go by
        connection.execute(text("UPDATE territory.plan SET effective_on = core.today()"))
    with app_over(database_url, tmp_path) as app:
        reader = Desk(app, engine, Role.COMMANDER, "")

        def state() -> str:
            return str(reader.get(f"/api/plans/{plan['id']}").get_json()["state"])

        deadline = time.monotonic() + 20
        while state() != "in_force" and time.monotonic() < deadline:
            time.sleep(0.05)
        assert state() == "in_force"


@pytest.mark.parametrize(
    "path",
    [
        "/api/assignments?area=99x",
        "/api/assignments?on=today",
        "/api/assignments?past=perhaps",
        "/api/assignments?grid=0",
        "/api/assignments/vacancies?grid=1",
        "/api/grids/counts",
        "/api/grids/counts?community=990101&since=2026-01-01&until=2026-02-01&on=2026-01-01",
        f"/api/grids/counts?community={COMMUNITY}&since=2026-02-01&until=2026-01-01&on=2026-01-01",
    ],
)
def test_bad_questions_about_charge_are_refused(author: Desk, path: str) -> None:
    assert author.get(path).status_code == 400


def test_an_unknown_grid_has_no_lineage(author: Desk) -> None:
    assert author.get("/api/grids/999999/lineage").status_code == 404
