"""Totals by area add up and stay within what the reader may see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from layers.core.database import reader_transaction
from layers.core.errors import NotFound
from layers.core.rights import Role
from layers.evaluation.totals import (
    find_above,
    find_buildings,
    find_children,
    find_place,
    sums_below,
)
from tests.builders.two_sides import (
    COUNTY,
    EAST,
    EVERYBODY,
    STREET,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    build_two_sides,
    reader,
)

codes = st.text("12", min_size=0, max_size=6)


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


@given(st.dictionaries(codes, st.integers(0, 9)), codes, st.lists(codes, max_size=3))
def test_the_parts_add_up_to_the_whole(counts: dict[str, int], code: str, areas: list[str]) -> None:
    sums = sums_below(counts, code, len(code) + 1, areas)
    whole = sum(
        count
        for found, count in counts.items()
        if found.startswith(code) and any(found.startswith(area) for area in areas)
    )
    assert sum(sums.values()) == whole
    assert all(below.startswith(code) for below in sums)


def test_the_way_from_the_county_down_to_a_house(module_engine: Engine, town: TwoSides) -> None:
    with reader_transaction(module_engine, EVERYBODY) as connection:
        assert find_place(connection, EVERYBODY, COUNTY).name == "测试区"
        below = [
            [child.code for child in find_children(connection, EVERYBODY, code)]
            for code in ("", COUNTY, STREET, WEST, f"{WEST}01")
        ]
        buildings = find_buildings(connection, EVERYBODY, f"{WEST}01")
    assert below == [[COUNTY], [STREET], [WEST, EAST], [f"{WEST}01"], []]
    assert [(each.id, each.dwellings, each.residents) for each in buildings] == [
        (town.west("buildings"), 1, 1)
    ]


def test_only_the_own_side_is_below(module_engine: Engine, town: TwoSides) -> None:
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        children = find_children(connection, SUPERVISOR_WEST, STREET)
        assert [child.code for child in children] == [WEST]
        with pytest.raises(NotFound):
            find_place(connection, SUPERVISOR_WEST, EAST)
        assert find_buildings(connection, SUPERVISOR_WEST, f"{EAST}01") == [] or all(
            each.residents is None
            for each in find_buildings(connection, SUPERVISOR_WEST, f"{EAST}01")
        )


def test_without_the_right_no_figure_of_people(module_engine: Engine, town: TwoSides) -> None:
    auditor = reader(Role.AUDITOR, "")
    with reader_transaction(module_engine, auditor) as connection:
        (building,) = find_buildings(connection, auditor, f"{WEST}01")
    assert (building.dwellings, building.residents) == (None, None)


def test_the_way_up(module_engine: Engine, town: TwoSides) -> None:
    with reader_transaction(module_engine, EVERYBODY) as connection:
        above = find_above(connection, f"{WEST}01")
        assert [place.code for place in above] == [COUNTY, STREET, WEST]
        assert find_above(connection, COUNTY) == []
    with reader_transaction(module_engine, SUPERVISOR_WEST) as connection:
        assert [place.code for place in find_above(connection, f"{WEST}01")] == [WEST]
