"""Two who write the same feature through OGC API Features: nobody's edit is lost unseen."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, text

from tests.gisserver.ogc.conftest import PASSWORD
from tests.gisserver.ogc.writer import (
    GEOJSON,
    QGIS,
    Writer,
    building,
    new_writer,
    square,
)
from tests.harness import serving


@pytest.fixture(scope="module")
def ann(city: Flask, module_engine: Engine) -> Writer:
    """A supervisor of the first community."""
    return new_writer(city, module_engine)


@pytest.fixture(scope="module")
def bob(city: Flask, module_engine: Engine) -> Writer:
    """Another supervisor of the first community."""
    return new_writer(city, module_engine)


def test_a_save_of_geometry_then_attributes_by_put_passes(ann: Writer) -> None:
    path = ann.building(levels=3)
    read = ann.get(path)
    moved = deepcopy(read) | {"geometry": square(0.0082)}
    assert ann.put(path, moved).headers["ETag"] == '"2"'
    # The cache has the new place and, still, the version that was read.
    raised = deepcopy(moved)
    raised["properties"]["levels"] = 5
    assert ann.put(path, raised).status_code == 204
    now = ann.get(path)
    assert now["geometry"] == moved["geometry"]
    assert (now["properties"]["levels"], now["properties"]["row_version"]) == (5, 3)


def test_both_halves_may_be_based_on_what_was_read(ann: Writer) -> None:
    path = ann.building(levels=3)
    read = ann.get(path)
    raised = deepcopy(read)
    raised["properties"]["levels"] = 5
    assert ann.put(path, raised).status_code == 204
    moved = deepcopy(read) | {"geometry": square(0.0083)}
    assert ann.put(path, moved).status_code == 204
    now = ann.get(path)
    assert (now["geometry"], now["properties"]["levels"]) == (moved["geometry"], 5)


def test_the_second_half_is_refused_when_it_comes_late(ann: Writer, module_engine: Engine) -> None:
    path = ann.building(levels=3)
    read = ann.get(path)
    raised = deepcopy(read)
    raised["properties"]["levels"] = 5
    assert ann.put(path, raised).status_code == 204
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE core.history SET at = at - interval '61 seconds' "
                "WHERE layer = 'buildings' AND feature_id = :id"
            ),
            {"id": int(path.rpartition("/")[2])},
        )
    answer = ann.put(path, deepcopy(read) | {"geometry": square(0.0083)})
    assert answer.status_code == 409
    assert ann.get(path)["properties"]["levels"] == 5


def test_saving_again_without_reading_anew_passes(ann: Writer) -> None:
    path = ann.building(levels=3)
    cached = ann.get(path)
    for levels in (4, 5):
        cached["properties"] |= {"levels": levels, "name": f"{levels}层楼"}
        cached["properties"]["alias"] = "旧名"
        answer = ann.put(path, cached)
        cached["properties"]["levels"] = levels
        assert answer.status_code == (204 if levels == 4 else 409), answer.text
    # The same field twice is refused: whether the first was seen cannot be told. Others pass.
    cached["properties"] |= {"levels": 4, "name": "4层楼", "usage": "B1"}
    assert ann.put(path, cached).status_code == 204
    assert ann.get(path)["properties"]["usage"] == "B1"


def test_taking_a_move_back_at_once_is_never_dropped_unseen(ann: Writer) -> None:
    """What was read is sent again: whether the move was seen cannot be told."""
    path = ann.building(levels=3)
    read = ann.get(path)
    assert ann.put(path, deepcopy(read) | {"geometry": square(0.0082)}).status_code == 204
    assert ann.put(path, read).status_code == 409


def test_the_schema_names_the_version_so_that_clients_carry_it(ann: Writer) -> None:
    """QGIS takes its fields from the schema and puts just those."""
    schema = ann.get("buildings/schema")["properties"]
    assert set(ann.get(ann.building())["properties"]) <= set(schema)
    assert schema["row_version"]["type"] == "integer"


def test_qgis_is_offered_no_patch_because_it_would_send_no_version(ann: Writer) -> None:
    path = ann.building()
    answer = ann.ask("OPTIONS", path, User_Agent=QGIS)
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, PUT, DELETE"
    assert "PATCH" in ann.allowed(path)


def test_qgis_saves_the_same_field_again_without_reading_anew(ann: Writer, bob: Writer) -> None:
    path = ann.building(levels=3)
    cached = ann.get(path)
    for levels in (4, 5, 6):
        cached["properties"]["levels"] = levels
        assert ann.qgis_put(path, cached).status_code == 204
        assert ann.get(path)["properties"]["levels"] == levels
    # Back to what was read: it is told and not dropped.
    cached["properties"]["levels"] = 3
    assert ann.qgis_put(path, cached).status_code == 409
    cached["properties"]["levels"] = 7
    assert bob.patch(path, {"properties": {"alias": "旧名"}}).status_code == 204
    answer = ann.qgis_put(path, cached)
    assert answer.status_code == 409
    assert ann.get(path)["properties"]["alias"] == "旧名"


def test_qgis_moves_no_corner_that_it_rounds(ann: Writer, module_engine: Engine) -> None:
    path = ann.building(levels=3)
    feature_id = int(path.rpartition("/")[2])
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE housing.building SET geom = ST_Translate(geom, 1.2345e-7, -4.1e-7) "
                "WHERE id = :id"
            ),
            {"id": feature_id},
        )
        exact = corners(connection, feature_id)
    cached = ann.get(path)
    cached["properties"]["levels"] = 4
    assert ann.qgis_put(path, cached).status_code == 204
    with module_engine.begin() as connection:
        assert corners(connection, feature_id) == exact
    # One corner dragged: the others stay as they were.
    ring = cached["geometry"]["coordinates"][0][0]
    ring[1] = [round(ring[1][0] + 0.0001, 6), round(ring[1][1] + 0.0001, 6)]
    assert ann.qgis_put(path, cached).status_code == 204
    with module_engine.begin() as connection:
        now = corners(connection, feature_id)
    assert now[1] == tuple(ring[1])
    assert now[:1] + now[2:] == exact[:1] + exact[2:]


def corners(connection: Connection, feature_id: int) -> list[tuple[float, float]]:
    rows = connection.execute(
        text(
            "SELECT ST_X(place), ST_Y(place) FROM housing.building, "
            "LATERAL (SELECT (d).geom AS place FROM ST_DumpPoints(geom) AS d) AS p WHERE id = :id"
        ),
        {"id": feature_id},
    )
    return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize("half", ["geometry", "attributes"])
def test_nobody_elses_edit_is_overwritten_unseen(ann: Writer, bob: Writer, half: str) -> None:
    path = ann.building(levels=3)
    cached = bob.get(path)
    assert ann.patch(path, {"properties": {"levels": 7, "alias": "旧名"}}).status_code == 204
    if half == "geometry":
        cached["geometry"] = square(0.0084)
    else:
        cached["properties"]["name"] = "乙楼"
    answer = bob.put(path, cached)
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert (answer.json["asked"], answer.json["current"]) == (1, 2)
    assert set(answer.json["fields"]) == {"levels", "alias"}
    assert ann.get(path)["properties"]["levels"] == 7
    assert bob.patch(path, {"properties": {"name": "乙楼", "row_version": 1}}).status_code == 409


def test_a_patch_without_version_loses_no_other_field(ann: Writer, bob: Writer) -> None:
    path = ann.building(levels=3)
    assert ann.patch(path, {"properties": {"levels": 7}}).status_code == 204
    assert bob.patch(path, {"properties": {"alias": "旧名"}}).status_code == 204
    assert bob.patch(path, {"geometry": square(0.0085)}).status_code == 204
    now = ann.get(path)
    assert now["geometry"] == square(0.0085)
    assert (now["properties"]["levels"], now["properties"]["alias"]) == (7, "旧名")


def test_a_bulk_load_in_between_is_not_overwritten(ann: Writer, module_engine: Engine) -> None:
    path = ann.building(levels=3)
    cached = ann.get(path)
    with module_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("UPDATE housing.building SET levels = 9, row_version = 2 WHERE id = :id"),
            {"id": int(path.rpartition("/")[2])},
        )
    cached["properties"]["name"] = "乙楼"
    assert ann.put(path, cached).status_code == 409


def test_of_two_at_once_one_wins_and_the_other_is_told(
    city: Flask, ann: Writer, bob: Writer
) -> None:
    path = ann.building(levels=3)
    cached = ann.get(path)
    start = threading.Barrier(2)

    def save(who: Writer, levels: int) -> tuple[int, int]:
        mine = deepcopy(cached)
        mine["properties"]["levels"] = levels
        own = Writer(city.test_client(use_cookies=False), who.login)
        start.wait()
        return own.put(path, mine).status_code, levels

    for _ in range(5):
        cached = ann.get(path)
        with ThreadPoolExecutor(2) as threads:
            base = cached["properties"]["levels"]
            answers = list(threads.map(save, (ann, bob), (base + 1, base + 2)))
        assert sorted(status for status, _ in answers) == [204, 409]
        (kept,) = (levels for status, levels in answers if status == 204)
        assert ann.get(path)["properties"]["levels"] == kept


def test_qgis_over_the_wire(
    ann: Writer, bob: Writer, module_database_url: str, tmp_path: Path
) -> None:
    """The real server, asked as the OAPIF provider of QGIS asks, header by header."""
    with serving(module_database_url, tmp_path) as address:
        items = f"{address}/ogc/collections/buildings/items"
        names = list(ann.get(ann.building())["properties"])
        assert "POST" in wire("OPTIONS", items, ann)[1]["Allow"]
        feature = building(**dict.fromkeys(names) | {"name": "线上楼"})
        status, headers, _ = wire("POST", items, ann, feature, GEOJSON)
        assert status == 201
        item = headers["Location"]
        assert item.startswith(f"{items}/")
        allowed = wire("OPTIONS", item, ann)[1]["Allow"].split(", ")
        assert {"PUT", "DELETE"} <= set(allowed)
        cached, mine = (wire("GET", item, who)[2] for who in (bob, ann))
        mine["geometry"] = square(0.0089)
        assert wire("PUT", item, ann, mine, GEOJSON)[0] == 204
        mine["properties"]["levels"] = 4
        assert wire("PUT", item, ann, mine, GEOJSON)[0] == 204
        cached["properties"]["name"] = "乙楼"
        status, headers, problem = wire("PUT", item, bob, cached, GEOJSON)
        assert (status, headers["Content-Type"]) == (409, "application/problem+json")
        assert set(problem["fields"]) == {"levels", "geometry"}
        assert wire("DELETE", item, bob)[0] == 204
        assert wire("GET", item, bob)[0] == 404


def wire(
    method: str, url: str, who: Writer, body: Any = None, kind: str | None = None
) -> tuple[int, Any, Any]:
    """Status, headers and JSON of one request."""
    signed = b64encode(f"{who.login}:{PASSWORD}".encode()).decode()
    headers = {"Authorization": f"Basic {signed}", "User-Agent": QGIS}
    if kind is not None:
        headers["Content-Type"] = kind
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=20) as answer:
            content = answer.read()
            return answer.status, answer.headers, json.loads(content) if content else None
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.loads(error.read())
