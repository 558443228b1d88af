"""Places sent back rounded are the corners they were."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from layers.core.corners import onto_corners, told_within

EXACT = shapely.box(120.000000012345, 30.00000004321, 120.001000043, 30.00100000049)


@pytest.mark.parametrize("decimals", [6, 7])
def test_corners_told_in_short_come_back_exactly(decimals: int) -> None:
    told = shapely.transform(EXACT, lambda places: np.round(places, decimals))
    assert not told.equals_exact(EXACT, 0)
    assert onto_corners(told, [EXACT]).equals_exact(EXACT, 0)


def test_corners_that_moved_stay_where_they_are() -> None:
    places = [*EXACT.exterior.coords[:2], (120.0005, 30.002), EXACT.exterior.coords[2]]
    told = shapely.transform(shapely.Polygon(places), lambda each: np.round(each, 6))
    fitted = onto_corners(told, [EXACT])
    assert (120.0005, 30.002) in fitted.exterior.coords
    assert set(EXACT.exterior.coords[:2]) <= set(fitted.exterior.coords)


def test_a_micro_degree_is_a_move() -> None:
    place = shapely.Point(120.123456, 30.123456)
    moved = shapely.Point(120.123457, 30.123456)
    assert onto_corners(moved, [place]).equals_exact(moved, 0)


def test_an_outline_that_would_break_stays() -> None:
    """Two corners closer than rounding can tell would fall onto one."""
    known = shapely.Point(120.0, 30.0)
    thin = shapely.Polygon([(120.0, 30.0), (120.0000004, 30.0), (120.0000002, 30.0000004)])
    assert told_within(thin) < 2e-7
    wide = shapely.Polygon([(120.0, 30.0), (120.0000001, 30.0), (120.0, 30.0000001)])
    assert onto_corners(wide, [known]).equals_exact(wide, 0)
