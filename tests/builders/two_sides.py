"""Two communities side by side with one row of every layer in each: what scope is shown with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, text

from layers.catalogue import LAYERS, layer_by_name
from layers.core.database import owner_transaction
from layers.core.layer import Layer
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from layers.core.sealing import Sealer
from layers.core.values import sealed_values
from tests.harness import TEST_KEY

COUNTY, STREET = "990101", "990101001"
WEST, EAST = "990101001001", "990101001002"
SIDES = (WEST, EAST)
LEFT = {WEST: 120.0, EAST: 120.01}
SOUTH = 30.0
SEALER = Sealer(TEST_KEY)

# GB 11643 numbers of an unassigned region with right check characters.
ID_NUMBERS = {WEST: "990101195001010010", EAST: "990101195001010037"}
NAMES = {WEST: "欧阳西门", EAST: "司徒东方"}
PHONES = {WEST: "13800000001", EAST: "13800000002"}

SUPERVISOR_WEST = Reader(1, "west", (Grant(Role.SUPERVISOR, WEST),))
SUPERVISOR_EAST = Reader(2, "east", (Grant(Role.SUPERVISOR, EAST),))
EVERYBODY = Reader(3, "all", tuple(Grant(role, "") for role in Role))


@dataclass(frozen=True)
class TwoSides:
    """Ids of the rows by layer and community; each layer has one row a side."""

    ids: Mapping[str, Mapping[str, int]]

    def west(self, layer: str) -> int:
        """The row in the western community."""
        return self.ids[layer][WEST]

    def east(self, layer: str) -> int:
        """The row in the eastern community."""
        return self.ids[layer][EAST]


def reader(role: Role, area: str, account_id: int = 9) -> Reader:
    """Somebody with one role in one area."""
    return Reader(account_id, f"{role.value}-{area or 'all'}", (Grant(role, area),))


def build_two_sides(engine: Engine) -> TwoSides:
    """Fills an empty, migrated database through the row triggers, as the owner."""
    ids: dict[str, dict[str, int]] = {layer.name: {} for layer in LAYERS}
    with owner_transaction(engine, login="builder") as connection:
        for code, name, level in ((COUNTY, "测试区", "county"), (STREET, "测试街道", "street")):
            insert(connection, "areas", {"code": code, "name": name, "level": level})
        for side in SIDES:
            _build_side(connection, side, ids)
    return TwoSides(ids)


def _build_side(connection: Connection, side: str, ids: dict[str, dict[str, int]]) -> None:
    def add(layer: str, values: Mapping[str, Any], geometry: object = None) -> int:
        ids[layer][side] = insert(connection, layer, values, geometry)
        return ids[layer][side]

    grid, tail = f"{side}01", side[-1]
    add("areas", {"code": side, "name": f"社区{tail}", "level": "community"}, square(side, 5, 10))
    plan = {"title": f"方案{tail}", "author": "builder", "area_code": side, "base_version": 1}
    add("grid_plans", plan)
    cell = add(
        "grids", {"code": grid, "name": f"网格{tail}", "kind": "governance"}, square(side, 5, 10)
    )
    add("greens", {"name": f"公园{tail}", "kind": "park"}, square(side, 1, 1))
    add("waters", {"name": f"池塘{tail}", "kind": "pond"}, square(side, 2, 1))
    add("roads", {"name": f"澄湖路{tail}段", "road_class": "primary"}, road(side))
    compound = add("compounds", {"name": f"云溪花园{tail}区"}, square(side, 5, 4))
    house = {"name": f"{tail}幢", "address": f"澄湖路{tail}号云溪花园{tail}幢", "levels": 3}
    building = add("buildings", house | {"compound_id": compound}, square(side, 5, 0.5))
    add("entrances", {"building_id": building, "unit": "1"}, point(side, 5))
    home = {"building_id": building, "unit": "1", "floor": 2, "room_number": "201"}
    dwelling = add("dwellings", home | {"tenure": "T2", "owner_name": NAMES[side]})
    rental = add("rentals", {"dwelling_id": dwelling, "lessor_phone": PHONES[side]})
    visit = {"rental_id": rental, "inspected_on": "2020-01-01", "result": "passed"}
    add("inspections", visit)
    person = add("persons", person_of(side))
    stay = {"person_id": person, "dwelling_id": dwelling, "kind": "L01", "relation": "02"}
    add("residences", stay | {"household": f"H{tail}", "valid_from": "2020-01-01"})
    _build_care(add, person, side)
    add("key_sites", {"name": f"小学{tail}", "address": f"澄湖路{tail}号"}, point(side, 4))
    add("facilities", {"name": f"避难场所{tail}"}, point(side, 4.1))
    add("components", {"kind": "C07-0101"}, point(side, 4.2))
    add("cameras", {"name": f"摄像机{tail}"}, point(side, 4.3))
    add("organisations", {"name": f"公司{tail}"}, point(side, 4.4))
    unit = add(
        "units", {"name": f"工作站{tail}", "kind": "station", "area_code": side}, point(side, 6)
    )
    worker = {"name": f"网格员{tail}", "post": "worker", "unit_id": unit, "area_code": grid}
    staff = add("staff", worker)
    charge = {"grid_id": cell, "staff_id": staff, "role": "worker", "valid_from": "2020-01-01"}
    add("assignments", charge)
    add("vehicles", {"plate": f"虚A0000{tail}", "kind": "patrol", "area_code": side})
    add("positions", {"staff_id": staff, "device_time": "2030-01-01T00:00:00Z"}, point(side, 6.1))
    add("shifts", {"staff_id": staff, "started_at": "2030-01-01T00:00:00Z", "area_code": grid})
    report = {"category": "UM-0101", "report_source": "SRC01", "description": f"路灯不亮{tail}"}
    incident = add("incidents", report, point(side, 6.2))
    told = {"incident_id": incident, "name": NAMES[side], "phone": PHONES[side]}
    add("reporters", told | {"report_source": "SRC06"})
    zone = {"name": f"热点{tail}", "number": 1, "incidents": 3, "incidents_before": 1}
    question = {"since": "2026-03-01T00:00Z", "until": "2026-04-01T00:00Z", "reach": 100.0}
    zone |= question | {"least": 3, "ground": 900.0, "conditions": "{}", "area_code": grid}
    add("hot_zones", zone, square(side, 6, 1))


def _build_care(add: Callable[..., int], person: int, side: str) -> None:
    tail = side[-1]
    care = {"person_id": person, "care_group": "CARE-01", "lawful_basis": "依据", "purpose": "走访"}
    care |= {"responsible": "责任人", "review_date": "2030-01-01", "note": "情况"}
    record = add("care_records", care)
    visit = {"record_id": record, "visited_on": "2020-01-02", "kind": "home_visit"}
    add("care_visits", visit | {"found": f"安好{tail}"})
    offer = {"name": f"为老中心{tail}", "offers_repair": True, "area_code": side}
    provider = add("service_providers", offer)
    asked = {"person_id": person, "kind": "repair", "requested_on": "2020-01-02"}
    add("elderly_services", asked | {"provider_id": provider, "state": "assigned"})


def person_of(side: str) -> dict[str, Any]:
    """A person of one side as entered, in plain text."""
    return {
        "name": NAMES[side],
        "id_number": ID_NUMBERS[side],
        "phone": PHONES[side],
        "sex": "1",
        "birth_date": "1950-01-01",
        "register": "POP-01",
        "area_code": side,
    }


def insert(
    connection: Connection, layer: str, values: Mapping[str, Any], geometry: object = None
) -> int:
    """One row, sensitive values sealed, its id returned; codes are not checked."""
    declared = layer_by_name(layer)
    stored = sealed_values(declared, values, SEALER)
    marks = [f":{name}" for name in stored]
    columns = list(stored)
    if geometry is not None:
        stored = stored | {"geometry": json.dumps(geometry)}
        columns.append("geom")
        marks.append("ST_SetSRID(ST_GeomFromGeoJSON(:geometry), 4326)")
    statement = (
        f"INSERT INTO {declared.qualified_table} ({', '.join(columns)}) "
        f"VALUES ({', '.join(marks)}) RETURNING id"
    )
    return int(connection.execute(text(statement), stored).scalar_one())


def rows_of(connection: Connection, layer: Layer) -> list[str]:
    """Area codes of the rows a plain, hand-written SELECT gives."""
    return list(
        connection.execute(text(f"SELECT area_code FROM {layer.qualified_table}")).scalars()
    )


def point(side: str, place: float) -> dict[str, Any]:
    """A point on the side's middle line; `place` runs from 0 (west end) to 10."""
    return {"type": "Point", "coordinates": list(at(side, place))}


def at(side: str, place: float) -> tuple[float, float]:
    """Longitude and latitude of a place on the side's middle line."""
    return round(LEFT[side] + place * 0.001, 7), SOUTH + 0.005


def square(side: str, place: float, size: float) -> dict[str, Any]:
    """A square around a place; `size` in the same thousandths of a degree."""
    x, y = at(side, place)
    half = size * 0.0005
    ring = [
        [x - half, y - half],
        [x + half, y - half],
        [x + half, y + half],
        [x - half, y + half],
        [x - half, y - half],
    ]
    return {"type": "MultiPolygon", "coordinates": [[ring]]}


def road(side: str) -> dict[str, Any]:
    """A road through the side's middle."""
    return {"type": "MultiLineString", "coordinates": [[at(side, 1), at(side, 9)]]}
