"""Rooms as boxes: every house of the matrix, regular or not, stands on its footprint."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine

from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Forbidden, NotFound
from layers.core.rights import Role
from layers.housing.boxes import Room, find_boxes, lay_rooms, storey_height, without_walls
from layers.housing.floors import lay_out
from tests.builders.two_sides import SUPERVISOR_WEST, WEST, build_two_sides, insert, reader

SLAB = shapely.box(0, 0, 60, 14)


def rooms(*places: tuple[str, int, str, float | None]) -> list[Room]:
    return [Room(i, *place) for i, place in enumerate(places, 1)]


def laid(
    house: list[Room], footprint: BaseGeometry = SLAB, **doors: tuple[float, float]
) -> dict[str, BaseGeometry]:
    pieces = lay_rooms(footprint, house, lay_out(house), doors)
    return {f"{room.unit}-{room.room}": pieces[room.id] for room in house}


def covers(pieces: list[BaseGeometry], footprint: BaseGeometry) -> bool:
    apart = sum(piece.area for piece in pieces) - footprint.area
    return (
        abs(apart) < 1e-4
        and shapely.union_all(pieces, grid_size=1e-6).symmetric_difference(footprint).area < 1e-3
    )


def test_a_tower_has_its_units_side_by_side_and_its_stacks_share_an_outline() -> None:
    house = rooms(*[(u, f, f"{f}{r:02}", None) for u in "12" for f in range(1, 19) for r in (1, 2)])
    pieces = laid(house)
    assert pieces["1-101"] is pieces["1-1801"]
    assert [
        pieces[name].bounds[0] for name in ("1-101", "1-102", "2-101", "2-102")
    ] == pytest.approx([0, 15, 30, 45])


def test_units_stand_where_their_doors_are() -> None:
    house = rooms(("1", 1, "101", None), ("2", 1, "101", None))
    pieces = laid(house, **{"1": (50.0, 0.0), "2": (10.0, 0.0)})
    assert pieces["2-101"].bounds[0] < pieces["1-101"].bounds[0]


def test_a_merged_room_takes_the_place_of_both() -> None:
    house = rooms(
        ("1", 2, "201", None),
        ("1", 2, "202", None),
        ("1", 2, "203", None),
        ("1", 3, "301-302", None),
        ("1", 3, "303", None),
    )
    pieces = laid(house)
    assert pieces["1-301-302"].area == pytest.approx(2 * pieces["1-303"].area, rel=1e-3)
    assert pieces["1-303"].symmetric_difference(pieces["1-203"]).area < 0.1


def test_known_areas_give_the_sizes() -> None:
    house = rooms(("1", 1, "101", 120.0), ("1", 1, "102", 60.0))
    pieces = laid(house)
    assert pieces["1-101"].area == pytest.approx(2 * pieces["1-102"].area, rel=1e-3)


def test_shops_below_homes_cover_their_own_floor() -> None:
    house = rooms(
        ("", 1, "商铺1", None),
        ("", 1, "商铺2", None),
        ("", 1, "商铺3", None),
        ("1", 2, "201", None),
        ("2", 2, "201", None),
    )
    pieces = laid(house)
    assert covers([pieces[f"-商铺{n}"] for n in (1, 2, 3)], SLAB)
    assert covers([pieces["1-201"], pieces["2-201"]], SLAB)


def test_a_village_house_without_units_is_one_box_a_room() -> None:
    house = rooms(("", 1, "东屋", None), ("", 1, "西屋", None), ("", -1, "地窖", None))
    pieces = laid(house, shapely.box(0, 0, 9, 11))
    assert covers([pieces["-东屋"], pieces["-西屋"]], shapely.box(0, 0, 9, 11))
    assert covers([pieces["-地窖"]], shapely.box(0, 0, 9, 11))


numbers = st.integers(1, 4)
floor_rooms = st.dictionaries(
    st.sampled_from([-2, -1, 1, 2, 3, 18]), st.lists(numbers, min_size=3, max_size=3), min_size=1
)
outlines = st.sampled_from(
    [
        SLAB,
        shapely.union(shapely.box(0, 0, 40, 12), shapely.box(0, 0, 12, 40)),
        shapely.difference(shapely.box(0, 0, 50, 40), shapely.box(14, 12, 36, 28)),
    ]
)


@settings(max_examples=60)
@given(floor_rooms, outlines, st.booleans(), st.floats(0, 180))
def test_rooms_of_a_floor_cover_it_without_overlap(
    floors: dict[int, list[int]], outline: BaseGeometry, has_areas: bool, turned: float
) -> None:
    """Different rooms on each floor; every unit has at least one on each."""
    footprint = affinity.rotate(outline, turned)
    house = rooms(
        *[
            (str(unit), floor, f"{floor}{room:02}", 50.0 + 7 * room if has_areas else None)
            for floor, counts in floors.items()
            for unit, count in enumerate(counts, 1)
            for room in range(1, count + 1)
        ]
    )
    pieces = lay_rooms(footprint, house, lay_out(house))
    for floor in floors:
        assert covers([pieces[room.id] for room in house if room.floor == floor], footprint)


def test_walls_are_taken_off_but_a_closet_is_kept() -> None:
    assert without_walls(shapely.box(0, 0, 10, 10)).bounds == pytest.approx(
        (0.12, 0.12, 9.88, 9.88)
    )
    assert without_walls(shapely.box(0, 0, 0.3, 2)).bounds == (0, 0, 0.3, 2)


@pytest.mark.parametrize(
    ("levels", "height", "storey"),
    [(18, 54.0, 3.0), (None, 54.0, 3.0), (18, None, 3.0), (1, 30.0, 8.0), (10, 4.0, 2.2)],
)
def test_a_storey_is_believable(levels: int | None, height: float | None, storey: float) -> None:
    assert storey_height(levels, height) == storey


def test_boxes_of_a_building_within_scope(module_engine: Engine) -> None:
    town = build_two_sides(module_engine)
    with owner_transaction(module_engine) as connection:
        house = {"building_id": town.west("buildings"), "unit": "1"}
        for floor, room in ((3, "301"), (2, "202")):
            insert(connection, "dwellings", house | {"floor": floor, "room_number": room})
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        found = find_boxes(connection, SUPERVISOR_WEST, town.west("buildings"))
        assert found.floors == (3, 2, 1)
        assert {(box.floor, len(found.shapes[box.shape])) for box in found.boxes} == {
            (3, 1),
            (2, 1),
        }
        footprint = shapely.Polygon(found.footprint[0][0]).buffer(1e-6)
        assert all(footprint.covers(shapely.Polygon(shape[0][0])) for shape in found.shapes)
        with pytest.raises(NotFound):
            find_boxes(connection, SUPERVISOR_WEST, town.east("buildings"))
    auditor = reader(Role.AUDITOR, WEST)
    with (
        reader_transaction(module_engine, auditor) as connection,
        pytest.raises((Forbidden, NotFound)),
    ):
        find_boxes(connection, auditor, town.west("buildings"))
