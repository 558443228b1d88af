"""The rooms of /api over HTTP: shapes, editing, errors, caching."""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from layers.core.rights import Role
from tests.builders.two_sides import (
    EAST,
    NAMES,
    STREET,
    WEST,
    TwoSides,
    at,
    build_two_sides,
    point,
    square,
)
from tests.gisserver.conftest import signed_in
from tests.gisserver.town import PASSWORD, add_account

BUILDINGS = "/api/layers/buildings/features"


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


@pytest.fixture(scope="module")
def client(app: Flask, town: TwoSides, module_engine: Engine) -> FlaskClient:
    """The supervisor of the whole street, whose writes carry their token."""
    client = signed_in(app, add_account(module_engine, Role.SUPERVISOR, STREET), PASSWORD)
    client.environ_base["HTTP_X_CSRF_TOKEN"] = client.get("/api/me").get_json()["csrf"]
    return client


@pytest.fixture(scope="module")
def operator(app: Flask, town: TwoSides, module_engine: Engine) -> FlaskClient:
    return signed_in(app, add_account(module_engine, Role.OPERATOR, STREET), PASSWORD)


def new_building(client: FlaskClient, **properties: Any) -> dict[str, Any]:
    body = {
        "type": "Feature",
        "geometry": square(WEST, 8, 0.5),
        "properties": {"name": "新楼"} | properties,
    }
    answer = client.post(BUILDINGS, json=body)
    assert answer.status_code == 201, answer.text
    created: dict[str, Any] = answer.get_json()
    return created


def faults(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    return {fault["field"]: fault["reason"] for fault in answer.get_json()["faults"]}


def test_creating_answers_the_feature_as_stored(client: FlaskClient) -> None:
    created = new_building(client, levels=6)
    assert created["properties"]["area_code"] == f"{WEST}01"
    assert created["properties"]["row_version"] == 1
    assert created["editable"] is True
    answer = client.get(f"{BUILDINGS}/{created['id']}")
    assert answer.get_json() == created
    assert answer.content_type == "application/geo+json"


def test_a_change_names_the_version_it_is_based_on(client: FlaskClient) -> None:
    path = f"{BUILDINGS}/{new_building(client)['id']}"
    assert client.patch(path, json={"properties": {"levels": 7}}).status_code == 400
    first = client.patch(path, json={"properties": {"levels": 7, "row_version": 1}})
    assert first.status_code == 200
    assert first.get_json()["properties"]["levels"] == 7
    assert first.headers["ETag"] == '"2"'
    second = client.patch(
        path, json={"properties": {"levels": 8}, "reason": "复核"}, headers={"If-Match": '"2"'}
    )
    assert second.get_json()["properties"]["row_version"] == 3
    stale = client.patch(path, json={"properties": {"levels": 9}}, headers={"If-Match": 'W/"2"'})
    assert stale.status_code == 409
    assert (stale.get_json()["asked"], stale.get_json()["current"]) == (2, 3)
    assert stale.get_json()["feature"]["properties"]["levels"] == 8
    items = client.get(f"{path}/history").get_json()["items"]
    assert [(item["action"], item["reason"]) for item in items] == [
        ("update", "复核"),
        ("update", None),
        ("create", None),
    ]
    assert items[0]["differences"] == [{"field": "levels", "before": 7, "after": 8}]


def test_replacing_empties_what_is_left_out(client: FlaskClient) -> None:
    made = new_building(client, levels=6, alias="旧名")
    answer = client.put(
        f"{BUILDINGS}/{made['id']}", json={"properties": {"name": "新名"}, "row_version": 1}
    )
    properties = answer.get_json()["properties"]
    assert (properties["name"], properties["levels"], properties["alias"]) == ("新名", None, None)


def test_replacing_a_person_keeps_sealed_fields(client: FlaskClient, town: TwoSides) -> None:
    path = f"/api/layers/persons/features/{town.east('persons')}"
    version = client.get(path).get_json()["properties"]["row_version"]
    body = {"properties": {"register": "POP-02", "area_code": f"{WEST}01"}, "row_version": version}
    properties = client.put(path, json=body).get_json()["properties"]
    assert (properties["name"], properties["register"], properties["sex"]) == (
        "司***",
        "POP-02",
        None,
    )


def test_deleting(client: FlaskClient) -> None:
    path = f"{BUILDINGS}/{new_building(client)['id']}"
    assert client.delete(path).status_code == 400
    assert client.delete(f"{path}?row_version=9").status_code == 409
    headers = {"X-Reason": quote("重复登记")}
    assert client.delete(f"{path}?row_version=1", headers=headers).status_code == 204
    assert client.get(path).status_code == 404
    (last, _) = client.get(f"{path}/history").get_json()["items"]
    assert (last["action"], last["reason"]) == ("delete", "重复登记")


def test_every_fault_is_answered_at_once(client: FlaskClient) -> None:
    body = {"properties": {"levels": 0, "usage": "B99", "colour": "red"}}
    assert set(faults(client.post(BUILDINGS, json=body))) == {"levels", "usage", "colour"}
    assert "geometry" in faults(client.post(BUILDINGS, json={"properties": {}}))
    bad = {"geometry": {"type": "Point", "coordinates": [1, 2]}}
    assert "MultiPolygon expected" in faults(client.post(BUILDINGS, json=bad))["geometry"]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"type": "FeatureCollection"},
        {"properties": []},
        {"geometry": "POINT(0 0)"},
        {"color": 1},
        {"properties": {}, "reason": 7},
    ],
)
def test_what_is_no_feature_is_refused(client: FlaskClient, body: Any) -> None:
    assert client.post(BUILDINGS, json=body).status_code == 400


