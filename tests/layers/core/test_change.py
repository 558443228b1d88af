"""The one way to write: rows, versions, areas, history and notices together, or not at all."""

from __future__ import annotations

import select
from typing import Any

import pytest
from sqlalchemy import Engine, RowMapping, text

from gisserver.codes import CodeBook
from layers.catalogue import layer_by_name
from layers.core.change import Change, Edit, Tools, apply_change, geometry_fault
from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Forbidden, Invalid, NotFound, Stale
from layers.core.rights import Role
from layers.core.scope import Reader
from tests.builders.two_sides import (
    EAST,
    EVERYBODY,
    SEALER,
    STREET,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    at,
    build_two_sides,
    point,
    reader,
    square,
)

BUILDINGS, PERSONS = layer_by_name("buildings"), layer_by_name("persons")
STREET_SUPERVISOR = reader(Role.SUPERVISOR, STREET)


@pytest.fixture
def town(engine: Engine) -> TwoSides:
    return build_two_sides(engine)


def change(engine: Engine, actor: Reader, *edits: Edit, reason: str | None = None) -> list[int]:
    with reader_transaction(engine, actor) as connection:
        tools = Tools(CodeBook(engine), SEALER)
        return list(apply_change(connection, Change(edits, reason), actor, tools))


def row(engine: Engine, layer: str, row_id: int) -> RowMapping:
    with engine.connect() as connection:
        table = layer_by_name(layer).qualified_table
        statement = text(f"SELECT * FROM {table} WHERE id = :id")
        return connection.execute(statement, {"id": row_id}).mappings().one()


def history(engine: Engine, layer: str, row_id: int) -> list[RowMapping]:
    statement = text(
        "SELECT * FROM core.history WHERE layer = :layer AND feature_id = :id ORDER BY id"
    )
    with engine.connect() as connection:
        found = connection.execute(statement, {"layer": layer, "id": row_id}).mappings()
        return list(found)


def new_building(place: float = 8, side: str = WEST, **values: Any) -> Edit:
    return Edit(
        BUILDINGS, "create", values={"name": "新楼"} | values, geometry=square(side, place, 0.5)
    )


def test_creating_finds_the_area_and_writes_history(engine: Engine, town: TwoSides) -> None:
    (made,) = change(engine, SUPERVISOR_WEST, new_building(levels=6), reason="普查新增")
    stored = row(engine, "buildings", made)
    assert stored["area_code"] == f"{WEST}01"
    assert (stored["row_version"], stored["updated_by"]) == (1, "west")
    (entry,) = history(engine, "buildings", made)
    assert (entry["action"], entry["actor"], entry["reason"]) == ("create", "west", "普查新增")
    assert entry["before"] is None
    assert entry["after"]["levels"] == 6
    assert "search_text" not in entry["after"]


def test_a_polygon_is_taken_for_a_multipolygon(engine: Engine, town: TwoSides) -> None:
    ring = square(WEST, 8, 0.5)["coordinates"][0]
    edit = Edit(BUILDINGS, "create", geometry={"type": "Polygon", "coordinates": ring})
    (made,) = change(engine, SUPERVISOR_WEST, edit)
    assert row(engine, "buildings", made)["area_code"] == f"{WEST}01"


def test_updating_raises_the_version_and_keeps_the_rest(engine: Engine, town: TwoSides) -> None:
    target = town.west("buildings")
    change(engine, SUPERVISOR_WEST, Edit(BUILDINGS, "update", target, {"levels": 9}, row_version=1))
    stored = row(engine, "buildings", target)
    assert (stored["levels"], stored["name"], stored["row_version"]) == (9, "1幢", 2)
    entry = history(engine, "buildings", target)[-1]
    assert (entry["before"]["levels"], entry["after"]["levels"]) == (3, 9)


def test_an_edit_of_an_old_version_is_stale(engine: Engine, town: TwoSides) -> None:
    target = town.west("buildings")
    change(engine, SUPERVISOR_WEST, Edit(BUILDINGS, "update", target, {"levels": 9}, row_version=1))
    with pytest.raises(Stale) as caught:
        change(
            engine, SUPERVISOR_WEST, Edit(BUILDINGS, "update", target, {"levels": 5}, row_version=1)
        )
    assert (caught.value.asked, caught.value.current) == (1, 2)
    assert row(engine, "buildings", target)["levels"] == 9


def test_all_edits_of_a_change_are_written_or_none(engine: Engine, town: TwoSides) -> None:
    with pytest.raises(Invalid):
        change(engine, SUPERVISOR_WEST, new_building(), new_building(levels=0))
    with engine.connect() as connection:
        statement = "SELECT count(*) FROM housing.building WHERE name = '新楼'"
        assert connection.execute(text(statement)).scalar_one() == 0
        assert (
            connection.execute(text("SELECT max(row_version) FROM housing.building")).scalar() == 1
        )


