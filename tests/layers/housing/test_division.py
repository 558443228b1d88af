"""Dividing any footprint: covered, without overlap, areas as the shares."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity
from shapely.geometry.base import BaseGeometry

from layers.housing.division import compact_pieces, main_direction, slices

TOWER = shapely.box(0, 0, 60, 14)
ELL = shapely.union(shapely.box(0, 0, 40, 12), shapely.box(0, 0, 12, 40))
COURT = shapely.difference(shapely.box(0, 0, 50, 40), shapely.box(14, 12, 36, 28))
TWINS = shapely.MultiPolygon([shapely.box(0, 0, 20, 12), shapely.box(30, 2, 55, 13)])
COMB = shapely.union_all(
    [shapely.box(0, 0, 60, 8), *(shapely.box(x, 0, x + 6, 25) for x in (0, 27, 54))]
)
FOOTPRINTS = [TOWER, ELL, COURT, TWINS, COMB]


def star(radii: list[float]) -> BaseGeometry:
    """A footprint with as many corners as radii, often with dents."""
    import math

    step = 2 * math.pi / len(radii)
    return shapely.Polygon(
        [(r * math.cos(i * step), r * math.sin(i * step)) for i, r in enumerate(radii)]
    )


footprints = st.one_of(
    st.sampled_from(FOOTPRINTS),
    st.lists(st.floats(6, 40), min_size=3, max_size=14).map(star),
)
shares = st.lists(st.floats(0.3, 200), min_size=1, max_size=12)


@settings(max_examples=150)
@given(footprints, shares, st.floats(0, 360), st.sampled_from([slices, compact_pieces]))
def test_pieces_cover_without_overlap_and_are_as_large_as_their_shares(
    footprint: BaseGeometry, shares: list[float], turned: float, divide: type[slices]
) -> None:
    whole = affinity.translate(affinity.rotate(footprint, turned), 500_000, 3_400_000)
    pieces = divide(whole, shares, main_direction(whole))
    assert len(pieces) == len(shares)
    assert shapely.union_all(pieces, grid_size=1e-6).symmetric_difference(whole).area < 1e-3
    assert sum(piece.area for piece in pieces) == pytest.approx(whole.area, rel=1e-7)
    for piece, share in zip(pieces, shares, strict=True):
        assert piece.is_valid
        assert piece.area == pytest.approx(whole.area * share / sum(shares), rel=1e-4)


def test_flats_of_a_slab_lie_side_by_side_in_order() -> None:
    pieces = compact_pieces(TOWER, [1, 2, 1], main_direction(TOWER))
    assert [piece.bounds for piece in pieces] == [
        pytest.approx(bounds) for bounds in [(0, 0, 15, 14), (15, 0, 45, 14), (45, 0, 60, 14)]
    ]


def test_rooms_of_a_point_tower_stay_compact() -> None:
    tower = shapely.box(0, 0, 28, 28)
    for piece in compact_pieces(tower, [1] * 8, main_direction(tower)):
        west, south, east, north = piece.bounds
        assert 0.4 < (east - west) / (north - south) < 2.5


@pytest.mark.parametrize("angle", [-89, -30, 0, 17, 45, 90])
def test_the_length_of_a_footprint_is_its_direction(angle: float) -> None:
    found = main_direction(affinity.rotate(TOWER, angle))
    assert abs((found - angle + 90) % 180 - 90) < 1e-6
    assert -90 < found <= 90


@pytest.mark.parametrize("shares", [[], [1, 0], [-1]])
def test_a_share_of_nothing_is_refused(shares: list[float]) -> None:
    with pytest.raises(ValueError, match="share"):
        compact_pieces(TOWER, shares, 0)
