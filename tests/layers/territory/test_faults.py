"""Every broken rule of a coverage is found, with its place; a whole one has none."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon, box

from layers.territory.coverage import Drag, move_border, split
from layers.territory.faults import GridFault, find_faults, mark_inherited
from layers.territory.plane import METRES
from tests.builders.road_cells import CITIES, road_cells

COMMUNITY = box(0, 0, 300, 100)
WEST, MIDDLE, EAST = box(0, 0, 100, 100), box(100, 0, 200, 100), box(200, 0, 300, 100)
GRIDS = {1: WEST, 2: MIDDLE, 3: EAST}
TOWER = box(90, 40, 110, 60)


def only(found: list[GridFault]) -> GridFault:
    assert len(found) == 1, [fault.kind for fault in found]
    return found[0]


def test_a_whole_coverage_has_no_fault() -> None:
    assert find_faults(GRIDS, COMMUNITY, {7: box(10, 10, 40, 40)}, METRES) == []


def test_a_gap_is_shown_where_it_is() -> None:
    gap = only(find_faults({1: WEST, 3: EAST}, COMMUNITY, {}, METRES))
    assert gap.kind == "gap"
    assert gap.where.equals(MIDDLE)


def test_a_gap_thinner_than_a_border_is_uneven_only() -> None:
    almost = {**GRIDS, 2: box(100.01, 0, 200, 100)}
    assert only(find_faults(almost, COMMUNITY, {}, METRES)).kind == "uneven"
    assert find_faults({**GRIDS, 2: box(101, 0, 200, 100)}, COMMUNITY, {}, METRES)[0].kind == "gap"


def test_an_overlap_names_both_grids() -> None:
    fault = only(find_faults({**GRIDS, 2: box(80, 0, 200, 100)}, COMMUNITY, {}, METRES))
    assert (fault.kind, fault.grids) == ("overlap", (1, 2))
    assert fault.where.equals(box(80, 0, 100, 100))


def test_what_leaves_the_community_is_shown() -> None:
    fault = only(find_faults({**GRIDS, 3: box(200, 0, 320, 100)}, COMMUNITY, {}, METRES))
    assert (fault.kind, fault.grids) == ("outside", (3,))
    assert fault.where.equals(box(300, 0, 320, 100))
    assert find_faults({**GRIDS, 3: box(200, 0, 320, 100)}, None, {}, METRES) == []


def test_a_cut_building_is_shown_and_one_that_touches_is_not() -> None:
    fault = only(find_faults(GRIDS, COMMUNITY, {7: TOWER}, METRES))
    assert (fault.kind, fault.grids, fault.building) == ("cut_building", (1, 2), 7)
    assert fault.where.equals(TOWER)
    beside = {7: box(100, 40, 120, 60), 8: box(99.99, 10, 120, 30)}
    assert find_faults(GRIDS, COMMUNITY, beside, METRES) == []


def test_slivers_and_scattered_grids_are_shown() -> None:
    far = MultiPolygon([box(0, 0, 100, 100), box(200, 0, 300, 100)])
    assert only(find_faults({1: far, 2: MIDDLE}, COMMUNITY, {}, METRES)).kind == "scattered"
    thin = {1: box(0, 0, 100, 95), 9: box(0, 95, 100, 100), 2: MIDDLE, 3: EAST}
    found = {fault.kind: fault for fault in find_faults(thin, COMMUNITY, {}, METRES)}
    assert found["sliver"].where.equals(box(0, 95, 100, 100))


def test_a_grid_that_crosses_itself_is_told_before_all_else() -> None:
    bow = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
    fault = only(find_faults({**GRIDS, 1: bow}, COMMUNITY, {7: TOWER}, METRES))
    assert fault.kind == "invalid"
    assert fault.where.coords[0] == (50, 50)


def test_a_border_that_goes_around_the_building_cures_it() -> None:
    put_in = [Drag((100, y), (100, y)) for y in (30, 70)]
    moved = [Drag((100, y), (85, y)) for y in (30, 70)]
    around = move_border(GRIDS, [*put_in, *moved], METRES)
    assert find_faults(around, COMMUNITY, {7: TOWER}, METRES) == []


def test_faults_that_were_there_before_are_marked() -> None:
    old = find_faults({1: WEST, 3: EAST}, COMMUNITY, {7: TOWER}, METRES)
    halves = split({1: WEST, 3: EAST}, 1, LineString([(-1, 50), (101, 50)]), (8, 9), METRES)
    new = find_faults(halves, COMMUNITY, {7: box(40, 40, 60, 60)}, METRES)
    marked = {fault.kind: fault.is_inherited for fault in mark_inherited(new, old, METRES)}
    assert marked == {"gap": True, "cut_building": False}


@pytest.mark.parametrize("name", CITIES)
def test_blocks_of_real_streets_have_no_gap_and_no_overlap(real_files: Path, name: str) -> None:
    city = road_cells(real_files / "osm" / name)
    grids = city.community(3, 25)
    near = [b for b in city.buildings if b.intersects(shapely.union_all(list(grids.values())))]
    buildings = dict(enumerate(near))
    whole = shapely.union_all(list(grids.values()))
    kinds = {fault.kind for fault in find_faults(grids, whole, buildings, city.plane)}
    assert kinds <= {"sliver", "cut_building"}
    holes = {key: shape for key, shape in grids.items() if key != 1}
    assert "gap" in {fault.kind for fault in find_faults(holes, whole, {}, city.plane)}
