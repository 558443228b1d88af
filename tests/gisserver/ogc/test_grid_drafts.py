"""Grids drawn in QGIS: every write goes into the drawer's draft, which is judged as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from gisserver.auth.accounts import create_account
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.builders.community import COMMUNITY, SIDE, code
from tests.gisserver.conftest import signed_in
from tests.gisserver.ogc.conftest import PASSWORD
from tests.gisserver.ogc.writer import Writer, faults, new_writer

# Between two rows of houses.
MOVED = round(SIDE / 12, 7)


@pytest.fixture
def drawer(community_app: Flask, module_engine: Engine) -> Iterator[Writer]:
    """A supervisor of the community; plans are gone in the end."""
    yield new_writer(community_app, module_engine, area=COMMUNITY)
    with module_engine.begin() as connection:
        connection.execute(text("UPDATE territory.plan SET state = 'discarded'"))


def grids(writer: Writer) -> dict[str, dict[str, Any]]:
    """The grids in force, by code."""
    answer = writer.ask("GET", "grids/items?limit=100")
    assert answer.json is not None
    in_force = [each for each in answer.json["features"] if not each["properties"]["valid_to"]]
    return {each["properties"]["code"]: each for each in in_force}


def item(grid: dict[str, Any]) -> str:
    return f"grids/items/{grid['id']}"


def shifted(grid: dict[str, Any], corner: float, by: float) -> dict[str, Any]:
    """The geometry with all corners of one longitude moved east."""
    made: dict[str, Any] = deepcopy(grid["geometry"])
    for ring in made["coordinates"][0]:
        for place in ring:
            if abs(place[0] - corner) < 1e-6:
                place[0] = round(place[0] + by, 7)
    return made


def draft_of(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 202, answer.text
    assert answer.json is not None
    told: dict[str, Any] = answer.json
    assert answer.headers["Link"].startswith(f"<http://localhost/api/plans/{told['plan']['id']}>")
    return told


def plan(writer: Writer, told: dict[str, Any]) -> dict[str, Any]:
    """The plan as the viewer's desk shows it, at the address told."""
    address = told["plan"]["href"].removeprefix("http://localhost")
    answer = writer.client.get(address, auth=(writer.login, PASSWORD))
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return dict(answer.json)


def middle(found: dict[str, dict[str, Any]]) -> float:
    """The longitude of the border between the western and the eastern grids."""
    return float(max(place[0] for place in found[code(1)]["geometry"]["coordinates"][0][0]))


def test_a_shared_border_moved_by_four_requests_is_one_plan_without_faults(
    drawer: Writer,
) -> None:
    before = grids(drawer)
    border = middle(before)
    told: dict[str, Any] = {}
    wrong: list[set[str]] = []
    for number in (1, 3, 2, 4):
        grid = before[code(number)]
        answer = drawer.patch(item(grid), {"geometry": shifted(grid, border, MOVED)})
        told = draft_of(answer)
        assert told["grid"] == code(number)
        wrong.append({fault["kind"] for fault in told["faults"]})
    assert "overlap" in wrong[0]
    assert "overlap" in wrong[2]
    assert wrong[3] == set()
    made = plan(drawer, told)
    assert (made["state"], made["author"], made["is_stale"]) == ("draft", drawer.login, False)
    assert [each["kind"] for each in made["operations"]] == ["draw"] * 4
    assert {piece["code"]: piece["status"] for piece in made["pieces"]} == {
        code(number): "moved" for number in (1, 2, 3, 4)
    }
    # Nothing is in force before somebody else approves.
    assert grids(drawer) == before


def test_a_plan_drawn_elsewhere_comes_into_force(
    community_app: Flask, module_engine: Engine, drawer: Writer
) -> None:
    before = grids(drawer)
    border = middle(before)
    for number in (1, 2, 3, 4):
        grid = before[code(number)]
        told = draft_of(drawer.patch(item(grid), {"geometry": shifted(grid, border, MOVED)}))
    step = {"step": "submit", "reason": "调整边界", "row_version": told["plan"]["row_version"]}
    submitted = stepped(community_app, drawer, told, step)
    assert submitted.status_code == 200, submitted.text
    chief = new_writer(community_app, module_engine, Role.COMMANDER, "990101")
    step = {"step": "approve", "row_version": submitted.get_json()["row_version"]}
    approved = stepped(community_app, chief, told, step)
    assert approved.status_code == 200, approved.text
    assert approved.get_json()["state"] == "in_force"
    now = grids(drawer)
    assert set(now) == set(before)
    assert middle(now) == pytest.approx(border + MOVED, abs=1e-9)
    assert {now[c]["id"] for c in now} == {before[c]["id"] for c in before}


