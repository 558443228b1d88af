"""Cases and work lists over HTTP: what is sent with a case, refused, and handed out as a file."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from gisserver.auth.accounts import create_account, link_staff
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.builders.pictures import flat_photo
from tests.builders.two_sides import COUNTY, WEST, TwoSides, build_two_sides, point
from tests.gisserver.conftest import app_over, signed_in
from tests.gisserver.town import PASSWORD

ROLES = (Role.OPERATOR, Role.DISPATCHER, Role.UNIT, Role.COMMANDER, Role.ANALYST, Role.AUDITOR)


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


@pytest.fixture(scope="module")
def app(
    module_database_url: str, town: TwoSides, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    with app_over(module_database_url, tmp_path_factory.mktemp("var")) as app:
        yield app


@pytest.fixture(scope="module")
def clients(app: Flask, module_engine: Engine) -> dict[Role, FlaskClient]:
    """One account a role in the county; the unit's belongs to the western employee."""
    for role in ROLES:
        create_account(
            module_engine, role.value, f"{role.value}者", PASSWORD, [Grant(role, COUNTY)]
        )
    with module_engine.begin() as connection:
        connection.execute(
            text("UPDATE organisation.staff SET code = 'W1' WHERE area_code = :area"),
            {"area": f"{WEST}01"},
        )
    link_staff(module_engine, "unit", "W1")
    return {role: signed_in(app, role.value, PASSWORD) for role in ROLES}


@pytest.fixture
def operator(clients: dict[Role, FlaskClient]) -> FlaskClient:
    return clients[Role.OPERATOR]


def post(client: FlaskClient, path: str, body: Any) -> TestResponse:
    me = client.get("/api/me").get_json()
    return client.post(path, json=body, headers={"X-CSRF-Token": me["csrf"]})


@pytest.fixture
def case(operator: FlaskClient) -> dict[str, Any]:
    """A case just reported, as its page has it."""
    body = {
        "type": "Feature",
        "geometry": point(WEST, 3),
        "properties": {
            "category": "UM-0101",
            "report_source": "SRC01",
            "description": "=HYPERLINK(1)违建",
            "place": "澄湖路",
        },
    }
    created = post(operator, "/api/layers/incidents/features", body).get_json()
    page: dict[str, Any] = operator.get(f"/api/incidents/{created['id']}/case").get_json()
    return page


def take(client: FlaskClient, page: dict[str, Any], step: str, **inputs: Any) -> TestResponse:
    incident = page["incident"]
    version = incident["properties"]["row_version"]
    body = {"step": step, "row_version": version, "inputs": inputs}
    return post(client, f"/api/incidents/{incident['id']}/steps", body)


def test_a_case_comes_with_the_steps_open_to_who_asks(
    clients: dict[Role, FlaskClient], case: dict[str, Any]
) -> None:
    names = [step["name"] for step in case["open"]]
    assert names == ["register", "accept", "order_verify", "void"]
    register = case["open"][0]
    (condition, note) = register["needs"]
    assert condition["is_required"]
    assert condition["kind"] == "condition"
    assert [option["value"] for option in condition["options"]] == ["UM-0101#1", "UM-0101#2"]
    assert condition["options"][0]["limit_unit"] == "urgent_day"
    assert not note["is_required"]
    assert [each["step"] for each in case["steps"]] == ["report"]
    assert case["steps"][0]["title"] == {"zh": "上报", "en": "Report"}
    assert case["steps"][0]["actor"] == "operator者"
    path = f"/api/incidents/{case['incident']['id']}/case"
    assert clients[Role.UNIT].get(path).get_json()["open"] == []
    assert clients[Role.AUDITOR].get(path).status_code == 403


