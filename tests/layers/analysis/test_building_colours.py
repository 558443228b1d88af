"""What buildings are coloured by: every count equals the rows its reader may open."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from layers.analysis.building_colours import (
    COLOURINGS,
    Classes,
    colouring_for,
    count_classes,
    find_values,
)
from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Forbidden, NotFound
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.core.tiles import tile_at
from tests.builders.moment import at_moment
from tests.builders.two_sides import (
    EVERYBODY,
    LEFT,
    SOUTH,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    build_two_sides,
    insert,
    reader,
    square,
)

TILE = tile_at(13, LEFT[WEST] + 0.005, SOUTH + 0.005)
BESIDE = 0.0001  # degrees, about 10 m


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    """The west gets an old house of ten rooms, three let, and incidents beside it and beyond."""
    town = build_two_sides(module_engine)
    with owner_transaction(module_engine) as connection:
        old = {"name": "老楼", "usage": "B1", "built_year": 1975}
        house = insert(connection, "buildings", old, square(WEST, 7, 0.3))
        for number in range(1, 11):
            tenure = "T3" if number <= 3 else "T2"
            room = {"building_id": house, "floor": 1, "room_number": str(number)}
            insert(connection, "dwellings", room | {"tenure": tenure})
        gone = {"building_id": house, "floor": 2, "room_number": "201", "tenure": "T3"}
        insert(connection, "dwellings", gone | {"valid_to": "2020-01-01"})
        west, south = corner(square(WEST, 7, 0.3))
        for state, away in (("reported", 1), ("reported", 2), ("void", 1), ("reported", 20)):
            happened = {"category": "UM-0101", "report_source": "SRC01", "description": "路灯不亮"}
            place = {"type": "Point", "coordinates": [west, south - away * BESIDE]}
            insert(connection, "incidents", happened | {"state": state}, place)
    return town


def corner(geometry: dict[str, object]) -> tuple[float, float]:
    ring = geometry["coordinates"][0]  # type: ignore[index]
    while not isinstance(ring[0][0], float):
        ring = ring[0]
    return min(x for x, _ in ring), min(y for _, y in ring)


def counted(engine: Engine, who: Reader, by: str) -> Classes:
    with reader_transaction(engine, who) as connection:
        return count_classes(connection, who, colouring_for(who, by))


def values(engine: Engine, who: Reader, by: str) -> dict[int, int]:
    with reader_transaction(engine, who) as connection:
        return dict(find_values(connection, who, colouring_for(who, by), TILE))


def test_classes_by_use_and_age_hold_every_building(module_engine: Engine, town: TwoSides) -> None:
    use = counted(module_engine, EVERYBODY, "usage")
    assert {each.code: each.buildings for each in use.classes if each.buildings} == {"B1": 1}
    assert (use.without, use.buildings) == (2, 3)
    age = counted(module_engine, SUPERVISOR_WEST, "age")
    assert [each.buildings for each in age.classes] == [1, 0, 0, 0, 0, 0]
    assert (age.without, age.buildings) == (1, 2)


def test_the_share_of_rented_rooms_leaves_out_rooms_that_are_gone(
    module_engine: Engine, town: TwoSides
) -> None:
    found = values(module_engine, SUPERVISOR_WEST, "rentals")
    assert sorted(found.values()) == [0, 30]
    classes = counted(module_engine, SUPERVISOR_WEST, "rentals").classes
    assert {each.start: each.buildings for each in classes} == {0: 1, 1: 0, 11: 1, 31: 0, 51: 0}


def test_a_room_is_gone_on_the_day_in_china(module_engine: Engine, town: TwoSides) -> None:
    with owner_transaction(module_engine) as connection:
        house = insert(
            connection, "buildings", {"name": "新楼", "usage": "B1"}, square(WEST, 5, 0.3)
        )
        for number, tenure, end in (("1", "T3", "2026-12-01"), ("2", "T2", None)):
            room = {"building_id": house, "floor": 1, "room_number": number, "tenure": tenure}
            insert(connection, "dwellings", room | {"valid_to": end})
    for moment, share in (("2026-11-30 15:30+00", 50), ("2026-11-30 23:30+00", 0)):
        with at_moment(module_engine, moment):
            assert values(module_engine, SUPERVISOR_WEST, "rentals")[house] == share, moment
    with owner_transaction(module_engine) as connection:
        connection.execute(text("DELETE FROM housing.building WHERE id = :id"), {"id": house})


def test_open_incidents_belong_to_the_nearest_building_only(
    module_engine: Engine, town: TwoSides
) -> None:
    assert list(values(module_engine, SUPERVISOR_WEST, "incidents").values()) == [2]
    found = counted(module_engine, SUPERVISOR_WEST, "incidents")
    assert [each.buildings for each in found.classes] == [0, 1, 0, 0]
    assert (found.without, found.buildings) == (1, 2)


@pytest.mark.parametrize("by", ["rentals", "incidents"])
def test_values_of_tiles_and_classes_agree(module_engine: Engine, town: TwoSides, by: str) -> None:
    found = counted(module_engine, EVERYBODY, by)
    in_tile = values(module_engine, EVERYBODY, by)
    starts = [each.start or 0 for each in found.classes]
    for number, each in enumerate(found.classes):
        end = starts[number + 1] if number + 1 < len(starts) else 10**9
        assert each.buildings == sum(starts[number] <= value < end for value in in_tile.values())


def test_nothing_of_another_area_is_counted(module_engine: Engine, town: TwoSides) -> None:
    seen = values(module_engine, SUPERVISOR_WEST, "rentals")
    assert town.west("buildings") in seen
    assert town.east("buildings") not in seen
    assert town.east("buildings") in values(module_engine, EVERYBODY, "rentals")


def test_rights_and_names_are_checked(module_engine: Engine) -> None:
    analyst = reader(Role.AUDITOR, WEST)
    with pytest.raises(Forbidden):
        colouring_for(analyst, "rentals")
    with pytest.raises(NotFound, match="usage, age, rentals, incidents"):
        colouring_for(EVERYBODY, "religion")
    with (
        reader_transaction(module_engine, EVERYBODY) as connection,
        pytest.raises(NotFound, match="tiles"),
    ):
        find_values(connection, EVERYBODY, COLOURINGS["age"], TILE)
