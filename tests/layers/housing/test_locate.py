"""What is known of a place, as far as the reader may know it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from layers.core.database import reader_transaction
from layers.core.errors import Forbidden
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.housing.locate import Location, locate
from tests.builders.two_sides import (
    COUNTY,
    EAST,
    STREET,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    at,
    build_two_sides,
    reader,
)


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


def found(engine: Engine, asker: Reader, lon: float, lat: float) -> Location:
    with reader_transaction(engine, asker) as connection:
        return locate(connection, asker, lon, lat)


def test_everything_about_a_place(module_engine: Engine, town: TwoSides) -> None:
    place = found(module_engine, reader(Role.COMMANDER, COUNTY), *at(WEST, 5.6))
    assert place.area_code == f"{WEST}01"
    assert [(area.code, area.level) for area in place.areas] == [
        (COUNTY, "county"),
        (STREET, "street"),
        (WEST, "community"),
    ]
    assert place.grid == (f"{WEST}01", "网格1")
    assert place.address == "澄湖路1号云溪花园1幢"
    assert [(person.name, person.post, person.role) for person in place.staff] == [
        ("网格员1", "worker", "worker")
    ]


def test_who_is_assigned_to_the_grid_comes_before_who_serves_the_community(
    engine: Engine,
) -> None:
    town = build_two_sides(engine)
    asker = reader(Role.COMMANDER, COUNTY)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO organisation.staff (name, post, area_code) "
                "VALUES ('甲', 'collector', :community), ('乙', 'supervisor', :street)"
            ),
            {"community": WEST, "street": STREET},
        )
        connection.execute(
            text(
                "INSERT INTO organisation.assignment (grid_id, staff_id, role, valid_from) "
                "SELECT :grid, id, 'chief', core.today() FROM organisation.staff WHERE name = '乙'"
            ),
            {"grid": town.west("grids")},
        )
    place = found(engine, asker, *at(WEST, 5))
    assert [(person.name, person.role) for person in place.staff] == [
        ("网格员1", "worker"),
        ("乙", "chief"),
        ("甲", None),
    ]
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE organisation.assignment SET valid_to = core.today() WHERE role = 'worker'")
        )
    place = found(engine, asker, *at(WEST, 5))
    assert [(person.name, person.role) for person in place.staff] == [
        ("乙", "chief"),
        ("网格员1", None),
        ("甲", None),
    ]


def test_areas_end_at_the_readers_own(module_engine: Engine, town: TwoSides) -> None:
    place = found(module_engine, SUPERVISOR_WEST, *at(WEST, 5))
    assert [area.code for area in place.areas] == [WEST]


@pytest.mark.parametrize("where", [at(EAST, 5), (0.0, 0.0), (180.0, 90.0), (-180.0, -90.0)])
def test_outside_nothing_is_known(
    module_engine: Engine, town: TwoSides, where: tuple[float, float]
) -> None:
    assert found(module_engine, SUPERVISOR_WEST, *where) == Location("", [], None, None, [])


def test_an_address_is_near_or_none(module_engine: Engine, town: TwoSides) -> None:
    longitude, latitude = at(WEST, 5)
    edge = longitude + 0.00025  # 24 m east of the middle is the wall
    near = found(module_engine, SUPERVISOR_WEST, edge + 0.00103, latitude)
    far = found(module_engine, SUPERVISOR_WEST, edge + 0.00106, latitude)
    assert near.address is not None
    assert far.address is None


def test_without_a_grid_the_community_is_named(module_engine: Engine, town: TwoSides) -> None:
    with module_engine.begin() as connection:
        closed = "UPDATE territory.grid SET valid_to = '2020-01-01' WHERE id = :id"
        connection.execute(text(closed), {"id": town.east("grids")})
    place = found(module_engine, reader(Role.SUPERVISOR, EAST), *at(EAST, 5))
    assert (place.area_code, place.grid) == (EAST, None)
    assert [area.code for area in place.areas] == [EAST]
    assert place.staff == [], "the worker serves the grid, not the community"


def test_staff_are_shown_to_those_who_may_see_them(module_engine: Engine, town: TwoSides) -> None:
    assert found(module_engine, reader(Role.AUDITOR, ""), *at(WEST, 5)).staff == []
    with pytest.raises(Forbidden):
        found(module_engine, Reader(1, "nobody", ()), *at(WEST, 5))
