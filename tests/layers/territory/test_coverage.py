"""Grids stay one coverage whatever is done to them: on drawings and on real street networks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from layers.territory.coverage import (
    Coverage,
    Drag,
    Refused,
    inner_borders,
    is_sliver,
    merge,
    move_border,
    outer_border,
    split,
)
from layers.territory.plane import METRES, Plane
from tests.builders.road_cells import CITIES, RoadCells, road_cells

NEW = range(1000, 1009)
# Four squares of 100 m around one node in the middle, and a fifth beside them.
SQUARES: Coverage = {
    1: Polygon([(0, 0), (100, 0), (100, 100), (0, 100)]),
    2: Polygon([(100, 0), (200, 0), (200, 100), (100, 100)]),
    3: Polygon([(0, 100), (100, 100), (100, 200), (0, 200)]),
    4: Polygon([(100, 100), (200, 100), (200, 200), (100, 200)]),
}


def assert_is_coverage(made: Coverage, before: Coverage) -> None:
    """Neighbours share every vertex, nothing is lost, gained or covered twice."""
    shapes = list(made.values())
    assert shapely.coverage_is_valid(shapes)
    assert all(shape.is_valid for shape in shapes)
    whole = shapely.union_all(list(before.values()))
    assert shapely.union_all(shapes).symmetric_difference(whole).area <= 1e-9 * whole.area
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-9)


def vertices(shape: BaseGeometry) -> set[tuple[float, float]]:
    return {(x, y) for x, y in shapely.get_coordinates(shape).tolist()}


def attempt(operation: Callable[[], dict[int, BaseGeometry]]) -> dict[int, BaseGeometry] | Refused:
    """What an operation makes, or how it is refused; anything else it raises fails the test."""
    try:
        return operation()
    except Refused as refused:
        return refused


def kind_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    assert not refused.value.where.is_empty
    return refused.value.kind


def test_a_line_splits_one_grid_and_puts_its_ends_into_the_neighbours() -> None:
    made = split(SQUARES, 1, LineString([(-10, 40), (120, 40)]), NEW, METRES)
    assert set(made) == {2, 3, 4, 1000, 1001}
    assert {made[1000].area, made[1001].area} == {4000, 6000}
    assert (100, 40) in vertices(made[2])
    assert made[4] is SQUARES[4]
    assert_is_coverage(made, SQUARES)


def test_a_line_that_cuts_thrice_makes_a_piece_of_each_part() -> None:
    gap = Polygon([(100, 60), (200, 60), (200, 200), (100, 200)])
    comb = {1: box(0, 0, 300, 200).difference(gap), 2: gap}
    made = split(comb, 1, LineString([(-5, 120), (305, 120)]), NEW, METRES)
    assert sorted(shape.area for key, shape in made.items() if key >= 1000) == [8000, 8000, 30000]
    assert_is_coverage(made, comb)
    with pytest.raises(Refused) as refused:
        split(comb, 1, LineString([(-5, 120), (305, 120)]), NEW[:2], METRES)
    assert kind_of(refused) == "too_many_pieces"


def test_a_closed_line_cuts_out_an_island() -> None:
    ring = LineString([(20, 20), (80, 20), (80, 80), (20, 80), (20, 20)])
    made = split(SQUARES, 1, ring, NEW, METRES)
    assert {made[1000].area, made[1001].area} == {3600, 6400}
    assert_is_coverage(made, SQUARES)
    again = merge(made, 1000, 1001, 1)
    assert again[1].equals(SQUARES[1])


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ([(-10, 20), (60, 20), (60, 60), (40, -10)], "line_crosses_itself"),
        ([(-10, 50), (60, 50)], "line_does_not_cross"),
        ([(20, 50), (60, 50)], "line_does_not_cross"),
        ([(0, 100), (100, 100)], "line_does_not_cross"),
        ([(300, 300), (400, 300)], "line_does_not_cross"),
        ([(50, 50), (50, 50)], "line_too_short"),
        ([(-10, 97), (110, 97)], "sliver"),
    ],
)
def test_a_line_that_cannot_split_is_refused_with_the_place(
    line: list[tuple[float, float]], kind: str
) -> None:
    with pytest.raises(Refused) as refused:
        split(SQUARES, 1, LineString(line), NEW, METRES)
    assert kind_of(refused) == kind


def test_a_line_from_vertex_to_vertex_adds_none() -> None:
    made = split(SQUARES, 1, LineString([(0, 0), (100, 100)]), NEW, METRES)
    assert made[2] is SQUARES[2]
    assert vertices(made[1000]) | vertices(made[1001]) == vertices(SQUARES[1])
    # A millimetre off is the same: no border of a millimetre comes of it.
    near = split(SQUARES, 1, LineString([(0.0004, -0.0005), (100, 100.0003)]), NEW, METRES)
    assert near[1000].equals(made[1000])


def test_neighbours_are_merged_and_nobody_else() -> None:
    made = merge(SQUARES, 1, 2, 9)
    assert made[9].area == 20000
    assert_is_coverage(made, SQUARES)
    with pytest.raises(Refused) as refused:
        merge(SQUARES, 1, 4, 9)  # they touch in the middle only
    assert kind_of(refused) == "not_neighbours"


def test_a_vertex_where_four_grids_meet_moves_once_for_all() -> None:
    made = move_border(SQUARES, [Drag((100, 100), (120, 90))], METRES)
    assert all((120, 90) in vertices(shape) for shape in made.values())
    assert_is_coverage(made, SQUARES)


def test_an_edge_is_two_vertices_and_a_new_one_is_put_in_on_a_border() -> None:
    made = move_border(SQUARES, [Drag((100, 50), (110, 50))], METRES)
    assert made[1].area == 10500
    assert_is_coverage(made, SQUARES)
    made = move_border(made, [Drag((110, 50), (90, 50)), Drag((100, 100), (95, 100))], METRES)
    assert_is_coverage(made, SQUARES)
    made = move_border(made, [Drag((90, 50), None), Drag((95, 100), (100, 100))], METRES)
    assert made[1].equals(SQUARES[1])


def test_the_end_of_a_border_slides_along_the_outer_border() -> None:
    made = move_border(SQUARES, [Drag((100, 0), (140, -20))], METRES)
    assert (140, 0) in vertices(made[1])
    assert (100, 0) not in vertices(made[2])
    assert made[1].area == 12000
    assert_is_coverage(made, SQUARES)
    around = move_border(SQUARES, [Drag((100, 0), (215, 60))], METRES)
    assert (200, 60) in vertices(around[1])
    assert (200, 0) in vertices(around[1]) - vertices(around[2])
    assert_is_coverage(around, SQUARES)


@pytest.mark.parametrize(
    ("drag", "kind"),
    [
        (Drag((0, 0), (10, 10)), "outer_border"),
        (Drag((50, 0), (50, 20)), "outer_border"),
        (Drag((50, 50), (60, 60)), "no_border"),
        (Drag((100, 100), None), "node_needed"),
        (Drag((0, 0), None), "node_needed"),
        (Drag((100, 50), None), "no_border"),
        (Drag((100, 100), (100, 300)), "borders_cross"),
        (Drag((100, 100), (-50, 50)), "borders_cross"),
    ],
)
def test_what_may_not_move_is_refused_with_the_place(drag: Drag, kind: str) -> None:
    with pytest.raises(Refused) as refused:
        move_border(SQUARES, [drag], METRES)
    assert kind_of(refused) == kind


def test_borders_are_told_apart() -> None:
    assert inner_borders(SQUARES).length == 400
    assert outer_border(SQUARES).length == 800


def test_a_sliver_is_small_or_thin() -> None:
    assert is_sliver(box(0, 0, 20, 20), METRES)
    assert is_sliver(box(0, 0, 1000, 5), METRES)
    assert not is_sliver(box(0, 0, 30, 30), METRES)


@pytest.mark.parametrize("latitude", [0.0, 22.6, 31.0, 60.2])
def test_metres_are_those_of_the_ellipsoid(latitude: float) -> None:
    plane, ellipsoid = Plane.at(latitude), Geod(ellps="GRS80")
    east = ellipsoid.inv(114, latitude, 114.001, latitude)[2]
    north = ellipsoid.inv(114, latitude - 0.0005, 114, latitude + 0.0005)[2]
    assert plane.metres_x == pytest.approx(east * 1000, rel=1e-6)
    assert plane.metres_y == pytest.approx(north * 1000, rel=1e-6)


@pytest.fixture(scope="module", params=CITIES)
def city(request: pytest.FixtureRequest, real_files: Path) -> RoadCells:
    return road_cells(real_files / "osm" / str(request.param))


SHARE = st.floats(0.02, 0.98)


@settings(max_examples=25, derandomize=True)
@given(at=st.integers(0, 10_000), shares=st.tuples(SHARE, SHARE, SHARE), steep=st.booleans())
def test_splitting_and_merging_real_blocks_keeps_the_coverage(
    city: RoadCells, at: int, shares: tuple[float, float, float], steep: bool
) -> None:
    before = city.community(at, 8)
    west, south, east, north = before[0].bounds
    line = [
        (west - 1e-4, south + shares[0] * (north - south)),
        (west + shares[1] * (east - west), south + shares[2] * (north - south)),
        (east + 1e-4, south + shares[1] * (north - south)),
    ]
    if steep:
        slope = (north - south) / (east - west)
        line = [(west + (y - south) / slope, south + (x - west) * slope) for x, y in line]
    made = attempt(lambda: split(before, 0, LineString(line), NEW, city.plane))
    if isinstance(made, Refused):
        assert made.kind in {"sliver", "line_does_not_cross"}
        assert not made.where.is_empty
        return
    assert_is_coverage(made, before)
    pieces = [key for key in made if key >= 1000]
    assert len(pieces) >= 2
    assert vertices(before[0]) <= set().union(*(vertices(made[key]) for key in pieces))
    assert not any(is_sliver(made[key], city.plane) for key in pieces)
    while len(pieces) > 1:
        one = pieces.pop()
        other = next(k for k in pieces if made[k].intersection(made[one]).length > 0)
        made = merge(made, one, other, other)
        assert_is_coverage(made, before)
    assert made[pieces[0]].symmetric_difference(before[0]).area < 1e-9 * before[0].area


@settings(max_examples=25, derandomize=True)
@given(
    at=st.integers(0, 10_000),
    vertex=st.integers(0, 10_000),
    east=st.floats(-80, 80),
    north=st.floats(-80, 80),
)
def test_dragging_borders_of_real_blocks_keeps_the_coverage(
    city: RoadCells, at: int, vertex: int, east: float, north: float
) -> None:
    before = city.community(at, 8)
    places = sorted(vertices(inner_borders(before)))
    if not places:
        return
    x, y = places[vertex % len(places)]
    to = (x + east / city.plane.metres_x, y + north / city.plane.metres_y)
    made = attempt(lambda: move_border(before, [Drag((x, y), to)], city.plane))
    if isinstance(made, Refused):
        assert made.kind in {"borders_cross", "outer_border"}
        assert not made.where.is_empty
        return
    assert_is_coverage(made, before)
    if not any(Point(x, y).intersects(part) for part in shapely.get_parts(outer_border(before))):
        assert any(to in vertices(shape) for shape in made.values())
