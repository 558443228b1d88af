"""The invented land: the same for the same seed, under all of the city, lowest along the waters."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine

from etl.synth.city import City, plan_city, project, unproject
from etl.synth.sizes import DEMO
from etl.synth.terrain import make_terrain, terrain_grid, terrain_heights
from layers.core.database import owner_transaction
from layers.territory.terrain import TerrainGrid, find_terrain, keep_terrain


@pytest.fixture(scope="module")
def city() -> City:
    return plan_city(DEMO, 1)


def test_the_same_seed_gives_the_same_land_and_another_another(city: City) -> None:
    grid = terrain_grid(city)
    heights = terrain_heights(city, grid)
    np.testing.assert_array_equal(heights, terrain_heights(plan_city(DEMO, 1), grid))
    assert np.abs(heights - terrain_heights(plan_city(DEMO, 2), grid)).mean() > 0.5


def test_it_lies_under_all_of_the_city(city: City) -> None:
    grid = terrain_grid(city)
    west, south, east, north = grid.bounds
    around = city.lonlat(np.array([city.outline], dtype=object))[0].bounds
    assert west < around[0] < around[2] < east
    assert south < around[1] < around[3] < north
    heights = terrain_heights(city, grid)
    assert np.isfinite(heights).all()
    assert 0 < heights.min() < heights.max() < 100
    # No cliffs: a city stands on it.
    assert np.abs(np.diff(heights, axis=0)).max() < 4


def test_waters_lie_lower_than_their_banks(city: City) -> None:
    grid = terrain_grid(city)
    heights = terrain_heights(city, grid)
    waters = shapely.union_all([water.shape for water in city.ways.waters])
    rows, columns = np.mgrid[0 : grid.rows, 0 : grid.columns] + 0.5
    x, y = unproject(grid.west + grid.cell_width * columns, grid.north - grid.cell_height * rows)
    inside = shapely.contains_xy(waters, x, y)
    bank = shapely.contains_xy(waters.buffer(250).difference(waters.buffer(150)), x, y)
    assert heights[inside].mean() < heights[bank].mean() - 1


def test_places_come_back_from_degrees(city: City) -> None:
    x, y = unproject(*project(np.array([120.0, -800.0]), np.array([-40.0, 650.0])))
    np.testing.assert_allclose(x, [120, -800], atol=0.02)
    np.testing.assert_allclose(y, [-40, 650], atol=0.02)


def test_the_demo_city_has_it_and_a_loaded_one_stays(city_engine: Engine, city: City) -> None:
    with city_engine.connect() as connection:
        terrain = find_terrain(connection)
    assert terrain is not None
    assert (terrain.source, terrain.voids) == ("synthetic", 0)
    real = TerrainGrid("EPSG:4326", 117.0, 33.0, 0.01, 0.01, 3, 2)
    with owner_transaction(city_engine) as connection:
        heights = np.ones((2, 3), dtype=np.float32)
        keep_terrain(connection, real, heights, title="real.tif", source="file")
        make_terrain(connection, city)
        kept = find_terrain(connection)
    assert kept is not None
    assert kept.title == "real.tif"
