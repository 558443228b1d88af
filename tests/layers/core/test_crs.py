from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.core import crs

# WGS 84, GCJ-02, BD-09; longitude first. Published test set, a = 6378245.
VECTORS = [
    (
        (121.5272106, 31.1774276),
        (121.531541859215, 31.17530398364597),
        (121.53801568643858, 31.181328606874466),
    ),
    (
        (113.912316, 22.543847),
        (113.9171764808363, 22.540796131694766),
        (113.92368472926734, 22.546667437751108),
    ),
    (
        (116.377817, 39.911954),
        (116.38404722455657, 39.91334545536069),
        (116.39045471310828, 39.919575550965874),
    ),
]
TIANANMEN = ((116.397428, 39.90923), (116.4036716, 39.9106335), (116.4100441, 39.9169729))

longitudes = st.floats(73.0, 135.0)
latitudes = st.floats(18.0, 54.0)


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    east = (a[0] - b[0]) * math.cos(math.radians(a[1]))
    return math.hypot(east, a[1] - b[1]) * 111_320


def plain(pair: crs.LonLat) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


@pytest.mark.parametrize(("wgs", "gcj", "bd"), VECTORS)
def test_published_vectors_hold_to_the_last_digits(
    wgs: tuple[float, float], gcj: tuple[float, float], bd: tuple[float, float]
) -> None:
    assert plain(crs.wgs84_to_gcj02(*wgs)) == pytest.approx(gcj, abs=1e-13)
    assert plain(crs.gcj02_to_bd09(*gcj)) == pytest.approx(bd, abs=1e-13)
    assert plain(crs.wgs84_to_bd09(*wgs)) == pytest.approx(bd, abs=1e-13)


@pytest.mark.parametrize(("wgs", "gcj", "bd"), VECTORS)
def test_inverses_are_exact_on_the_vectors(
    wgs: tuple[float, float], gcj: tuple[float, float], bd: tuple[float, float]
) -> None:
    assert metres(plain(crs.gcj02_to_wgs84(*gcj)), wgs) < 1e-6
    assert metres(plain(crs.bd09_to_gcj02(*bd)), gcj) < 1e-6
    assert metres(plain(crs.bd09_to_wgs84(*bd)), wgs) < 1e-6


def test_tiananmen_in_all_three_systems() -> None:
    wgs, gcj, bd = TIANANMEN
    assert plain(crs.wgs84_to_gcj02(*wgs)) == pytest.approx(gcj, abs=5e-8)
    assert plain(crs.wgs84_to_bd09(*wgs)) == pytest.approx(bd, abs=5e-8)


@given(longitudes, latitudes)
def test_gcj02_round_trip_is_exact_all_over_china(longitude: float, latitude: float) -> None:
    there = crs.wgs84_to_gcj02(longitude, latitude)
    assert 20 < metres(plain(there), (longitude, latitude)) < 800
    assert metres(plain(crs.gcj02_to_wgs84(*there)), (longitude, latitude)) < 1e-6


@given(longitudes, latitudes)
def test_bd09_round_trip_is_exact_all_over_china(longitude: float, latitude: float) -> None:
    there = crs.wgs84_to_bd09(longitude, latitude)
    assert metres(plain(crs.bd09_to_wgs84(*there)), (longitude, latitude)) < 1e-6


@given(st.floats(-180, 71), st.floats(-90, 90))
def test_outside_the_box_nothing_is_shifted(longitude: float, latitude: float) -> None:
    assert plain(crs.wgs84_to_gcj02(longitude, latitude)) == (longitude, latitude)
    assert plain(crs.gcj02_to_wgs84(longitude, latitude)) == (longitude, latitude)


def test_arrays_and_empty_arrays_are_worked_on_at_once() -> None:
    x, y = crs.gcj02_to_wgs84([121.5, 24.9, 113.9], [31.2, 60.2, 22.5])
    assert x.shape == (3,)
    assert (x[1], y[1]) == (24.9, 60.2)
    assert crs.gcj02_to_wgs84([], [])[0].size == 0


def test_projected_zones_take_east_first() -> None:
    zone = crs.reference_system("EPSG:4547")
    east, north = zone.from_wgs84(113.912316, 22.543847)
    assert (float(east), float(north)) == pytest.approx((490980.489, 2494025.459), abs=1e-3)
    six_degrees = crs.reference_system("EPSG:4526").from_wgs84(113.912316, 22.543847)
    assert float(six_degrees[0]) == pytest.approx(38490980.489, abs=1e-3)
    assert plain(zone.to_wgs84(east, north)) == pytest.approx((113.912316, 22.543847), abs=1e-9)


def test_cgcs2000_is_wgs84_to_the_digit() -> None:
    system = crs.reference_system("cgcs2000")
    assert system.name == "EPSG:4490"
    assert plain(system.to_wgs84(113.9, 22.5)) == (113.9, 22.5)


@pytest.mark.parametrize("name", ["wgs84", "WGS84", "EPSG:4326", "OGC:CRS84", "epsg:4326"])
def test_names_of_wgs84(name: str) -> None:
    assert crs.reference_system(name) == crs.WGS84


def test_wkt_is_understood() -> None:
    wkt = (
        'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
        'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
    )
    assert crs.reference_system(wkt) == crs.WGS84


@pytest.mark.parametrize("name", ["EPSG:4214", "EPSG:2433", "EPSG:4610"])
def test_old_datums_are_refused_rather_than_guessed(name: str) -> None:
    with pytest.raises(crs.UnknownReferenceSystem, match="local parameters"):
        crs.reference_system(name)


def test_an_unknown_name_says_what_is_allowed() -> None:
    with pytest.raises(crs.UnknownReferenceSystem, match="gcj02, bd09, cgcs2000, EPSG:n"):
        crs.reference_system("mars")


def test_geometries_are_moved_whole() -> None:
    square = shapely.box(121.4, 31.1, 121.5, 31.2)
    moved = crs.GCJ02.geometry_to_wgs84(square)
    assert moved.is_valid
    a, b = moved.centroid, square.centroid
    assert 300 < metres((a.x, a.y), (b.x, b.y)) < 700
    several = crs.GCJ02.geometry_to_wgs84(np.array([square, None], dtype=object))
    assert several[0].equals(moved)
    assert several[1] is None
    assert crs.WGS84.geometry_to_wgs84(square) is square