def test_a_body_nested_without_end_is_refused(client: FlaskClient) -> None:
    answer = client.post(BUILDINGS, data="[" * 200_000, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "bbox=1,2,3",
        "limit=0",
        "limit=1001",
        "after=x",
        "datetime=2030-01-01",
        "colour=red",
        "levels=many",
        "count=maybe",
        "levels=1&levels=2",
        "name=%00",
    ],
)
def test_what_cannot_be_asked_is_400(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{BUILDINGS}?{query}")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_pages_follow_each_other(client: FlaskClient, town: TwoSides) -> None:
    first = client.get("/api/layers/grids/features?limit=1&count=true").get_json()
    assert (first["numberMatched"], first["numberReturned"]) == (2, 1)
    second = client.get(f"/api/layers/grids/features?limit=1&after={first['next']}").get_json()
    assert [second["features"][0]["id"], second["next"]] == [town.east("grids"), None]
    assert "numberMatched" not in second


def test_what_may_only_be_read_says_so(operator: FlaskClient, town: TwoSides) -> None:
    path = f"{BUILDINGS}/{town.west('buildings')}"
    assert operator.get(path).get_json()["editable"] is False
    token = {"X-CSRF-Token": operator.get("/api/me").get_json()["csrf"]}
    body = {"properties": {"levels": 9, "row_version": 1}}
    assert operator.patch(path, json=body, headers=token).status_code == 403


def test_an_unchanged_feature_is_not_sent_again(client: FlaskClient, town: TwoSides) -> None:
    path = f"/api/layers/roads/features/{town.west('roads')}"
    etag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304


def test_schema(client: FlaskClient) -> None:
    answer = client.get("/api/layers/buildings/schema")
    assert answer.content_type == "application/schema+json"
    assert answer.get_json()["properties"]["usage"]["x-codes"] == "building_use"
    assert client.get("/api/layers/castles/schema").status_code == 404


def test_codes_are_sent_once(client: FlaskClient) -> None:
    answer = client.get("/api/codes", headers={"Accept-Encoding": "gzip"})
    assert b'"building_use"' in gzip.decompress(answer.data)
    again = client.get("/api/codes", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    tables = client.get("/api/codes").get_json()
    assert tables["sex"][1] == {"code": "1", "zh": "男", "en": "Male"}


def test_summary_follows_every_write(client: FlaskClient, operator: FlaskClient) -> None:
    before = client.get("/api/summary").get_json()
    assert before["area"] == {"code": STREET, "name": "测试街道"}
    assert before["extent"] == pytest.approx([120.0, 30.0, 120.02, 30.01])
    new_building(client)
    after = client.get("/api/summary").get_json()
    assert after["counts"]["buildings"] == before["counts"]["buildings"] + 1
    assert "persons" in after["counts"]
    assert "persons" not in operator.get("/api/summary").get_json()["counts"]


def test_search_answers_groups(client: FlaskClient, town: TwoSides) -> None:
    groups = client.get("/api/search?q=小学1&limit=3").get_json()["groups"]
    (item,) = groups[0]["items"]
    assert groups[0]["layer"] == "key_sites"
    assert (item["id"], item["title"], item["subtitle"]) == (
        town.west("key_sites"),
        "小学1",
        "澄湖路1号",
    )
    assert client.get("/api/search").get_json() == {"places": [], "homes": [], "groups": []}
    assert client.get("/api/search?q=a&limit=0").status_code == 400


def test_house(client: FlaskClient, operator: FlaskClient, town: TwoSides) -> None:
    path = f"/api/buildings/{town.west('buildings')}/house"
    house = client.get(path).get_json()
    assert (house["units"], house["floors"]) == (["1"], [3, 2, 1])
    (room,) = house["rooms"]
    assert room == {
        "id": town.west("dwellings"),
        "unit": "1",
        "floor": 2,
        "room": "201",
        "column": 1,
        "usage": None,
        "tenure": "T2",
        "area": None,
        "state": None,
        "next_inspection": None,
        "floors_high": 1,
        "columns_wide": 1,
        "column_number": None,
        "beds": None,
        "residents": 1,
        "households": 1,
    }
    assert house["counts"] == {"rooms": 1, "households": 1, "residents": 1}
    assert (house["building"]["lon"], house["building"]["lat"]) == pytest.approx(at(WEST, 5))
    assert client.get(f"{path}?on=1999-01-01").get_json()["counts"]["residents"] == 0
    assert client.get(f"{path}?on=yesterday").status_code == 400
    assert operator.get(path).status_code == 403


def test_residents_and_the_way_back(client: FlaskClient, town: TwoSides) -> None:
    path = f"/api/dwellings/{town.west('dwellings')}/residents"
    answer = client.get(path).get_json()
    (household,) = answer["households"]
    (member,) = household["members"]
    assert (household["household"], member["name"]) == ("H1", "欧***")
    assert (member["from"], member["to"]) == ("2020-01-01", None)
    houses = f"/api/persons/{member['person_id']}/houses"
    before = client.get(f"{houses}?on=1900-01-01").get_json()
    assert not any(home["current"] for home in before["homes"])
    assert before["household"] == []
    assert client.get(f"{houses}?on=yesterday").status_code == 400
    back = client.get(houses).get_json()
    assert back["homes"][0]["dwelling_id"] == town.west("dwellings")
    assert back["homes"][0]["current"] is True
    assert back["household"] == [member]
    assert client.get(f"{path}?former=maybe").status_code == 400


def test_search_answers_pasted_coordinates(client: FlaskClient) -> None:
    found = client.get(f"/api/search?q={quote('116.397428，39.90923')}").get_json()
    assert [place["system"] for place in found["places"]] == ["wgs84", "gcj02", "bd09"]
    assert found["groups"] == found["homes"] == []
    (place,) = client.get(f"/api/search?q={quote('百度 116.4100441,39.9169729')}").get_json()[
        "places"
    ]
    assert (place["lon"], place["lat"]) == pytest.approx((116.397428, 39.90923), abs=2e-7)


def test_search_answers_rooms_within_the_areas(
    app: Flask, client: FlaskClient, town: TwoSides, module_engine: Engine
) -> None:
    west = signed_in(app, add_account(module_engine, Role.SUPERVISOR, WEST), PASSWORD)
    for side, asker, is_found in ((WEST, west, True), (EAST, client, True), (EAST, west, False)):
        tail = side[-1]
        query = quote(f"云溪花园{tail}区{tail}栋1单元２０１")
        homes = asker.get(f"/api/search?q={query}").get_json()["homes"]
        found = [home["dwelling_id"] for home in homes]
        assert all(home["title"].endswith("1单元201") for home in homes)
        assert found == ([town.ids["dwellings"][side]] if is_found else [])


def test_person_search(client: FlaskClient, operator: FlaskClient, town: TwoSides) -> None:
    path = f"/api/persons/search?q={quote(NAMES[WEST])}"
    (person,) = client.get(path).get_json()["items"]
    assert (person["id"], person["name"]) == (town.west("persons"), "欧***")
    assert person["homes"][0]["building_id"] == town.west("buildings")
    assert client.get("/api/persons/search?q=%20").status_code == 400
    assert client.get("/api/persons/search?q=a%00b").status_code == 400
    assert operator.get(path).status_code == 403


def test_reveal(client: FlaskClient, town: TwoSides) -> None:
    body = {"layer": "persons", "id": town.west("persons"), "field": "name", "reason": "上门核实"}
    answer = client.post("/api/reveal", json=body)
    assert answer.get_json() == {"value": NAMES[WEST]}
    assert answer.headers["Cache-Control"] == "no-store"
    assert "reason" in faults(client.post("/api/reveal", json=body | {"reason": "看看"}))
    assert "field" in faults(client.post("/api/reveal", json=body | {"field": "sex"}))
    assert client.post("/api/reveal", json=body | {"id": "1"}).status_code == 400
    assert client.post("/api/reveal", json=body | {"layer": "castles"}).status_code == 404
    for half in (json.dumps(body | {"reason": wrong}) for wrong in ("\ud800看看吧", "看看\x00吧")):
        answer = client.post("/api/reveal", data=half, content_type="application/json")
        assert answer.status_code == 400


def test_locate(client: FlaskClient) -> None:
    longitude, latitude = at(WEST, 5)
    answer = client.get(f"/api/locate?lon={longitude}&lat={latitude}").get_json()
    assert answer["grid"] == {"code": f"{WEST}01", "name": "网格1"}
    assert answer["address"] == "澄湖路1号云溪花园1幢"
    for query in ("", "lon=1", "lon=181&lat=0", "lon=nan&lat=0", "lon=1&lat=1&zoom=3"):
        assert client.get(f"/api/locate?{query}").status_code == 400


def test_an_incident_is_registered_by_a_click(client: FlaskClient) -> None:
    body = {
        "type": "Feature",
        "geometry": point(WEST, 3),
        "properties": {"category": "UM-0101", "report_source": "SRC01", "description": "路灯不亮"},
    }
    answer = client.post("/api/layers/incidents/features", json=body)
    assert answer.status_code == 201
    assert answer.get_json()["properties"]["state"] == "reported"
    assert answer.get_json()["properties"]["area_code"] == f"{WEST}01"
    closed = {"properties": {"state": "closed", "row_version": 1}}
    path = answer.headers["Location"]
    assert faults(client.patch(path, json=closed)) == {"state": "read only"}


def test_everything_asks_who_is_there(app: Flask, town: TwoSides) -> None:
    stranger = app.test_client()
    for path in (
        BUILDINGS,
        f"{BUILDINGS}/1",
        "/api/codes",
        "/api/summary",
        "/api/search?q=a",
        "/api/persons/search?q=a",
        "/api/buildings/1/house",
        "/api/locate?lon=1&lat=1",
    ):
        assert stranger.get(path).status_code == 401, path
    assert stranger.post("/api/reveal", json={}).status_code == 401
    assert stranger.post(BUILDINGS, json={}).status_code == 401


@pytest.mark.parametrize("path", ["/api/layers/persons/features", "/ogc/collections/persons/items"])
def test_listing_persons_is_written_to_the_audit_log(
    client: FlaskClient, module_engine: Engine, path: str
) -> None:
    assert client.get(f"{path}?birth_date=1980-01-01&limit=5").status_code == 200
    with module_engine.connect() as connection:
        asked = connection.execute(
            text("SELECT detail -> 'asked' FROM core.audit WHERE action = 'list' ORDER BY id DESC")
        ).scalar()
    assert asked == {"birth_date": "1980-01-01", "limit": "5"}
