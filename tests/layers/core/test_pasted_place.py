"""Coordinates pasted into the search box."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.crs import wgs84_to_bd09, wgs84_to_gcj02
from layers.core.pasted_place import PastedPlace, pasted_places

# Tiananmen in the three systems, longitude first (domain.md, 3.3 gives them to seven digits).
WGS, GCJ, BD = (116.397428, 39.90923), (116.4036716, 39.9106335), (116.4100441, 39.9169729)


@pytest.mark.parametrize(
    ("text", "system"),
    [
        ("wgs84 116.397428,39.90923", "wgs84"),
        ("116.4036716, 39.9106335 高德", "gcj02"),
        ("GCJ-02: 39.9106335 116.4036716", "gcj02"),
        ("百度 116.4100441，39.9169729", "bd09"),
        ("BD09LL(116.4100441,39.9169729)", "bd09"),
        ("CGCS2000 116.397428 39.90923", "wgs84"),
    ],
)
def test_a_named_system_gives_one_place(text: str, system: str) -> None:
    (place,) = pasted_places(text)
    assert place.system == system
    assert (place.lon, place.lat) == pytest.approx(WGS, abs=2e-7)


@pytest.mark.parametrize(
    "text",
    [
        "116.397428,39.90923",
        "39.90923,116.397428",
        "116.397428 39.90923",
        "１１６．３９７４２８，３９．９０９２３",
        "[116.397428, 39.90923]",
        "东经116.397428 北纬39.90923",
        "北纬39.90923°，东经116.397428°",
        "39.90923N 116.397428E",
        "N39.90923, E116.397428",
        "lat=39.90923, lng=116.397428",
        "116°23'50.7408\", 39°54'33.228\"",
        "39°54′33.228″N116°23′50.7408″E",
        "东经116度23分50.7408秒 北纬39度54分33.228秒".replace("度", "°"),
    ],
)
def test_any_usual_writing_gives_three_readings(text: str) -> None:
    places = pasted_places(text)
    assert [place.system for place in places] == ["wgs84", "gcj02", "bd09"]
    assert (places[0].lon, places[0].lat) == pytest.approx(WGS, abs=2e-7)
    gcj_x, gcj_y = wgs84_to_gcj02(places[1].lon, places[1].lat)
    assert (float(gcj_x), float(gcj_y)) == pytest.approx(WGS, abs=2e-7)
    bd_x, bd_y = wgs84_to_bd09(places[2].lon, places[2].lat)
    assert (float(bd_x), float(bd_y)) == pytest.approx(WGS, abs=2e-7)


def test_abroad_one_reading_remains() -> None:
    assert pasted_places("7.4246, 43.7384") == (PastedPlace("wgs84", 7.4246, 43.7384),)
    assert pasted_places("-71.0589,42.3601") == (PastedPlace("wgs84", -71.0589, 42.3601),)
    assert pasted_places("42.3601 N 71.0589 W") == (PastedPlace("wgs84", -71.0589, 42.3601),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "澄湖路100号",
        "100,200",
        "12 501",
        "3-2-501",
        "116.397428",
        "116.397428,",
        "200.5,100.5",
        "116.397428,39.90923,5",
        "13800000001",
        "n39.9 n40.1",
        "1.5栋 2.5",
        "..,..",
        "nan,inf",
    ],
)
def test_other_texts_are_no_coordinates(text: str) -> None:
    assert pasted_places(text) == ()


def test_runs_of_blanks_cost_nothing() -> None:
    """Each of these would take seconds were the blanks tried one by one."""
    for text in ("1.1" + " " * 74 + "x", "e" + " " * 74 + "1.1", "1.1" + "\u3000" * 74 + "1.1x"):
        assert pasted_places(text) == ()
    assert pasted_places("117.5" + " " * 70 + "33.2")[0] == PastedPlace("wgs84", 117.5, 33.2)


@given(st.text(max_size=60))
def test_no_text_fails(text: str) -> None:
    for place in pasted_places(text):
        assert abs(place.lon) <= 181
        assert abs(place.lat) <= 91


@given(
    st.floats(73.0, 135.0).map(lambda value: round(value, 6)),
    st.floats(4.0, 53.0).map(lambda value: round(value, 6)),
    st.booleans(),
)
def test_a_place_in_china_is_read_in_either_order(lon: float, lat: float, swaps: bool) -> None:
    pair = (lat, lon) if swaps else (lon, lat)
    places = pasted_places(f"{pair[0]:.6f},{pair[1]:.6f}")
    assert (places[0].lon, places[0].lat) == (lon, lat)
