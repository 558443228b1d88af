"""A supervisor of one community reaches no row outside it, by any way there is.

Two communities lie side by side, each with one row of every layer; the supervisor of the western
one tries everything that is served, and the database itself is asked with statements written by
hand in the supervisor's role.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from werkzeug.test import TestResponse

from layers.catalogue import LAYERS
from layers.core.database import reader_transaction
from layers.core.layer import Layer
from layers.core.rights import Role
from tests.builders.two_sides import (
    EAST,
    ID_NUMBERS,
    LEFT,
    NAMES,
    PHONES,
    SOUTH,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    at,
    build_two_sides,
    square,
)
from tests.gisserver.conftest import signed_in
from tests.gisserver.mvt import decode
from tests.gisserver.town import PASSWORD, add_account

SCOPED = [layer for layer in LAYERS if layer.scope == "area"]
DRAWN = [layer for layer in SCOPED if layer.geometry_kind]
names = pytest.mark.parametrize("layer", SCOPED, ids=lambda layer: layer.name)
BOTH = f"{LEFT[WEST]},{SOUTH},{LEFT[EAST] + 0.01},{SOUTH + 0.01}"


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


@pytest.fixture(scope="module")
def west(app: Flask, town: TwoSides, module_engine: Engine) -> FlaskClient:
    """The supervisor of the western community, signed in."""
    return signed_in(app, add_account(module_engine, Role.SUPERVISOR, WEST), PASSWORD)


@pytest.fixture
def as_west(module_engine: Engine, town: TwoSides) -> Iterator[Connection]:
    """A transaction as the server begins it for that supervisor."""
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        yield connection


def csrf(client: FlaskClient) -> dict[str, str]:
    return {"X-CSRF-Token": client.get("/api/me").get_json()["csrf"]}


def refused(answer: TestResponse) -> bool:
    """Not found or not allowed; the answer gives nothing away about the row."""
    return answer.status_code in (403, 404) and "东" not in answer.text


@names
def test_features_lists_own_rows_only(west: FlaskClient, town: TwoSides, layer: Layer) -> None:
    answer = west.get(f"/api/layers/{layer.name}/features?count=true&limit=1000").get_json()
    expected = {town.west(layer.name)}
    assert {feature["id"] for feature in answer["features"]} == expected
    assert answer["numberMatched"] == len(expected)


@names
def test_one_feature_its_history_and_its_count(
    west: FlaskClient, town: TwoSides, layer: Layer
) -> None:
    own, foreign = (
        f"/api/layers/{layer.name}/features/{town.ids[layer.name][side]}" for side in (WEST, EAST)
    )
    assert west.get(own).status_code == 200
    history = west.get(f"{own}/history").get_json()["items"]
    assert [entry["action"] for entry in history[-1:]] == [] if layer.moving else ["create"]
    assert west.get(foreign).status_code == 404
    assert west.get(f"{foreign}/history").status_code == 404
    assert west.get("/api/summary").get_json()["counts"][layer.name] == 1


@names
def test_ogc_items(west: FlaskClient, town: TwoSides, layer: Layer) -> None:
    items = west.get(f"/ogc/collections/{layer.name}/items?f=json&limit=100").get_json()
    assert [feature["id"] for feature in items["features"]] == [town.west(layer.name)]
    assert items["numberMatched"] == 1
    foreign = f"/ogc/collections/{layer.name}/items/{town.east(layer.name)}?f=json"
    assert west.get(foreign).status_code == 404


def test_a_box_over_both_sides_gives_one_side(west: FlaskClient, town: TwoSides) -> None:
    for layer in DRAWN:
        for path in (f"/api/layers/{layer.name}/features", f"/ogc/collections/{layer.name}/items"):
            found = west.get(f"{path}?bbox={BOTH}").get_json()["features"]
            assert [feature["id"] for feature in found] == [town.west(layer.name)], path


@pytest.mark.parametrize("layer", DRAWN, ids=lambda layer: layer.name)
def test_tiles(west: FlaskClient, town: TwoSides, layer: Layer) -> None:
    seen: set[int] = set()
    z = max(layer.min_zoom, 12)
    for x, y in tiles_over_both(z):
        answer = west.get(f"/tiles/{layer.name}/{z}/{x}/{y}")
        assert answer.status_code in (200, 204)
        for drawn in decode(answer.data).values() if answer.data else ():
            seen |= set(drawn.features)
    assert town.east(layer.name) not in seen
    assert town.west(layer.name) in seen


def tiles_over_both(z: int) -> set[tuple[int, int]]:
    """Every tile a row of either side could be drawn in."""
    from math import asinh, pi, radians, tan

    def tile(longitude: float, latitude: float) -> tuple[int, int]:
        across = (longitude + 180) / 360
        down = (1 - asinh(tan(radians(latitude))) / pi) / 2
        return int(across * 2**z), int(down * 2**z)

    first, last = tile(LEFT[WEST], SOUTH + 0.01), tile(LEFT[EAST] + 0.01, SOUTH)
    return {(x, y) for x in range(first[0], last[0] + 1) for y in range(first[1], last[1] + 1)}


@pytest.mark.parametrize(
    "query",
    ["社区", "网格", "云溪花园", "2幢", "小学", "工作站", "澄湖路2号", "虚A", "公司", "网", "社"],
)
def test_search(west: FlaskClient, town: TwoSides, query: str) -> None:
    for group in west.get("/api/search", query_string={"q": query}).get_json()["groups"]:
        if group["layer"] in town.ids and group["layer"] not in ("roads", "greens", "waters"):
            assert [item["id"] for item in group["items"]] == [town.west(group["layer"])]


def test_house_and_residents(west: FlaskClient, town: TwoSides) -> None:
    own = west.get(f"/api/buildings/{town.west('buildings')}/house").get_json()
    assert own["counts"] == {"rooms": 1, "households": 1, "residents": 1}
    assert west.get(f"/api/dwellings/{town.west('dwellings')}/residents").status_code == 200
    assert refused(west.get(f"/api/buildings/{town.east('buildings')}/house"))
    assert refused(west.get(f"/api/dwellings/{town.east('dwellings')}/residents"))


@pytest.mark.parametrize("query", [NAMES, ID_NUMBERS, PHONES], ids=["name", "number", "phone"])
def test_persons(west: FlaskClient, town: TwoSides, query: dict[str, str]) -> None:
    own = west.get("/api/persons/search", query_string={"q": query[WEST]}).get_json()
    assert [person["id"] for person in own["items"]] == [town.west("persons")]
    foreign = west.get("/api/persons/search", query_string={"q": query[EAST]}).get_json()
    assert foreign == {"items": [], "more": False}


def test_houses_of_a_person(west: FlaskClient, town: TwoSides) -> None:
    assert west.get(f"/api/persons/{town.west('persons')}/houses").status_code == 200
    assert refused(west.get(f"/api/persons/{town.east('persons')}/houses"))


@pytest.mark.parametrize(
    ("layer", "field"),
    [
        ("persons", "name"),
        ("persons", "id_number"),
        ("dwellings", "owner_name"),
        ("rentals", "lessor_phone"),
        ("care_records", "note"),
        ("care_visits", "found"),
    ],
)
def test_reveal(
    west: FlaskClient, town: TwoSides, module_engine: Engine, layer: str, field: str
) -> None:
    body = {"layer": layer, "field": field, "reason": "上门核实"}
    own = west.post("/api/reveal", json=body | {"id": town.west(layer)}, headers=csrf(west))
    assert own.status_code == 200
    assert "*" not in own.get_json()["value"]
    before = audit_lines(module_engine)
    foreign = west.post("/api/reveal", json=body | {"id": town.east(layer)}, headers=csrf(west))
    assert refused(foreign)
    assert audit_lines(module_engine) == before


def audit_lines(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM core.audit")).scalar_one())


def test_locate(west: FlaskClient, town: TwoSides) -> None:
    own, foreign = (
        west.get("/api/locate", query_string=dict(zip(("lon", "lat"), at(side, 5), strict=True)))
        for side in (WEST, EAST)
    )
    assert own.get_json()["area_code"] == f"{WEST}01"
    assert own.get_json()["staff"][0]["name"] == "网格员1"
    assert foreign.get_json() == {
        "area_code": "",
        "areas": [],
        "grid": None,
        "address": None,
        "staff": [],
    }


def test_live_tells_of_own_rows_only(west: FlaskClient, town: TwoSides) -> None:
    stream = west.get("/live?last_event_id=0")
    told = []
    for chunk in stream.response:
        lines = chunk if isinstance(chunk, str) else chunk.decode()
        told += [json.loads(line[6:]) for line in lines.split("\n") if line.startswith("data: ")]
        if told:
            break
    stream.close()
    public = {layer.name for layer in LAYERS if layer.scope == "public"}
    for message in told:
        if message["layer"] not in public:
            assert message["id"] == town.west(message["layer"])
    lasting = {layer.name for layer in LAYERS if not layer.moving}
    assert {message["layer"] for message in told} == lasting


@names
def test_a_foreign_row_cannot_be_written(
    west: FlaskClient, town: TwoSides, module_engine: Engine, layer: Layer
) -> None:
    path = f"/api/layers/{layer.name}/features/{town.east(layer.name)}"
    body = {"properties": {"code": "X", "row_version": 1}}
    assert refused(west.patch(path, json=body, headers=csrf(west)))
    assert refused(west.delete(f"{path}?row_version=1", headers=csrf(west)))
    with module_engine.connect() as connection:
        statement = f"SELECT code FROM {layer.qualified_table} WHERE id = :id"
        codes = connection.execute(text(statement), {"id": town.east(layer.name)}).scalars().all()
    assert codes != ["X"]


def test_nothing_is_created_in_or_moved_to_a_foreign_area(
    west: FlaskClient, town: TwoSides, module_engine: Engine
) -> None:
    building = {"geometry": square(EAST, 7, 0.5), "properties": {"name": "越界"}}
    created = west.post("/api/layers/buildings/features", json=building, headers=csrf(west))
    assert created.status_code == 403
    own = f"/api/layers/buildings/features/{town.west('buildings')}"
    moved = building | {"row_version": 1}
    assert west.patch(own, json=moved, headers=csrf(west)).status_code == 403
    person = {"name": "越界", "register": "POP-01", "area_code": EAST}
    created = west.post(
        "/api/layers/persons/features", json={"properties": person}, headers=csrf(west)
    )
    assert created.status_code == 403
    with module_engine.connect() as connection:
        names = connection.execute(text("SELECT name FROM housing.building ORDER BY id")).scalars()
        assert list(names) == ["1幢", "2幢"]


@pytest.mark.parametrize(
    ("layer", "field", "target"),
    [
        ("dwellings", "building_id", "buildings"),
        ("residences", "person_id", "persons"),
        ("care_records", "person_id", "persons"),
        ("care_visits", "record_id", "care_records"),
        ("elderly_services", "person_id", "persons"),
        ("elderly_services", "provider_id", "service_providers"),
        ("rentals", "dwelling_id", "dwellings"),
        ("inspections", "rental_id", "rentals"),
    ],
)
def test_nothing_can_be_tied_to_a_foreign_row(
    west: FlaskClient, town: TwoSides, layer: str, field: str, target: str
) -> None:
    every: dict[str, dict[str, Any]] = {
        "dwellings": {"floor": 3, "room_number": "301"},
        "residences": {"dwelling_id": town.west("dwellings"), "kind": "L01"},
        "care_records": {
            "care_group": "CARE-01",
            "lawful_basis": "依据",
            "purpose": "走访",
            "responsible": "责任人",
            "review_date": "2030-01-01",
        },
        "care_visits": {"visited_on": "2020-01-02", "kind": "home_visit"},
        "elderly_services": {
            "person_id": town.west("persons"),
            "kind": "repair",
            "requested_on": "2020-01-02",
        },
        "rentals": {},
        "inspections": {"inspected_on": "2020-01-01", "result": "passed"},
    }
    given = every[layer]
    body = {"properties": given | {field: town.east(target)}}
    answer = west.post(f"/api/layers/{layer}/features", json=body, headers=csrf(west))
    assert answer.status_code == 400
    faults = answer.get_json()["faults"]
    assert faults == [{"field": field, "reason": f"no such row in {target}"}]
    missing = {"properties": given | {field: 999_999}}
    same = west.post(f"/api/layers/{layer}/features", json=missing, headers=csrf(west))
    assert same.get_json()["faults"] == faults, "a guessed id tells nothing"


def test_a_guessed_person_is_not_drawn_over_by_a_residence(
    as_west: Connection, town: TwoSides
) -> None:
    statement = text(
        "INSERT INTO people.residence (person_id, dwelling_id, kind) "
        "VALUES (:person, :dwelling, 'L01')"
    )
    values = {"person": town.east("persons"), "dwelling": town.west("dwellings")}
    with pytest.raises(IntegrityError, match="no such person"):
        as_west.execute(statement, values)
    as_west.rollback()


@names
def test_row_level_security_hides_foreign_rows(
    as_west: Connection, town: TwoSides, layer: Layer
) -> None:
    table = layer.qualified_table
    areas = as_west.execute(text(f"SELECT area_code FROM {table}")).scalars().all()
    assert len(areas) == 1
    assert areas[0].startswith(WEST)
    assert as_west.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 1
    values = {"id": town.east(layer.name)}
    by_id = as_west.execute(text(f"SELECT 1 FROM {table} WHERE id = :id"), values)
    assert by_id.one_or_none() is None
    for statement in (f"UPDATE {table} SET code = 'X'", f"DELETE FROM {table}"):
        touched = as_west.execute(text(f"{statement} WHERE id = :id RETURNING id"), values)
        assert touched.all() == []


@names
def test_row_level_security_lets_no_row_out(
    module_engine: Engine, town: TwoSides, layer: Layer
) -> None:
    """Not even the own row can be given to another area by a statement written by hand."""
    statement = f"UPDATE {layer.qualified_table} SET area_code = :east WHERE id = :id"
    values = {"east": EAST, "id": town.west(layer.name)}
    if layer.write not in SUPERVISOR_WEST.rights:
        statement, values = f"INSERT INTO {layer.qualified_table} DEFAULT VALUES", {}
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        reader_transaction(module_engine, SUPERVISOR_WEST) as connection,
    ):
        connection.execute(text(statement), values)


def test_history_and_audit_obey_the_scope_too(as_west: Connection) -> None:
    areas = as_west.execute(text("SELECT area_code FROM core.history WHERE NOT is_public"))
    assert {area[: len(WEST)] for area in areas.scalars()} == {WEST}
    assert as_west.execute(text("SELECT count(*) FROM core.audit")).scalar_one() == 0


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT name_cipher FROM people.person",
        "SELECT sealed FROM core.history",
        "SELECT password_hash FROM organisation.account",
        "SELECT token_hash FROM organisation.session",
        "SELECT area_code FROM organisation.account_grant",
        "INSERT INTO core.audit (at, action, previous_hash, hash) VALUES (now(), 'x', '', '')",
        "DELETE FROM core.history",
        "UPDATE core.audit SET reason = 'x'",
        "ALTER TABLE people.person DISABLE ROW LEVEL SECURITY",
        "DROP POLICY person_select ON people.person",
    ],
)
def test_the_role_has_no_way_round(module_engine: Engine, town: TwoSides, statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        reader_transaction(module_engine, SUPERVISOR_WEST) as connection,
    ):
        connection.execute(text(statement))


def test_without_a_scope_nothing_is_seen(module_engine: Engine, town: TwoSides) -> None:
    with module_engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE wangge_app"))
        for layer in LAYERS:
            statement = text(f"SELECT count(*) FROM {layer.qualified_table}")
            assert connection.execute(statement).scalar_one() == 0, layer.name
