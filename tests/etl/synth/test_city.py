"""The plan of the invented city: a valid coverage, nothing on top of anything, the same again."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from etl.synth.city import City, plan_city
from etl.synth.junctions import joined
from etl.synth.sizes import DEMO
from etl.synth.territory import Areas, make_areas
from layers.analysis.roads.network import make_network


@pytest.fixture(scope="module")
def city() -> City:
    return plan_city(DEMO, 1)


@pytest.fixture(scope="module")
def areas(city: City) -> Areas:
    return make_areas(city)


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_every_seed_gives_a_whole_city(seed: int) -> None:
    city = plan_city(DEMO, seed)
    areas = make_areas(city)
    assert len(areas.grid_code) == DEMO.grids
    assert len(areas.community_code) == DEMO.communities
    assert 1_200 <= len(city.buildings) <= 1_800
    assert shapely.coverage_is_valid(areas.grid_shape)


def test_grids_communities_and_streets_are_coverages_of_one_ground(areas: Areas) -> None:
    for shapes in (areas.grid_shape, areas.community_shape, areas.town_shape):
        assert shapely.coverage_is_valid(shapes)
        assert shapely.area(shapes).sum() == pytest.approx(areas.whole.area, rel=1e-9)


def test_grids_nest_in_their_community(areas: Areas) -> None:
    for number, grid in enumerate(areas.grid_shape):
        community = areas.community_shape[int(areas.community_of_grid[number])]
        assert community.intersection(grid).area == pytest.approx(grid.area, rel=1e-6)
        assert areas.grid_code[number].startswith(
            areas.community_code[int(areas.community_of_grid[number])]
        )


def test_no_two_footprints_overlap(city: City) -> None:
    shapes = city.buildings.shape
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    assert np.count_nonzero(first != second) == 0


def test_no_building_stands_on_a_main_road_or_in_the_river(city: City) -> None:
    shapes = city.buildings.shape
    hit = shapely.STRtree(city.ways.surfaces).query(shapes, predicate="intersects")
    assert hit.shape[1] == 0


def test_houses_look_south(city: City) -> None:
    slabs = city.buildings.use == "home"
    assert np.abs(np.degrees(city.buildings.turn[slabs])).max() < 25


def test_the_river_bends_through_the_city_and_reaches_both_ends(city: City) -> None:
    river = next(water for water in city.ways.waters if water.kind == "river")
    west, _, east, _ = city.outline.bounds
    assert river.shape.bounds[2] - river.shape.bounds[0] > 0.8 * (east - west)
    assert river.shape.area / river.shape.envelope.area < 0.7


def test_the_same_seed_gives_the_same_city_and_another_seed_another() -> None:
    first, second, other = plan_city(DEMO, 3), plan_city(DEMO, 3), plan_city(DEMO, 4)
    assert shapely.to_wkb(first.buildings.shape).tolist() == (
        shapely.to_wkb(second.buildings.shape).tolist()
    )
    assert len(first.buildings) != len(other.buildings) or not np.array_equal(
        first.buildings.x, other.buildings.x
    )


def test_codes_belong_to_no_real_region(areas: Areas) -> None:
    codes = [*areas.town_code, *areas.community_code, *areas.grid_code]
    assert all(code.startswith("990101") for code in codes)
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_one_can_walk_from_almost_every_road_to_every_other(seed: int) -> None:
    city = plan_city(DEMO, seed)
    streets = [road.line for road in city.ways.roads]
    lanes = [line for _, _, line in city.ground.lanes]
    lines = joined(streets, [*lanes, *city.ways.paths])
    assert len(lines) == len(streets) + len(lanes) + len(city.ways.paths)
    for line, drawn in zip(lines, streets, strict=False):
        assert line.hausdorff_distance(drawn) < 0.01
    one_way, nobody = np.zeros(len(lines), dtype=bool), np.zeros(0, dtype=object)
    longest_part = make_network(lines, one_way, nobody, 1.0, island=np.inf)
    assert longest_part.length.sum() > 0.9 * shapely.length(lines).sum()


def test_a_lane_leads_to_the_middle_of_its_street_and_crosses_what_it_crosses() -> None:
    street = shapely.LineString([(0, 0), (100, 0), (200, 0)])
    lane = shapely.LineString([(50, 12), (50, 90)])
    ring = shapely.LineString([(20, 40), (80, 40), (80, 80), (20, 80), (20, 40)])
    far = shapely.LineString([(150, 31), (150, 90)])
    joint, led, crossed, left = joined([street], [lane, ring, far])
    assert list(joint.coords) == [(0, 0), (50, 0), (100, 0), (200, 0)]
    assert list(led.coords) == [(50, 0), (50, 12), (50, 40), (50, 80), (50, 90)]
    assert {(50.0, 40.0), (50.0, 80.0)} < set(crossed.coords)
    assert crossed.is_closed
    assert left.equals_exact(far)
