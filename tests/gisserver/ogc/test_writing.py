"""Writing through OGC API Features: one way in, nothing sealed overwritten."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from gisserver.context import Services
from layers.catalogue import layer_by_name
from layers.core.rights import Role
from tests.gisserver.conftest import signed_in
from tests.gisserver.ogc.conftest import COMMUNITIES, PASSWORD, SOUTH, WEST
from tests.gisserver.ogc.writer import (
    GEOJSON,
    MERGE_PATCH,
    Writer,
    building,
    faults,
    new_writer,
    path_of,
    square,
)


@pytest.fixture(scope="module")
def ann(city: Flask, module_engine: Engine) -> Writer:
    """A supervisor of the first community."""
    return new_writer(city, module_engine)


@pytest.fixture(scope="module")
def worker(city: Flask, module_engine: Engine) -> Writer:
    """A grid worker, who writes places and hands in persons as proposals."""
    return new_writer(city, module_engine, Role.WORKER)


def history(engine: Engine, path: str) -> list[Any]:
    layer, _, feature_id = path.partition("/items/")
    with engine.begin() as connection:
        return list(
            connection.execute(
                text(
                    "SELECT action, actor, reason, before, after FROM core.history "
                    "WHERE layer = :layer AND feature_id = :id ORDER BY id"
                ),
                {"layer": layer, "id": int(feature_id)},
            )
        )


# One way in: rights, scope, history.


def test_each_write_is_in_the_history_with_who_and_why(ann: Writer, module_engine: Engine) -> None:
    path = ann.building(levels=3)
    assert ann.patch(path, {"properties": {"levels": 4}}, X_Reason="%E5%A4%8D%E6%A0%B8").status_code
    assert ann.delete(path).status_code == 204
    told = [(each.action, each.actor, each.reason) for each in history(module_engine, path)]
    assert told == [
        ("create", ann.login, None),
        ("update", ann.login, "复核"),
        ("delete", ann.login, None),
    ]


def test_allow_tells_what_this_user_may_do(ann: Writer, worker: Writer) -> None:
    item = ann.building()
    assert "POST" in ann.allowed("buildings/items")
    assert {"PUT", "PATCH", "DELETE"} <= ann.allowed(item)
    assert ann.allowed("buildings/items/unknown_id") == ann.allowed(item)
    assert worker.allowed("buildings/items") == {"GET", "HEAD", "OPTIONS"}
    assert worker.allowed(item) == {"GET", "HEAD", "OPTIONS"}
    assert "POST" in worker.allowed("cameras/items")
    # Workers hand persons in as proposals; an incident is reported, then moved by steps.
    assert "POST" not in worker.allowed("persons/items")
    assert "POST" in worker.allowed("incidents/items")
    assert "PUT" not in worker.allowed("incidents/items/1")


def test_what_is_written_by_its_own_workflow_only_is_405(ann: Writer) -> None:
    for method, path in (("POST", "grid_plans/items"), ("POST", "hot_zones/items")):
        answer = ann.ask(method, path, building(), GEOJSON)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert (
        ann.ask("PATCH", "grid_plans/items/1", {"properties": {}}, MERGE_PATCH).status_code == 405
    )


def test_a_method_a_resource_has_not_is_405(ann: Writer) -> None:
    answer = ann.ask("PUT", "buildings/items", building(), GEOJSON)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"
    answer = ann.ask("POST", ann.building(), building(), GEOJSON)
    assert answer.status_code == 405
    assert "PATCH" in answer.headers["Allow"]


def test_without_the_right_403_outside_the_scope_404(
    ann: Writer, worker: Writer, city: Flask, module_engine: Engine
) -> None:
    path = ann.building()
    assert worker.post("buildings", building(name="楼")).status_code == 403
    assert worker.patch(path, {"properties": {"levels": 9}}).status_code == 403
    assert worker.delete(path).status_code == 403
    other = new_writer(city, module_engine, area=COMMUNITIES[1])
    for answer in (
        other.patch(path, {"properties": {"levels": 9}}),
        other.put(path, ann.get(path)),
        other.delete(path),
    ):
        assert answer.status_code == 404
    assert ann.post("buildings", building() | {"geometry": square(0.015)}).status_code == 403
    assert ann.get(path)["properties"]["row_version"] == 1


def test_a_hidden_collection_is_404_for_writes_too(city: Flask, module_engine: Engine) -> None:
    auditor = new_writer(city, module_engine, Role.AUDITOR)
    assert auditor.ask("OPTIONS", "persons/items").status_code == 404
    assert auditor.post("persons", building()).status_code == 404
    assert auditor.delete("persons/items/1").status_code == 404


def test_a_browser_session_needs_its_token(city: Flask, ann: Writer) -> None:
    browser = signed_in(city, ann.login, PASSWORD)
    path = f"/ogc/collections/{ann.building()}"
    sent: dict[str, Any] = {"json": {"properties": {"levels": 2}}, "content_type": MERGE_PATCH}
    assert browser.patch(path, **sent).status_code == 403
    token = {"X-CSRF-Token": browser.get("/api/me").get_json()["csrf"]}
    assert browser.patch(path, headers=token, **sent).status_code == 204


# What QGIS sends.


def test_qgis_adds_a_feature_with_every_field_most_of_them_null(ann: Writer) -> None:
    schema = ann.get(ann.building())["properties"]
    feature = building(**dict.fromkeys(schema) | {"name": "甲楼"})
    answer = ann.post("buildings", feature)
    assert answer.headers["ETag"] == '"1"'
    assert ann.get(path_of(answer))["properties"]["name"] == "甲楼"


def test_a_read_only_value_that_was_changed_is_refused_by_name(ann: Writer) -> None:
    path = ann.building()
    feature = ann.get(path)
    assert ann.put(path, feature).status_code == 204
    feature["properties"] |= {"area_code": COMMUNITIES[1], "source": "QGIS", "levels": 0}
    assert set(faults(ann.put(path, feature))) == {"area_code", "source"}
    assert set(faults(ann.post("buildings", building(source="QGIS", levels=0)))) == {
        "source",
        "levels",
    }


def test_sending_back_what_was_read_writes_nothing(ann: Writer, module_engine: Engine) -> None:
    path = ann.building(levels=3)
    answer = ann.put(path, ann.get(path))
    assert (answer.status_code, answer.headers["ETag"]) == (204, '"1"')
    assert len(history(module_engine, path)) == 1


# Sealed values.


@pytest.fixture
def person(ann: Writer) -> str:
    properties = {
        "name": "欧阳测试",
        "document_type": "111",
        "id_number": "990101195001010010",
        "phone": "13800000001",
        "register": "POP-01",
    }
    made = {"type": "Feature", "geometry": None, "properties": properties}
    return path_of(ann.post("persons", made))


def sealed(app: Flask, engine: Engine, path: str) -> dict[str, str | None]:
    """What is sealed of a person, opened with the key."""
    services: Services = app.extensions["wangge"]
    with engine.begin() as connection:
        row = connection.execute(
            text(
                "SELECT name_cipher, id_number_cipher, phone_cipher FROM people.person "
                "WHERE id = :id"
            ),
            {"id": int(path.rpartition("/")[2])},
        ).one()
    return {
        name: services.sealer.open(f"persons.{name}", value) if value else None
        for name, value in zip(("name", "id_number", "phone"), row, strict=True)
    }


def test_masked_text_sent_back_never_overwrites_what_is_sealed(
    city: Flask, module_engine: Engine, ann: Writer, person: str
) -> None:
    before = sealed(city, module_engine, person)
    assert before["name"] == "欧阳测试"
    feature = ann.get(person)
    assert feature["properties"]["name"] == "欧***"
    feature["properties"]["register"] = "POP-02"
    assert ann.put(person, feature).status_code == 204
    assert sealed(city, module_engine, person) == before
    assert ann.get(person)["properties"]["register"] == "POP-02"
    # A mask of another name is no name either.
    answer = ann.patch(person, {"properties": {"name": "张**", "phone": "138****9999"}})
    assert set(faults(answer)) == {"name", "phone"}
    assert sealed(city, module_engine, person) == before
    assert ann.patch(person, {"properties": {"phone": "13800000002"}}).status_code == 204
    assert sealed(city, module_engine, person) == before | {"phone": "13800000002"}


def test_a_sealed_value_left_out_stays_and_null_empties(
    city: Flask, module_engine: Engine, ann: Writer, person: str
) -> None:
    feature = ann.get(person)
    for name in ("name", "id_number", "phone"):
        del feature["properties"][name]
    before = sealed(city, module_engine, person)
    assert ann.put(person, feature).status_code == 204
    assert sealed(city, module_engine, person) == before
    assert ann.patch(person, {"properties": {"phone": None}}).status_code == 204
    assert sealed(city, module_engine, person) == before | {"phone": None}


def test_a_worker_writes_no_person(worker: Writer, person: str) -> None:
    assert worker.patch(person, {"properties": {"register": "POP-02"}}).status_code == 403
    assert worker.put(person, worker.get(person)).status_code == 403
    assert worker.delete(person).status_code == 403


def test_writing_a_person_shows_and_logs_one_only_when_asked(
    ann: Writer, person: str, module_engine: Engine
) -> None:
    assert ann.patch(person, {"properties": {"register": "POP-02"}}).text == ""
    assert looks(module_engine, ann, person) == 0
    sent = {"properties": {"register": "POP-01"}}
    answer = ann.patch(person, sent, Prefer="return=representation")
    assert answer.json is not None
    assert answer.json["properties"]["name"] == "欧***"
    assert looks(module_engine, ann, person) == 1


def looks(engine: Engine, writer: Writer, path: str) -> int:
    with engine.begin() as connection:
        return int(
            connection.execute(
                text(
                    "SELECT count(*) FROM core.audit WHERE login = :login AND layer = 'persons' "
                    "AND feature_id = :id"
                ),
                {"login": writer.login, "id": int(path.rpartition("/")[2])},
            ).scalar_one()
        )


# What is refused.


def test_every_fault_is_told_at_once_and_nothing_is_written(ann: Writer) -> None:
    path = ann.building(levels=3)
    wrong = {"levels": 0, "usage": "B99", "colour": "red", "name": "乙楼"}
    assert set(faults(ann.patch(path, {"properties": wrong}))) == {"levels", "usage", "colour"}
    assert set(faults(ann.post("buildings", building(**wrong)))) == {"levels", "usage", "colour"}
    assert ann.get(path)["properties"]["name"] == "新楼"


BOW_TIE = {
    "type": "Polygon",
    "coordinates": [
        [
            [WEST, SOUTH],
            [WEST + 0.001, SOUTH + 0.001],
            [WEST + 0.001, SOUTH],
            [WEST, SOUTH + 0.001],
            [WEST, SOUTH],
        ]
    ],
}


@pytest.mark.parametrize(
    "geometry",
    [
        BOW_TIE,
        {"type": "Point", "coordinates": [WEST, SOUTH]},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [[["a", "b"]]]},
        {"type": "Polygon"},
        {
            "type": "MultiPolygon",
            "coordinates": [
                [[[500000, 3650000], [500010, 3650000], [500010, 3650010], [500000, 3650000]]]
            ],
        },
        None,
    ],
)
def test_a_bad_geometry_is_named(ann: Writer, geometry: Any) -> None:
    path = ann.building()
    was = ann.get(path)
    for answer in (
        ann.post("buildings", building() | {"geometry": geometry}),
        ann.patch(path, {"geometry": geometry}),
        ann.put(path, was | {"geometry": geometry}),
    ):
        assert answer.status_code == 400, answer.text
        assert "geometry" in faults(answer)
    assert ann.get(path) == was


def test_one_polygon_becomes_a_collection_of_one(ann: Writer) -> None:
    polygon = {"type": "Polygon", "coordinates": square()["coordinates"][0]}
    answer = ann.post("buildings", building() | {"geometry": polygon})
    assert ann.get(path_of(answer))["geometry"]["type"] == "MultiPolygon"


def test_null_empties_a_geometry_that_may_be_missing(ann: Writer) -> None:
    made = {"type": "Feature", "geometry": square(), "properties": {"name": "小区"}}
    path = path_of(ann.post("compounds", made))
    assert ann.patch(path, {"geometry": None}).status_code == 204
    assert ann.get(path)["geometry"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ("text", 400),
        ({"type": "FeatureCollection", "features": []}, 400),
        ({"type": "Feature", "geometry": "POINT(0 0)", "properties": {}}, 400),
        ({"type": "Feature", "geometry": None, "properties": []}, 400),
        ({"type": "Feature", "geometry": None, "properties": {}, "crs": {}}, 400),
        ({"type": "Feature", "geometry": None, "properties": {"geometry": None}}, 400),
        ({"type": "Feature", "geometry": None, "properties": {"row_version": "two"}}, 400),
    ],
)
def test_what_is_no_feature_is_refused(ann: Writer, body: Any, status: int) -> None:
    assert ann.post("buildings", body).status_code == status
    assert ann.put(ann.building(), body).status_code == status


def test_a_body_nested_without_end_is_refused(ann: Writer) -> None:
    path = f"/ogc/collections/{ann.building()}"
    answer = ann.client.patch(
        path, data="[" * 200_000, content_type=MERGE_PATCH, auth=(ann.login, PASSWORD)
    )
    assert answer.status_code == 400


def test_a_patch_of_nothing_is_refused(ann: Writer) -> None:
    path = ann.building()
    for body in ({}, {"properties": None}, {"type": "Polygon", "geometry": None}):
        assert ann.patch(path, body).status_code == 400
    assert ann.patch(path, {"id": 1, "properties": {"levels": 2}}).status_code == 400
    assert ann.ask("PATCH", path, {"properties": {}}, "text/plain").status_code == 415


# Half-way.


def test_a_write_that_the_database_refuses_leaves_nothing(
    ann: Writer, module_engine: Engine
) -> None:
    taken, path = ann.building(code="TAKEN-1"), ann.building(levels=3)
    was = ann.get(path)
    changes = {"geometry": square(0.0088), "properties": {"levels": 8, "code": "TAKEN-1"}}
    assert set(faults(ann.patch(path, changes))) == {"code"}
    outside = {"geometry": square(0.015), "properties": {"levels": 8}}
    assert ann.patch(path, outside).status_code == 403
    # The area of a row decides who writes it next, so a whole save fails with its place.
    assert ann.get(path) == was
    assert len(history(module_engine, path)) == 1
    assert ann.get(taken)["properties"]["code"] == "TAKEN-1"


@pytest.mark.parametrize("header", ["X_Reason", "Prefer"])
def test_headers_that_are_nonsense_write_nothing_or_are_ignored(ann: Writer, header: str) -> None:
    path = ann.building(levels=3)
    sent = {header: "%00" if header == "X_Reason" else ";;;=,,return"}
    answer = ann.patch(path, {"properties": {"levels": 8}}, **sent)
    assert answer.status_code == (400 if header == "X_Reason" else 204)


def test_heights_are_not_kept_and_not_dropped_unseen(ann: Writer) -> None:
    path = ann.building()
    tall = square()
    tall["coordinates"] = [[[[*place, 5.0] for place in tall["coordinates"][0][0]]]]
    assert set(faults(ann.patch(path, {"geometry": tall}))) == {"geometry"}
    assert set(faults(ann.post("buildings", building() | {"geometry": tall}))) == {"geometry"}


NASTY: tuple[Any, ...] = (
    None,
    True,
    -1,
    1e400,
    float("nan"),
    2**80,
    "",
    "\x00",
    "\ud800",
    "'; DROP TABLE x; --",
    [],
    {},
    [[[[[[]]]]]],
    {"a": {"a": {}}},
    ["a"],
    "张**",
    "9" * 5000,
    [[1, 2, 3, 4, 5]],
    [None],
    "2026-13-45",
)


def test_hostile_bodies_are_refused_or_written_never_a_fault_of_ours(ann: Writer) -> None:
    """Any value anywhere, in each collection: 2xx or 4xx, and the feature is still there."""
    chance = random.Random(20261120)
    paths = {
        "buildings": ann.building(levels=3),
        "persons": path_of(
            ann.post(
                "persons",
                {
                    "type": "Feature",
                    "geometry": None,
                    "properties": {"name": "欧阳", "register": "POP-01"},
                },
            )
        ),
        "grids": "grids/items/1",
    }
    for _ in range(400):
        collection = chance.choice(list(paths))
        names = [*layer_by_name(collection).fields, "row_version", "geometry", "id", "x" * 99]
        kind = chance.choice(["Polygon", "MultiPolygon", "Point", "GeometryCollection", None])
        body: dict[str, Any] = {
            "type": chance.choice(["Feature", "Feature", "Feature", *NASTY]),
            "geometry": chance.choice(
                [{"type": kind, "coordinates": chance.choice(NASTY)}, square(), *NASTY]
            ),
            "properties": {
                chance.choice(names): chance.choice(NASTY) for _ in range(chance.randint(0, 4))
            },
        }
        for name in chance.sample(["type", "geometry", "properties"], chance.randint(0, 1)):
            del body[name]
        headers = {
            "If_Match": chance.choice(['"1"', "*", "x" * 9000, 'W/""', '"9999999999999"']),
            "If_Unmodified_Since": chance.choice(["now", "Thu, 01 Jan 1970 00:00:00 GMT", "-1"]),
            "Content_Crs": chance.choice(
                [
                    "<>",
                    "x",
                    "<http://www.opengis.net/def/crs/EPSG/0/4490>",
                    "http://www.opengis.net/def/crs/EPSG/0/4527",
                ]
            ),
            "Prefer": chance.choice(["return=representation", "handling=strict", ",=;"]),
            "X_Reason": chance.choice(["%FF%00", "%", "x" * 600, "复核".encode().hex()]),
        }
        sent = dict(chance.sample(list(headers.items()), chance.randint(0, 2)))
        method = chance.choice(["POST", "PUT", "PATCH"])
        path = f"{collection}/items" if method == "POST" else paths[collection]
        answer = ann.ask(method, path, body, MERGE_PATCH if method == "PATCH" else GEOJSON, **sent)
        assert answer.status_code < 500, (method, path, body, sent, answer.text)
    assert ann.get(paths["buildings"])["id"]