def stepped(app: Flask, who: Writer, told: dict[str, Any], step: dict[str, Any]) -> TestResponse:
    """A step of the plan, taken in the viewer."""
    browser = signed_in(app, who.login, PASSWORD)
    token = {"X-CSRF-Token": browser.get("/api/me").get_json()["csrf"]}
    return browser.post(f"/api/plans/{told['plan']['id']}/steps", json=step, headers=token)


def test_half_a_border_is_kept_but_not_handed_in(community_app: Flask, drawer: Writer) -> None:
    before = grids(drawer)
    grid = before[code(1)]
    moved = shifted(grid, middle(before), MOVED)
    told = draft_of(drawer.put(item(grid), grid | {"geometry": moved}))
    assert {fault["kind"] for fault in told["faults"]} >= {"overlap"}
    step = {"step": "submit", "reason": "调整边界", "row_version": told["plan"]["row_version"]}
    answer = stepped(community_app, drawer, told, step)
    assert answer.status_code == 400
    assert answer.get_json()["kind"] == "faults"


def test_a_save_of_geometry_then_attributes_is_one_draft(drawer: Writer) -> None:
    """QGIS: geometry first; then the other values, with the version and place it has cached."""
    before = grids(drawer)
    cached = deepcopy(before[code(1)])
    cached["geometry"] = shifted(cached, middle(before), MOVED)
    draft_of(drawer.qgis_put(item(cached), cached))
    cached["properties"] |= {"name": "锦绣网格", "note": "复核"}
    told = draft_of(drawer.qgis_put(item(cached), cached))
    made = plan(drawer, told)
    assert [each["kind"] for each in made["operations"]] == ["draw", "rename"]
    # What no plan holds is written at once, and does not put the plan out of date.
    now = grids(drawer)[code(1)]
    assert (now["properties"]["note"], now["properties"]["name"]) == ("复核", "甲社区第1网格")
    assert now["geometry"] == before[code(1)]["geometry"]
    assert made["is_stale"] is False


def test_values_that_no_plan_holds_are_written_at_once(drawer: Writer) -> None:
    grid = grids(drawer)[code(2)]
    draft = draft_of(drawer.patch(item(grid), {"properties": {"name": "东门网格"}}))
    assert drawer.patch(item(grid), {"properties": {"land_use": "居住"}}).status_code == 204
    assert grids(drawer)[code(2)]["properties"]["land_use"] == "居住"
    assert plan(drawer, draft)["is_stale"] is False


def test_a_grid_added_and_one_taken_away(drawer: Writer) -> None:
    before = grids(drawer)
    grid = before[code(1)]
    west = min(place[0] for place in grid["geometry"]["coordinates"][0][0])
    half = shifted(grid, west, SIDE / 2)
    body = {"type": "Feature", "geometry": half, "properties": {"kind": "governance"}}
    answer = drawer.post("grids", body)
    told = draft_of(answer)
    assert told["grid"] == code(5)
    assert "/grids/items/draft-" in answer.headers["Location"]
    told = draft_of(drawer.delete(item(before[code(4)])))
    assert told["grid"] is None
    codes = [piece["code"] for piece in plan(drawer, told)["pieces"]]
    assert codes == [code(number) for number in (1, 2, 3, 5)]
    assert drawer.delete(item(before[code(4)])).status_code == 409
    assert set(grids(drawer)) == set(before)


