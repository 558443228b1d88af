"""Find by house: counts that equal what may be opened, on a day or now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection, Engine

from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Forbidden, NotFound
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.core.sealing import HIDDEN
from layers.people.by_house import find_house, find_residents
from tests.builders.two_sides import (
    COUNTY,
    EAST,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    build_two_sides,
    insert,
    person_of,
    reader,
)


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    """The west building gets two more rooms, a child, a lodger from the east, one who left."""
    town = build_two_sides(module_engine)
    with owner_transaction(module_engine) as connection:
        house = {"building_id": town.west("buildings"), "unit": "1"}
        for floor, room in ((3, "301"), (2, "202")):
            insert(connection, "dwellings", house | {"floor": floor, "room_number": room})
        stay = {"dwelling_id": town.west("dwellings"), "kind": "L01", "household": "H1"}
        child = insert(
            connection,
            "persons",
            {
                "name": "欧阳小孩",
                "register": "POP-01",
                "birth_date": "2015-01-01",
                "area_code": WEST,
            },
        )
        insert(connection, "residences", stay | {"person_id": child, "relation": "20"})
        lodger = {"person_id": town.east("persons"), "is_home": False, "household": "H2"}
        insert(connection, "residences", stay | lodger)
        left = insert(connection, "persons", person_of(WEST) | {"name": "搬走", "id_number": None})
        past = {"person_id": left, "valid_from": "2010-01-01", "valid_to": "2019-06-01"}
        insert(connection, "residences", stay | past)
    return town


@pytest.fixture
def connection(module_engine: Engine, town: TwoSides) -> Iterator[Connection]:
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        yield connection


def test_a_house_with_its_rooms_and_who_is_in_them(connection: Connection, town: TwoSides) -> None:
    house = find_house(connection, SUPERVISOR_WEST, town.west("buildings"))
    assert (house.building.name, house.building.compound) == ("1幢", "云溪花园1区")
    assert house.matrix.floors == (3, 2, 1)
    assert house.matrix.units == ("1",)
    rooms = {room.room: room for room in house.rooms}
    assert (rooms["201"].residents, rooms["201"].households) == (3, 2)
    assert (rooms["301"].residents, rooms["301"].households) == (0, 0)
    assert house.matrix.columns[rooms["201"].id] == house.matrix.columns[rooms["301"].id] == 1
    assert house.matrix.columns[rooms["202"].id] == 2
    assert house.people_visible


@pytest.mark.parametrize(
    ("day", "residents"),
    [(date(2009, 1, 1), 2), (date(2015, 1, 1), 3), (date(2019, 6, 1), 2), (date(2025, 1, 1), 3)],
)
def test_who_lived_there_on_a_day(
    connection: Connection, town: TwoSides, day: date, residents: int
) -> None:
    """Two residences have no beginning, so they hold on every day before."""
    house = find_house(connection, SUPERVISOR_WEST, town.west("buildings"), day)
    assert sum(room.residents for room in house.rooms) == residents
    _, households = find_residents(connection, SUPERVISOR_WEST, town.west("dwellings"), day)
    assert sum(len(members) for _, members in households) == residents


def test_households_begin_with_who_heads_them(connection: Connection, town: TwoSides) -> None:
    dwelling, households = find_residents(connection, SUPERVISOR_WEST, town.west("dwellings"))
    assert (dwelling.unit, dwelling.floor, dwelling.room) == ("1", 2, "201")
    assert dwelling.owner_name == "欧***"
    names = [(household, [member.name for member in members]) for household, members in households]
    assert names == [("H1", ["欧***", "欧***"]), ("H2", [HIDDEN])]
    head, child = households[0][1]
    assert head.relation == "02"
    assert (head.id_number, head.phone) == ("990101********0010", "138****0001")
    assert child.age is not None
    assert child.age < 18


def test_a_lodger_registered_elsewhere_counts_but_stays_unknown(
    connection: Connection, town: TwoSides
) -> None:
    _, households = find_residents(connection, SUPERVISOR_WEST, town.west("dwellings"))
    (lodger,) = households[1][1]
    assert (lodger.name, lodger.id_number, lodger.phone, lodger.age) == (HIDDEN, None, None, None)


def test_former_residents_are_shown_when_asked_for(connection: Connection, town: TwoSides) -> None:
    _, households = find_residents(connection, SUPERVISOR_WEST, town.west("dwellings"), former=True)
    assert [[member.end for member in members] for _, members in households] == [
        [None, None],
        [None],
        [date(2019, 6, 1)],
    ]


def refusal(engine: Engine, asker: Reader, building: int) -> type[Exception] | None:
    with reader_transaction(engine, asker) as connection:
        try:
            find_house(connection, asker, building)
        except (Forbidden, NotFound) as error:
            return type(error)
    return None


def test_who_may_see_a_house(module_engine: Engine, town: TwoSides) -> None:
    building = town.west("buildings")
    assert refusal(module_engine, reader(Role.SUPERVISOR, EAST), building) is NotFound
    assert refusal(module_engine, reader(Role.OPERATOR, ""), building) is Forbidden
    assert refusal(module_engine, Reader(1, "nobody", ()), building) is Forbidden
    mixed = Reader(
        1, "x", (*reader(Role.OPERATOR, COUNTY).grants, *reader(Role.SUPERVISOR, EAST).grants)
    )
    assert refusal(module_engine, mixed, building) is Forbidden, (
        "rights hold where they are granted"
    )
    assert refusal(module_engine, mixed, town.east("buildings")) is None


def test_without_the_right_to_see_persons_rooms_are_empty(
    module_engine: Engine, town: TwoSides
) -> None:
    analyst = reader(Role.ANALYST, "")
    with reader_transaction(module_engine, analyst) as connection:
        house = find_house(connection, analyst, town.west("buildings"))
        assert not house.people_visible
        assert len(house.rooms) == 3
        assert sum(room.residents for room in house.rooms) == 0
        with pytest.raises(Forbidden):
            find_residents(connection, analyst, town.west("dwellings"))


def test_a_let_room_tells_when_its_inspection_is_due(
    module_engine: Engine, connection: Connection, town: TwoSides
) -> None:
    with owner_transaction(module_engine) as owner:
        owner.exec_driver_sql(
            "UPDATE housing.rental SET next_inspection = '2030-05-01' WHERE dwelling_id = %(id)s",
            {"id": town.west("dwellings")},
        )
        ended = {"dwelling_id": town.west("dwellings"), "next_inspection": "2020-01-01"}
        insert(owner, "rentals", ended | {"valid_to": "2021-01-01"})
    rooms = find_house(connection, SUPERVISOR_WEST, town.west("buildings")).rooms
    due = {room.id: room.next_inspection for room in rooms}
    assert due.pop(town.west("dwellings")) == "2030-05-01"
    assert set(due.values()) == {None}