def test_a_step_answers_the_case_as_it_then_is(
    clients: dict[Role, FlaskClient], operator: FlaskClient, town: TwoSides, case: dict[str, Any]
) -> None:
    answer = take(operator, case, "register", condition="UM-0101#2")
    assert answer.status_code == 201
    page = answer.get_json()
    properties = page["incident"]["properties"]
    assert properties["state"] == "pending_dispatch"
    assert properties["due_at"] > properties["warn_at"] > properties["registered_at"]
    assert page["owner"] == "operator者"
    assert page["open"] == []

    path = f"/api/incidents/{case['incident']['id']}"
    dispatcher = clients[Role.DISPATCHER]
    (unit,) = dispatcher.get(f"{path}/units").get_json()["items"]
    assert unit["id"] == town.west("units")
    assert 200 < unit["distance"] < 400
    assert [employee["name"] for employee in unit["staff"]] == ["网格员1"]
    page = take(dispatcher, page, "dispatch", unit=unit["id"], reason="请处置").get_json()
    assert page["unit"] == "工作站1"
    assert page["steps"][-1]["unit"] == "工作站1"
    assert page["steps"][-1]["role"] == "dispatcher"
    mine = clients[Role.UNIT].get("/api/incidents/lists/my_unit").get_json()["items"]
    assert case["incident"]["id"] in [row["id"] for row in mine]


def test_refusals_say_what_is_wrong(
    clients: dict[Role, FlaskClient], operator: FlaskClient, case: dict[str, Any]
) -> None:
    path = f"/api/incidents/{case['incident']['id']}/steps"
    nothing = take(operator, case, "register")
    assert nothing.status_code == 400
    assert nothing.get_json()["faults"] == [{"field": "condition", "reason": "required"}]
    closed = take(operator, case, "close", closing_condition="UM-01")
    assert closed.status_code == 400
    assert "open to you: register, accept" in closed.get_json()["detail"]
    assert take(clients[Role.DISPATCHER], case, "register").status_code == 403
    assert take(clients[Role.AUDITOR], case, "register").status_code == 403
    for body in (
        {"step": "register"},
        {"row_version": 1},
        {"step": "register", "row_version": "1"},
        {"step": "register", "row_version": True},
        {"step": "register", "row_version": 1, "inputs": []},
        {"step": "register", "row_version": 1, "what": 1},
        {"step": "", "row_version": 1},
        {"step": "void", "row_version": 1, "inputs": {"reason": "a\x00b"}},
        {"step": "void", "row_version": 1, "inputs": {"reason": {"a": 1}}},
        {"step": "register", "row_version": 1, "inputs": {"condition": ["UM-0101#1"]}},
    ):
        assert post(operator, path, body).status_code == 400, body
    assert operator.post(path, json={"step": "accept", "row_version": 1}).status_code == 403
    assert (
        post(
            operator, "/api/incidents/999999/steps", {"step": "accept", "row_version": 1}
        ).status_code
        == 404
    )
    assert operator.get(path.replace("steps", "case")).get_json() | {"now": ""} == case | {
        "now": ""
    }


def test_a_stale_step_is_answered_with_the_case_as_it_stands(
    operator: FlaskClient, case: dict[str, Any]
) -> None:
    take(operator, case, "accept")
    answer = take(operator, case, "register", condition="UM-0101#1")
    assert answer.status_code == 409
    body = answer.get_json()
    assert (body["asked"], body["current"]) == (1, 2)
    assert body["case"]["incident"]["properties"]["state"] == "pending_register"


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.COMMANDER, Role.UNIT])
def test_every_count_equals_its_rows(clients: dict[Role, FlaskClient], role: Role) -> None:
    client = clients[role]
    lists = client.get("/api/incidents/lists").get_json()["items"]
    assert lists
    for each in lists:
        page = client.get(f"/api/incidents/lists/{each['name']}?limit=200").get_json()
        assert (len(page["items"]), page["next"]) == (each["count"], None), each["name"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("?category=UM-01&area=990101&light=red&text=澄湖路&since=2020-01-01&sort=newest", 200),
        ("?light=blue", 400),
        ("?sort=best", 400),
        ("?unit=x", 400),
        ("?unit=0", 400),
        ("?since=yesterday", 400),
        ("?limit=0", 400),
        ("?after=nonsense", 400),
        ("?state=closed", 400),
        ("?category=" + "x" * 21, 400),
        ("?text=" + "长" * 81, 400),
        ("?text=%25_%5C%27", 200),
    ],
)
def test_filters_are_checked(operator: FlaskClient, query: str, status: int) -> None:
    assert operator.get(f"/api/incidents/lists/all{query}").status_code == status