def test_deleting_keeps_the_history(engine: Engine, town: TwoSides) -> None:
    target = town.west("cameras")
    change(engine, SUPERVISOR_WEST, Edit(layer_by_name("cameras"), "delete", target))
    entry = history(engine, "cameras", target)[-1]
    assert (entry["action"], entry["after"]) == ("delete", None)
    assert entry["before"]["name"] == "摄像机1"


def test_what_others_refer_to_is_not_deleted(engine: Engine, town: TwoSides) -> None:
    with pytest.raises(Invalid, match="other rows refer to it"):
        change(engine, SUPERVISOR_WEST, Edit(BUILDINGS, "delete", town.west("buildings")))
    assert row(engine, "buildings", town.west("buildings"))["name"] == "1幢"


def test_moving_a_building_moves_what_is_in_it(engine: Engine, town: TwoSides) -> None:
    edit = Edit(BUILDINGS, "update", town.west("buildings"), geometry=square(EAST, 8, 0.5))
    change(engine, STREET_SUPERVISOR, edit)
    for layer in ("buildings", "entrances", "dwellings", "rentals", "residences", "persons"):
        assert row(engine, layer, town.west(layer))["area_code"] == f"{EAST}01", layer
    assert row(engine, "care_records", town.west("care_records"))["area_code"] == f"{EAST}01"
    entry = history(engine, "dwellings", town.west("dwellings"))[-1]
    assert (entry["area_code_before"], entry["area_code"]) == (f"{WEST}01", f"{EAST}01")


def test_moving_house_takes_the_person_along(engine: Engine, town: TwoSides) -> None:
    stay = {"person_id": town.west("persons"), "dwelling_id": town.east("dwellings"), "kind": "L02"}
    old = Edit(
        layer_by_name("residences"), "update", town.west("residences"), {"valid_to": "2030-01-01"}
    )
    new = Edit(layer_by_name("residences"), "create", values=stay)
    made = change(engine, STREET_SUPERVISOR, old, new)[1]
    assert row(engine, "residences", made)["building_id"] == town.east("buildings")
    assert row(engine, "persons", town.west("persons"))["area_code"] == f"{EAST}01"


def test_a_row_without_geometry_belongs_to_the_area_of_who_makes_it(
    engine: Engine, town: TwoSides
) -> None:
    edit = Edit(layer_by_name("compounds"), "create", values={"name": "待测绘小区"})
    (made,) = change(engine, SUPERVISOR_WEST, edit)
    assert row(engine, "compounds", made)["area_code"] == WEST


def test_sealed_fields_never_stand_in_history_in_plain(engine: Engine, town: TwoSides) -> None:
    target = town.west("persons")
    edit = Edit(PERSONS, "update", target, {"name": "欧阳改名", "phone": None})
    change(engine, SUPERVISOR_WEST, edit)
    entry = history(engine, "persons", target)[-1]
    assert entry["after"]["name"] == "欧***"
    assert not [key for key in entry["after"] if key.endswith(("_cipher", "_index"))]
    assert "改名" not in str(dict(entry))
    stored = row(engine, "persons", target)
    assert SEALER.open("persons.name", stored["name_cipher"]) == "欧阳改名"
    assert (stored["phone"], stored["phone_cipher"], stored["phone_index"]) == (None, None, None)


def test_an_empty_unit_is_stored_as_empty(engine: Engine, town: TwoSides) -> None:
    target = town.west("dwellings")
    change(
        engine, SUPERVISOR_WEST, Edit(layer_by_name("dwellings"), "update", target, {"unit": ""})
    )
    assert row(engine, "dwellings", target)["unit"] == ""


@pytest.mark.parametrize(
    ("edit", "field", "reason"),
    [
        (new_building(code="B-1"), "code", "another row has this value already"),
        (new_building(compound_id=999_999), "compound_id", "no such row in compounds"),
        (new_building(usage="B99"), "usage", "no code of building_use"),
        (Edit(BUILDINGS, "create", values={}), "geometry", "MultiPolygon expected, none given"),
        (Edit(BUILDINGS, "update", 1, {}), "", "nothing to change"),
        (
            Edit(layer_by_name("dwellings"), "update", 1, {"floor": 1}, geometry=point(WEST, 5)),
            "geometry",
            "dwellings has no geometry",
        ),
    ],
)
def test_faults_name_the_field(
    engine: Engine, town: TwoSides, edit: Edit, field: str, reason: str
) -> None:
    change(engine, SUPERVISOR_WEST, new_building(place=7, code="B-1"))
    with pytest.raises(Invalid) as caught:
        change(engine, SUPERVISOR_WEST, edit)
    (fault,) = caught.value.faults
    assert fault.field == field
    assert reason in fault.reason


