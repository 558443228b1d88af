"""Cells: the database's number, the numbering of web maps, and true sizes on the ground."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from layers.core.cells import (
    LEVEL,
    cell_size,
    columns_and_rows,
    latitude,
    level_for,
    longitude,
    mercator,
    mercator_side,
    parent_mask,
)
from layers.core.crs import metric_srid
from layers.core.tiles import tile_at

PLACES = [(121.4, 31.1), (-71.06, 42.36), (0.0, 0.0), (-179.9, -60.0), (116.4, 39.9)]


def stored_cells(engine: Engine, texts: list[str]) -> list[int | None]:
    with engine.connect() as connection:
        return list(
            connection.execute(
                text("SELECT core.cell(ST_GeomFromText(t, 4326)) FROM unnest(:t) AS t"),
                {"t": texts},
            ).scalars()
        )


@pytest.mark.parametrize("level", [10, 14, 18, LEVEL])
def test_a_stored_cell_is_the_tile_of_web_maps(module_engine: Engine, level: int) -> None:
    cells = stored_cells(module_engine, [f"POINT({lon} {lat})" for lon, lat in PLACES])
    masked = np.array(cells, dtype=np.int64) & parent_mask(level)
    x, y = columns_and_rows(masked, level)
    tiles = [tile_at(level, lon, lat) for lon, lat in PLACES]
    assert list(zip(x, y, strict=True)) == [(tile.x, tile.y) for tile in tiles]


def test_a_polygon_counts_at_its_centroid_and_nothing_nowhere(module_engine: Engine) -> None:
    square, centre, empty, missing = stored_cells(
        module_engine,
        [
            "POLYGON((121 31, 121.02 31, 121.02 31.02, 121 31.02, 121 31))",
            "POINT(121.01 31.01)",
            "POINT EMPTY",
            None,  # type: ignore[list-item]
        ],
    )
    assert square == centre
    assert empty is None
    assert missing is None


@given(st.floats(-179, 179), st.floats(-80, 80), st.integers(min_value=12, max_value=LEVEL))
def test_sizes_are_those_on_the_ellipsoid(lon: float, lat: float, level: int) -> None:
    tile = tile_at(level, lon, lat)
    geod = pyproj.Geod(ellps="WGS84")
    middle = latitude(tile.y + 0.5, level)
    west, east = longitude(tile.x, level), longitude(tile.x + 1, level)
    width, height = cell_size(tile.y + 0.5, level)
    assert geod.inv(west, middle, east, middle)[2] == pytest.approx(width, rel=1e-4)
    north, south = latitude(tile.y, level), latitude(tile.y + 1, level)
    assert geod.inv(west, north, west, south)[2] == pytest.approx(height, rel=1e-4)


@given(st.floats(1, 50_000), st.floats(-70, 70))
def test_the_level_gives_cells_no_wider_than_asked(metres: float, lat: float) -> None:
    row = tile_at(LEVEL, 0, lat).y + 0.5
    level = level_for(metres, row)
    width, _ = cell_size(row / (1 << (LEVEL - level)), level)
    if level < LEVEL:
        assert width <= metres * (1 + 1e-9)
    assert width * 2 > metres * (1 - 1e-9)


def test_corners_are_web_mercator() -> None:
    to_mercator = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    tile = tile_at(18, 121.4, 31.1)
    corner = to_mercator.transform(longitude(tile.x, 18), latitude(tile.y, 18))
    assert mercator(tile.x, tile.y, 18) == pytest.approx(corner, abs=1e-6)
    assert mercator_side(18) == pytest.approx(152.874, abs=1e-3)


@pytest.mark.parametrize(
    ("place", "srid"),
    [
        ((121.4, 31.1), 4549),  # Shanghai, 120° E
        ((116.4, 39.9), 4548),  # Beijing, 117° E
        ((113.3, 23.1), 4547),  # Guangzhou, 114° E
        ((75.0, 39.0), 4534),
        ((134.5, 48.0), 4554),
        ((-71.06, 42.36), 32619),  # Boston
        ((151.2, -33.9), 32756),  # Sydney
        ((180.0, 10.0), 32660),
    ],
)
def test_metres_are_measured_in_the_zone_of_the_place(
    place: tuple[float, float], srid: int
) -> None:
    assert metric_srid(*place) == srid
    crs = pyproj.CRS.from_epsg(srid)
    area = crs.area_of_use
    assert area is not None
    assert area.west - 0.01 <= place[0] <= area.east + 0.01