def test_lists_are_for_those_with_the_right(clients: dict[Role, FlaskClient]) -> None:
    assert clients[Role.UNIT].get("/api/incidents/lists/to_dispatch").status_code == 403
    assert clients[Role.AUDITOR].get("/api/incidents/lists/all").status_code == 403
    assert clients[Role.AUDITOR].get("/api/incidents/lists").get_json()["items"] == []
    assert clients[Role.OPERATOR].get("/api/incidents/lists/heaps").status_code == 400


def test_a_list_as_tiles(operator: FlaskClient, case: dict[str, Any]) -> None:
    path = "/api/incidents/lists/open/tiles/14/13653/6759"
    answer = operator.get(path)
    assert answer.status_code == 200
    assert answer.data
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert operator.get(path, headers=tag).status_code == 304
    assert operator.get(f"{path}?text=nowhere").status_code == 204
    assert operator.get("/api/incidents/lists/open/tiles/14/99999/0").status_code == 404
    assert operator.get(f"{path}?color=red").status_code == 400


def test_a_list_as_a_file(
    clients: dict[Role, FlaskClient], module_engine: Engine, case: dict[str, Any]
) -> None:
    analyst, path = clients[Role.ANALYST], "/api/incidents/lists/open/export"
    body = {"reason": "周报统计", "category": "UM-01", "language": "zh"}
    answer = post(analyst, path, body)
    assert answer.status_code == 200
    assert "filename=open.xlsx" in answer.headers["Content-Disposition"]
    sheet = load_workbook(io.BytesIO(answer.data), read_only=True).active
    assert sheet is not None
    head, *rows = sheet.iter_rows(values_only=True)
    page = analyst.get("/api/incidents/lists/open?category=UM-01&limit=200").get_json()
    assert len(rows) == len(page["items"]) > 0
    told = dict(zip(head, rows[-1], strict=True))
    assert told["类别"] == "私搭乱建"
    assert told["状态"] == "已上报"
    assert told["网格"] == "网格1"
    assert told["问题描述"] == "=HYPERLINK(1)违建", "a text stays a text"
    with module_engine.begin() as connection:
        line = connection.execute(
            text(
                "SELECT login, layer, area_code, reason, detail FROM core.audit "
                "WHERE action = 'export' ORDER BY id DESC LIMIT 1"
            )
        ).one()
    assert line[:4] == ("analyst", "incidents", COUNTY, "周报统计")
    assert line.detail == {"list": "open", "filters": {"category": "UM-01"}, "rows": len(rows)}

    assert post(analyst, path, {"category": "UM-01"}).status_code == 400
    assert post(analyst, path, {"reason": "x", "language": "fr"}).status_code == 400
    assert post(analyst, path, {"reason": "x", "light": "blue"}).status_code == 400
    assert post(clients[Role.OPERATOR], path, {"reason": "周报"}).status_code == 403


def test_the_flow_is_told(operator: FlaskClient) -> None:
    flow = operator.get("/api/incidents/flow").get_json()
    assert [stage["stage"] for stage in flow["stages"]] == [1, 2, 3, 4, 5, 6, 7]
    assert flow["states"]["pending_check"] == 6
    assert flow["steps"]["rework"]["zh"] == "返工"


