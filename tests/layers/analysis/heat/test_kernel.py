"""The kernel keeps the mass, reaches as far as the radius in metres, and is the same everywhere."""

from __future__ import annotations

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.analysis.heat.kernel import CELLS_PER_RADIUS, Grid, grid_around, ground, quartic, smooth
from layers.core.cells import Floats, Ints, cell_size, latitude, level_for, longitude
from layers.core.tiles import tile_at

RADII = st.floats(50, 5000)
PLACES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.floats(0.5, 1000)),
    min_size=1,
    max_size=30,
    unique_by=lambda place: place[:2],
)


def level_at(radius: float, lat: float) -> tuple[int, int]:
    """Zoom that heat of this radius is made in, and the row of a latitude there."""
    level = level_for(radius / CELLS_PER_RADIUS, tile_at(21, 121.4, lat).y)
    return level, tile_at(level, 121.4, lat).y


def surface_of(
    places: list[tuple[int, int, float]], radius: float, lat: float, shift: tuple[int, int] = (0, 0)
) -> tuple[Grid, Floats]:
    level, first = level_at(radius, lat)
    column: Ints = np.array([x + shift[0] for x, _, _ in places], dtype=np.int64)
    row: Ints = np.array([y + first + shift[1] for _, y, _ in places], dtype=np.int64)
    weight: Floats = np.array([w for _, _, w in places])
    grid = grid_around(column, row, level, radius)
    return grid, smooth(grid, 1, np.zeros_like(column), column, row, weight, radius)[0]


@given(PLACES, RADII, st.floats(-60, 60))
@settings(max_examples=60)
def test_the_surface_holds_the_sum_of_the_weights(
    places: list[tuple[int, int, float]], radius: float, lat: float
) -> None:
    grid, surface = surface_of(places, radius, lat)
    total = sum(weight for _, _, weight in places)
    assert surface.sum() == pytest.approx(total, rel=1e-9)
    density = surface / ground(grid)
    assert (density * ground(grid)).sum() == pytest.approx(total, rel=1e-9)
    assert surface.min() >= 0


@given(PLACES, RADII, st.integers(-500, 500))
@settings(max_examples=40)
def test_a_shift_of_the_places_shifts_the_surface(
    places: list[tuple[int, int, float]], radius: float, columns: int
) -> None:
    grid, surface = surface_of(places, radius, 31.1)
    moved_grid, moved = surface_of(places, radius, 31.1, (columns, 0))
    assert moved_grid.column - grid.column == columns
    assert moved_grid.row == grid.row
    np.testing.assert_allclose(moved, surface, rtol=1e-12, atol=0)


@given(PLACES, PLACES, RADII)
@settings(max_examples=30)
def test_two_frames_do_not_mix(
    first: list[tuple[int, int, float]], second: list[tuple[int, int, float]], radius: float
) -> None:
    level, top = level_at(radius, 31.1)
    both = [(0, *place) for place in first] + [(1, *place) for place in second]
    frame, column, row = (np.array([each[i] for each in both], dtype=np.int64) for i in range(3))
    weight = np.array([each[3] for each in both])
    grid = grid_around(column, row + top, level, radius)
    surfaces = smooth(grid, 2, frame, column, row + top, weight, radius)
    for number, places in enumerate((first, second)):
        assert surfaces[number].sum() == pytest.approx(sum(w for _, _, w in places), rel=1e-9)


@pytest.mark.parametrize("lat", [0.0, 31.1, 45.0, -60.0])
@pytest.mark.parametrize("radius", [50.0, 400.0, 3000.0])
def test_the_radius_is_metres_on_the_ground(radius: float, lat: float) -> None:
    grid, surface = surface_of([(0, 0, 1.0)], radius, lat)
    geod = pyproj.Geod(ellps="WGS84")
    middle_x = longitude(0 + 0.5, grid.level)
    middle_y = latitude(level_at(radius, lat)[1] + 0.5, grid.level)
    x, y = np.meshgrid(
        longitude(grid.column + np.arange(grid.columns) + 0.5, grid.level),
        latitude(grid.row + np.arange(grid.rows) + 0.5, grid.level),
    )
    _, _, far = geod.inv(np.full(x.shape, middle_x), np.full(x.shape, middle_y), x, y)
    half = max(float(each) for each in cell_size(grid.row + 0.5, grid.level)) / np.sqrt(2)
    assert far[surface > 0].max() <= radius + half
    assert far[surface == 0].min() >= radius - half
    # The published formula, in weight per square metre, where the kernel is smooth.
    inside = far < 0.6 * radius
    formula = 3 / (np.pi * radius**2) * (1 - (far[inside] / radius) ** 2) ** 2
    found = (surface / ground(grid) / 1e6)[inside]
    np.testing.assert_allclose(found, formula, rtol=0.1)


def test_a_kernel_is_symmetric_and_sums_to_one() -> None:
    kernel = quartic(400, 131, 130)
    assert kernel.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1], rtol=1e-12)
    assert kernel.argmax() == kernel.size // 2
