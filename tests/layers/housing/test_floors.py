"""The building matrix: regular towers and every irregular house."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.housing.floors import lay_out, natural, stack_of


class Room(NamedTuple):
    id: int
    unit: str
    floor: float
    room: str
    column_number: int | None = None
    columns_wide: int = 1
    floors_high: int = 1


def rooms(*places: tuple[str, int, str]) -> list[Room]:
    return [Room(i, *place) for i, place in enumerate(places, 1)]


def columns(house: list[Room], levels: int | None = None) -> dict[str, int]:
    matrix = lay_out(house, levels)
    return {f"{room.unit}-{room.room}": matrix.columns[room.id] for room in house}


def test_a_tower_with_two_units() -> None:
    house = rooms(*[(u, f, f"{f}{r:02}") for u in "12" for f in range(1, 19) for r in (1, 2, 3)])
    matrix = lay_out(house, levels=18)
    assert matrix.units == ("1", "2")
    assert matrix.floors == tuple(range(18, 0, -1))
    assert columns(house)["2-1803"] == 3


def test_units_and_rooms_stand_in_natural_order() -> None:
    house = rooms(("10", 1, "101"), ("2", 1, "110"), ("2", 1, "19"), ("A", 1, "1"), ("", 1, "1"))
    matrix = lay_out(house)
    assert matrix.units == ("", "2", "10", "A")
    assert columns(house)["2-19"] < columns(house)["2-110"]


def test_a_missing_room_leaves_a_gap_so_that_stacks_stay_in_line() -> None:
    house = rooms(
        ("1", 2, "201"), ("1", 2, "203"), ("1", 1, "101"), ("1", 1, "102"), ("1", 1, "103")
    )
    assert columns(house) == {"1-201": 1, "1-203": 3, "1-101": 1, "1-102": 2, "1-103": 3}


def test_a_merged_room_keeps_the_column_of_its_first_number() -> None:
    house = rooms(
        ("1", 3, "301-302"), ("1", 3, "303"), ("1", 2, "201"), ("1", 2, "202"), ("1", 2, "203")
    )
    found = columns(house)
    assert found["1-301-302"] < found["1-303"]
    assert found["1-303"] == found["1-203"]


def test_a_duplex_stands_on_its_entrance_floor() -> None:
    house = rooms(("1", 1, "101"), ("1", 2, "201"), ("1", 4, "401"))
    assert lay_out(house).floors == (4, 3, 2, 1), "its upper floor is an empty line"


def test_basements_are_below_without_a_floor_0() -> None:
    house = rooms(("1", -2, "B201"), ("1", -1, "B101"), ("1", 1, "101"))
    assert lay_out(house).floors == (1, -1, -2)
    assert set(columns(house).values()) == {1}


def test_a_house_of_one_floor_without_units() -> None:
    house = rooms(("", 1, "东屋"), ("", 1, "西屋"), ("", 1, "1"))
    matrix = lay_out(house)
    assert (matrix.units, matrix.floors) == (("",), (1,))
    assert sorted(matrix.columns.values()) == [1, 2, 3]


def test_dormitory_beds_stand_side_by_side() -> None:
    house = rooms(*[("", 3, f"30{r}-{b}床") for r in (1, 2) for b in (1, 2, 10)])
    assert columns(house) == {
        "-301-1床": 1,
        "-301-2床": 2,
        "-301-10床": 3,
        "-302-1床": 4,
        "-302-2床": 5,
        "-302-10床": 6,
    }


def test_doors_numbered_through_the_house_are_packed() -> None:
    house = rooms(*[("1", 1 + i // 4, str(i + 1)) for i in range(40)])
    assert max(columns(house).values()) == 4


def test_levels_add_empty_floors_only_where_there_are_rooms() -> None:
    assert lay_out([], levels=30).floors == ()
    assert lay_out(rooms(("1", 2, "201")), levels=3).floors == (3, 2, 1)
    assert lay_out(rooms(("1", 5, "501")), levels=3).floors == (5, 4, 3, 2, 1)


@pytest.mark.parametrize(
    ("room", "floor", "stack"),
    [
        ("1803", 18, "03"),
        ("103", 1, "03"),
        ("0103", 1, "03"),
        ("B103", -1, "03"),
        ("负103", -1, "03"),
        ("1803", 8, "1803"),
        ("8", 8, "8"),
        ("店铺", 1, "店铺"),
    ],
)
def test_the_stack_of_a_room(room: str, floor: int, stack: str) -> None:
    assert stack_of(room, floor) == stack


places = st.tuples(
    st.sampled_from(["", "1", "2", "10", "甲"]),
    st.integers(-3, 40).filter(bool),
    st.text("0123456789AB-床室", min_size=1, max_size=6),
)


@given(st.lists(places, max_size=60, unique=True), st.none() | st.integers(1, 60))
def test_every_room_has_one_cell_of_its_own(
    given_places: list[tuple[str, int, str]], levels: int | None
) -> None:
    house = rooms(*given_places)
    matrix = lay_out(house, levels)
    cells = [(room.unit, room.floor, matrix.columns[room.id]) for room in house]
    assert len(set(cells)) == len(house)
    assert set(matrix.columns) == {room.id for room in house}
    assert all(column >= 1 for column in matrix.columns.values())
    assert {room.unit for room in house} == set(matrix.units)
    assert {room.floor for room in house} <= set(matrix.floors)
    assert 0 not in matrix.floors
    assert list(matrix.floors) == sorted(matrix.floors, reverse=True)


@given(st.text(max_size=8), st.text(max_size=8))
def test_natural_order_tells_any_two_texts_apart(one: str, other: str) -> None:
    assert (natural(one) == natural(other)) == (one == other)
    assert (natural(one) < natural(other)) != (natural(one) >= natural(other))