def take_with_photos(
    client: FlaskClient, page: dict[str, Any], step: str, photos: list[bytes], **inputs: Any
) -> TestResponse:
    incident = page["incident"]
    body = {"step": step, "row_version": incident["properties"]["row_version"], "inputs": inputs}
    files = [(io.BytesIO(photo), f"{n}.jpg") for n, photo in enumerate(photos)]
    return client.post(
        f"/api/incidents/{incident['id']}/steps",
        data={"step": json.dumps(body), "photo": files},
        headers={"X-CSRF-Token": client.get("/api/me").get_json()["csrf"]},
        content_type="multipart/form-data",
    )


@pytest.fixture
def in_hand(
    clients: dict[Role, FlaskClient], operator: FlaskClient, town: TwoSides, case: dict[str, Any]
) -> dict[str, Any]:
    """The case received by the unit in charge."""
    page = take(operator, case, "register", condition="UM-0101#2").get_json()
    unit = town.west("units")
    page = take(clients[Role.DISPATCHER], page, "dispatch", unit=unit).get_json()
    received: dict[str, Any] = take(clients[Role.UNIT], page, "receive").get_json()
    return received


def test_photos_come_with_the_step_they_prove(
    clients: dict[Role, FlaskClient], in_hand: dict[str, Any]
) -> None:
    unit, operator = clients[Role.UNIT], clients[Role.OPERATOR]
    assert [s["name"] for s in in_hand["open"] if s["takes_photos"]] == ["handle", "arrive"]
    arrived = take_with_photos(unit, in_hand, "arrive", [flat_photo(60)])
    assert arrived.status_code == 201, arrived.text
    page = arrived.get_json()
    assert [len(step["photos"]) for step in page["steps"]] == [0, 0, 0, 0, 1]
    handled = take_with_photos(
        unit, page, "handle", [flat_photo(120), flat_photo(180)], reason="已拆除"
    )
    page = handled.get_json()
    *_, arrive, handle = page["steps"]
    assert (arrive["step"], handle["step"]) == ("arrive", "handle")
    assert len(handle["photos"]) == 2
    told = operator.get(f"/api/incidents/{page['incident']['id']}/reports").get_json()["photos"]
    assert [(each["step_id"], each["state"]) for each in told] == [
        (arrive["id"], "handling"),
        *[(handle["id"], "handle_finish")] * 2,
    ]
    assert operator.get(f"/api/incidents/photos/{handle['photos'][0]}").mimetype == "image/jpeg"


def test_a_step_whose_photos_are_refused_is_not_taken(
    clients: dict[Role, FlaskClient], in_hand: dict[str, Any]
) -> None:
    unit = clients[Role.UNIT]
    good, path = flat_photo(60), f"/api/incidents/{in_hand['incident']['id']}"

    def refused(step: str, photos: list[bytes], **inputs: Any) -> Any:
        answer = take_with_photos(unit, in_hand, step, photos, **inputs)
        assert answer.status_code == 400, answer.text
        return answer.get_json()["faults"]

    (fault,) = refused("handle", [good, b"no picture"], reason="已拆除")
    assert fault["field"] == "photos.1"
    (fault,) = refused("handle", [flat_photo(shade) for shade in range(10)], reason="已拆除")
    assert fault == {"field": "photos", "reason": "10 given; at most 9"}
    (fault,) = refused("return_to_dispatch", [good], reason="不归我单位管")
    assert fault == {"field": "photos", "reason": "1 given; at most 0 with return_to_dispatch"}
    (fault,) = refused("handle", [good])
    assert fault == {"field": "reason", "reason": "required"}
    assert unit.get(f"{path}/case").get_json() | {"now": ""} == in_hand | {"now": ""}
    assert unit.get(f"{path}/reports").get_json()["photos"] == []

    assert take(unit, in_hand, "arrive").status_code == 201
    late = take_with_photos(unit, in_hand, "handle", [good], reason="已拆除")
    assert late.status_code == 409
    assert late.get_json()["case"]["steps"][-1]["step"] == "arrive"
    assert unit.get(f"{path}/reports").get_json()["photos"] == []