def test_a_grid_just_added_is_changed_again_before_it_has_an_id(
    community_app: Flask, module_engine: Engine, drawer: Writer
) -> None:
    """QGIS takes the id from Location and puts the feature there until the layer is reloaded."""
    grid = grids(drawer)[code(2)]
    kind = {"kind": "governance", "note": None}
    body = {"type": "Feature", "geometry": grid["geometry"], "properties": kind}
    path = drawer.post("grids", body).headers["Location"].partition("/collections/")[2]
    moved = {"geometry": shifted(grid, middle(grids(drawer)), MOVED)}
    cached = body | moved | {"id": path.rpartition("/")[2]}
    cached["properties"] = kind | {"name": "新网格"}
    made = plan(drawer, draft_of(drawer.qgis_put(path, cached)))
    assert [each["kind"] for each in made["operations"]] == ["add", "draw", "rename"]
    (new,) = (piece for piece in made["pieces"] if piece["status"] == "new")
    assert new["name"] == "新网格"
    assert set(faults(drawer.patch(path, {"properties": {"note": "x"}}))) == {"note"}
    other = new_writer(community_app, module_engine, area=COMMUNITY)
    assert other.patch(path, {"properties": {"name": "y"}}).status_code == 409
    foreign = new_writer(community_app, module_engine, area="990101001002")
    assert foreign.patch(path, {"properties": {"name": "y"}}).status_code == 404
    assert plan(drawer, draft_of(drawer.delete(path)))["operations"][-1]["kind"] == "remove"
    assert drawer.delete(path).status_code == 404
    assert drawer.delete("grids/items/draft-999999999-1").status_code == 404
    assert drawer.delete(path.replace("grids", "buildings")).status_code == 404


def test_the_draft_of_somebody_else_is_left_alone(
    community_app: Flask, module_engine: Engine, drawer: Writer
) -> None:
    grid = grids(drawer)[code(1)]
    draft_of(drawer.patch(item(grid), {"properties": {"name": "一号网格"}}))
    other = new_writer(community_app, module_engine, area=COMMUNITY)
    answer = other.patch(item(grid), {"properties": {"name": "另一网格"}})
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["plan"]["author"] == drawer.login


def test_a_bad_outline_is_refused_and_begins_no_plan(drawer: Writer, module_engine: Engine) -> None:
    grid = grids(drawer)[code(1)]
    ring = grid["geometry"]["coordinates"][0][0]
    bow_tie = {"type": "Polygon", "coordinates": [[ring[0], ring[2], ring[1], ring[3], ring[0]]]}
    assert set(faults(drawer.patch(item(grid), {"geometry": bow_tie}))) == {"geometry"}
    far = {"type": "Polygon", "coordinates": [[[1, 1], [1, 2], [2, 2], [1, 1]]]}
    kind = {"kind": "governance"}
    body = {"type": "Feature", "geometry": far, "properties": kind}
    assert set(faults(drawer.post("grids", body))) == {"geometry"}
    body = {"type": "Feature", "geometry": grid["geometry"], "properties": kind | {"note": "x"}}
    assert set(faults(drawer.post("grids", body))) == {"note"}
    with module_engine.begin() as connection:
        begun = connection.execute(
            text("SELECT count(*) FROM territory.plan WHERE author = :login"),
            {"login": drawer.login},
        ).scalar_one()
    assert begun == 0


def test_other_kinds_of_grids_are_written_at_once(drawer: Writer) -> None:
    grid = grids(drawer)[code(1)]
    body = {
        "type": "Feature",
        "geometry": grid["geometry"],
        "properties": {"kind": "unit", "name": "单元", "code": f"{COMMUNITY}001"},
    }
    answer = drawer.post("grids", body)
    assert answer.status_code == 201, answer.text
    path = answer.headers["Location"].partition("/collections/")[2]
    border = middle(grids(drawer))
    assert drawer.patch(path, {"geometry": shifted(grid, border, -MOVED)}).status_code == 204
    assert drawer.delete(path).status_code == 204


def test_who_may_not_draw_plans_writes_no_grids(
    community_app: Flask, module_engine: Engine, drawer: Writer
) -> None:
    login = f"of-grid-{drawer.login}"
    # The right over one grid alone is none over the community that is divided.
    create_account(module_engine, login, login, PASSWORD, [Grant(Role.SUPERVISOR, code(1))])
    single = Writer(drawer.client, login)
    grid = grids(drawer)[code(1)]
    assert single.patch(item(grid), {"properties": {"name": "网格"}}).status_code == 403
    worker = new_writer(community_app, module_engine, Role.WORKER, COMMUNITY)
    assert worker.patch(item(grid), {"properties": {"name": "网格"}}).status_code == 403
    assert "PATCH" not in worker.allowed(item(grid))
    assert grids(drawer)[code(1)] == grid