def test_a_fault_shows_no_other_row(engine: Engine, town: TwoSides) -> None:
    change(engine, EVERYBODY, new_building(side=EAST, code="SECRET-EAST"))
    with pytest.raises(Invalid) as caught:
        change(engine, SUPERVISOR_WEST, new_building(code="SECRET-EAST"))
    assert "EAST" not in str(caught.value)


def test_writing_needs_the_right_and_the_area(engine: Engine, town: TwoSides) -> None:
    with pytest.raises(Forbidden, match="needs the right"):
        change(engine, reader(Role.ANALYST, ""), new_building())
    with pytest.raises(Forbidden, match="outside your areas"):
        change(engine, SUPERVISOR_WEST, new_building(side=EAST))
    with pytest.raises(NotFound):
        change(engine, SUPERVISOR_WEST, Edit(BUILDINGS, "delete", town.east("buildings")))
    with pytest.raises(NotFound):
        change(engine, SUPERVISOR_WEST, Edit(BUILDINGS, "delete", 999_999))


def test_reading_further_than_writing(engine: Engine, town: TwoSides) -> None:
    grants = (*reader(Role.COMMANDER, STREET).grants, *SUPERVISOR_WEST.grants)
    actor = Reader(5, "both", grants)
    with pytest.raises(Forbidden, match="lies outside"):
        change(engine, actor, Edit(BUILDINGS, "update", town.east("buildings"), {"levels": 1}))


def test_each_change_is_told_to_listeners(engine: Engine, town: TwoSides) -> None:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("SELECT suffix FROM core.notice_channel")
        cursor.execute(f"LISTEN wangge_{cursor.fetchone()[0]}")
        raw.commit()
        (made,) = change(engine, SUPERVISOR_WEST, new_building())
        driver: Any = raw.driver_connection
        assert select.select([driver], [], [], 5)[0]
        driver.poll()
        payload = driver.notifies.pop().payload
        assert f'"id": {made}' in payload
        assert '"layer": "buildings"' in payload
        assert "新楼" not in payload
    finally:
        raw.close()


def test_bulk_work_switches_the_triggers_off(engine: Engine, town: TwoSides) -> None:
    before = len(history(engine, "cameras", town.west("cameras")))
    with owner_transaction(engine) as connection:
        connection.execute(text("SELECT set_config('wangge.bulk', 'on', true)"))
        connection.execute(text("UPDATE places.camera SET owner = 'x'"))
    assert len(history(engine, "cameras", town.west("cameras"))) == before
    assert row(engine, "cameras", town.west("cameras"))["row_version"] == 1


x, y = at(WEST, 5)


@pytest.mark.parametrize(
    ("kind", "geometry", "fault"),
    [
        ("Point", {"type": "Point", "coordinates": [x, y]}, None),
        ("Point", {"type": "Point", "coordinates": [y, 200]}, "latitude"),
        ("Point", {"type": "Point", "coordinates": []}, "empty"),
        ("Point", {"type": "Point", "coordinates": ["a", "b"]}, "no GeoJSON"),
        ("Point", {"type": "Point"}, "no GeoJSON"),
        ("Point", {"type": "Polygon", "coordinates": []}, "Point expected"),
        ("Point", {"coordinates": [x, y]}, "Point expected"),
        ("Point", {"type": "Point", "coordinates": [float("nan"), y]}, ""),
        (
            "MultiPolygon",
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]},
            "Self-intersection",
        ),
    ],
)
def test_geometries(kind: str, geometry: dict[str, Any], fault: str | None) -> None:
    found = geometry_fault(kind, geometry)
    assert (found is None) == (fault is None)
    assert fault is None or fault in str(found)


def test_who_may_report_an_incident_may_not_change_or_remove_it(
    engine: Engine, town: TwoSides
) -> None:
    incidents, operator = layer_by_name("incidents"), reader(Role.OPERATOR, STREET)
    values = {"category": "UM-0101", "report_source": "SRC01", "description": "路灯不亮"}
    (made,) = change(
        engine, operator, Edit(incidents, "create", values=values, geometry=point(WEST, 7))
    )
    for edit in (
        Edit(incidents, "update", made, {"description": "改"}),
        Edit(incidents, "delete", made),
    ):
        with pytest.raises(Forbidden, match="incidents:write"):
            change(engine, operator, edit)
    change(engine, STREET_SUPERVISOR, Edit(incidents, "update", made, {"description": "改"}))
