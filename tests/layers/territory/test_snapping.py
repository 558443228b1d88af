"""Lines drawn by hand come to lie on borders, roads and outlines."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from layers.territory.plane import METRES
from layers.territory.snapping import snap, with_crossings
from tests.builders.road_cells import CITIES, RoadCells, road_cells

ROAD = LineString([(0, 50), (40, 52), (80, 70), (100, 90)])
HOUSE = box(40, 10, 60, 20)


def test_vertices_snap_to_the_nearest_vertex_or_line_in_reach() -> None:
    line = snap(LineString([(1, 48), (20, 53)]), [ROAD], 3, METRES)
    assert line.coords[0] == (0, 50)
    assert ROAD.distance(Point(line.coords[1])) < 1e-9
    assert list(snap(LineString([(0, 0), (20, 0)]), [ROAD], 3, METRES).coords) == [(0, 0), (20, 0)]


def test_the_first_target_in_reach_wins() -> None:
    border = LineString([(0, 40), (100, 40)])
    line = snap(LineString([(50, 42), (90, 200)]), [border, ROAD], 20, METRES)
    assert line.coords[0] == (50, 40)


def test_between_two_places_of_a_road_the_line_follows_it() -> None:
    line = snap(LineString([(0, 49), (101, 91)]), [ROAD], 5, METRES)
    assert list(line.coords) == list(ROAD.coords)
    assert list(snap(line.reverse(), [ROAD], 5, METRES).coords) == list(ROAD.coords)[::-1]


def test_around_a_house_the_line_takes_the_shorter_side() -> None:
    line = snap(LineString([(39, 12), (61, 12)]), [HOUSE], 4, METRES)
    assert list(line.coords) == [(40, 10), (60, 10)]
    up = snap(LineString([(40, 17), (50, 21)]), [HOUSE], 2, METRES)
    assert (40, 20) in list(up.coords)
    back = snap(LineString([(50, 21), (40, 17)]), [HOUSE], 2, METRES)
    assert (40, 20) in list(back.coords)


def test_a_line_across_a_border_takes_the_corner_that_is_near() -> None:
    border = LineString([(0, 0), (50, 0), (100, 0)])
    across = LineString([(52, -30), (53, 40), (60, 60)])
    crossed = with_crossings(across, border)
    assert len(crossed.coords) == 4
    assert border.distance(Point(crossed.coords[1])) < 1e-9
    assert (50, 0) in list(snap(crossed, [], 5, METRES, border=border).coords)
    assert with_crossings(across, LineString([(900, 0), (901, 0)])).equals(across)


def test_on_a_border_the_line_takes_the_place_where_a_road_meets_it() -> None:
    grid, road = box(0, 0, 100, 100), LineString([(-20, 50), (120, 50)])
    drawn = LineString([(-10, 48), (110, 52)])
    line = snap(with_crossings(drawn, grid.boundary), [road], 5, METRES, border=grid.boundary)
    assert {(0, 50), (100, 50)} <= set(line.coords)
    assert {y for _, y in line.coords} == {50}


def test_a_strip_along_the_border_is_cut_off_and_not_lost_to_it() -> None:
    grid = box(0, 0, 100, 100)
    drawn = LineString([(-10, 88), (110, 88)])
    line = snap(with_crossings(drawn, grid.boundary), [], 5, METRES, border=grid.boundary)
    assert list(line.coords) == [(-10, 88), (0, 88), (100, 88), (110, 88)]


def test_no_tolerance_changes_nothing() -> None:
    line = LineString([(0, 49), (101, 91)])
    assert snap(line, [ROAD], 0, METRES) is line


@pytest.fixture(scope="module", params=CITIES)
def city(request: pytest.FixtureRequest, real_files: Path) -> RoadCells:
    return road_cells(real_files / "osm" / str(request.param))


@settings(max_examples=25, derandomize=True)
@given(at=st.integers(0, 10_000), shift=st.floats(-9, 9), tolerance=st.floats(1, 10))
def test_on_real_streets_nothing_moves_further_than_the_tolerance(
    city: RoadCells, at: int, shift: float, tolerance: float
) -> None:
    road = shapely.get_parts(city.roads[at % len(city.roads)])[0]
    drawn = shapely.transform(road, lambda xy: xy + shift / city.plane.metres_y)
    line = snap(drawn, city.roads[:400], tolerance, city.plane)
    for place in drawn.coords:
        near = min(city.plane.distance(place, other) for other in line.coords)
        assert near <= tolerance + 1e-6
