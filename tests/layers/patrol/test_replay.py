"""Pieces, gaps, stops and lines of a day, beside slow and plain ways to the same."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from layers.patrol.replay import (
    GAP_SECONDS,
    STOP_METRES,
    STOP_SECONDS,
    Fixes,
    find_stops,
    make_track,
    unbroken,
)
from layers.patrol.twkb import multi_line, varints

METRE = 180 / (math.pi * 6_371_008.8)
steps = st.lists(
    st.tuples(
        st.sampled_from([1, 5, 10, 60, 299, 300, 301, 900]),
        st.floats(-40, 40),
        st.floats(-40, 40),
    ),
    max_size=60,
)


def fixes_of(walk: list[tuple[int, float, float]]) -> Fixes:
    """A walk near the equator, where a degree is as long both ways: seconds, metres east, north."""
    time = np.cumsum([0, *(seconds for seconds, _, _ in walk)])
    lon = np.cumsum([0.0, *(east * METRE for _, east, _ in walk)])
    lat = np.cumsum([0.0, *(north * METRE for _, _, north in walk)])
    return Fixes(time.astype(np.int64), lon, lat)


def stays(fixes: Fixes) -> list[tuple[int, int]]:
    """Stay points the plain way: from each fix on, as far as all lie within the radius of it."""
    found: list[tuple[int, int]] = []
    start = 0
    while start < len(fixes.time):
        end = start
        while end + 1 < len(fixes.time) and (
            math.hypot(
                (fixes.longitude[end + 1] - fixes.longitude[start]) / METRE,
                (fixes.latitude[end + 1] - fixes.latitude[start]) / METRE,
            )
            <= STOP_METRES
        ):
            end += 1
        if fixes.time[end] - fixes.time[start] >= STOP_SECONDS:
            found.append((int(fixes.time[start]), int(fixes.time[end])))
            start = end + 1
        else:
            start += 1
    return found


@given(steps)
def test_pieces_hold_every_fix_once_and_break_exactly_at_gaps(
    walk: list[tuple[int, float, float]],
) -> None:
    time = fixes_of(walk).time
    pieces = unbroken(time)
    assert [n for piece in pieces for n in range(piece.start, piece.stop)] == list(range(len(time)))
    breaks = {piece.start for piece in pieces[1:]}
    for n, (before, after) in enumerate(pairwise(time.tolist()), 1):
        assert (n in breaks) == (after - before > GAP_SECONDS)


@settings(max_examples=300)
@given(steps)
def test_stops_are_those_found_the_plain_way(walk: list[tuple[int, float, float]]) -> None:
    fixes = fixes_of(walk)
    found = find_stops(fixes, slice(0, len(fixes.time)))
    assert [(stop.since, stop.until) for stop in found] == stays(fixes)


def test_a_stop_says_where() -> None:
    fixes = fixes_of([(60, 3.0, 0.0)] * 10)
    (stop,) = find_stops(fixes, slice(0, 11))
    assert (stop.since, stop.until) == (0, 600)
    assert stop.longitude == pytest.approx(15 * METRE)


def test_nothing_is_no_track() -> None:
    nothing = np.array([])
    assert make_track(Fixes(nothing.astype(np.int64), nothing, nothing)) is None


def test_a_gap_counts_for_no_length_and_for_no_stop() -> None:
    walk = [(10, 10.0, 0.0)] * 10 + [(1000, 500.0, 0.0)] + [(10, 10.0, 0.0)] * 10
    track = make_track(fixes_of(walk))
    assert track is not None
    assert track.metres == pytest.approx(200, rel=0.01)
    assert [(gap.since, gap.until) for gap in track.gaps] == [(100, 1100)]
    assert track.stops == ()
    assert (track.fixes, track.since, track.until) == (22, 0, 1200)


@given(st.lists(st.integers(0, 2**63 - 1), max_size=50))
def test_numbers_come_back_from_their_bytes(numbers: list[int]) -> None:
    found: list[int] = []
    value = shift = 0
    for byte in varints(np.array(numbers, dtype=np.int64)):
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            found.append(value)
            value = shift = 0
    assert found == numbers


def test_postgis_writes_the_same_bytes(module_engine: Engine) -> None:
    time = np.array([0, 5, 10, 3000, 3005, 9000], dtype=np.int64)
    lon = np.array([120.0000001, 120.00012, 119.9, -3.25, -3.2500017, 0.0])
    lat = np.array([30.5, 30.49999, 30.1, -80.0, -79.5, 0.0])
    pieces = [slice(0, 3), slice(3, 5), slice(5, 6)]
    parts = ",".join(
        "(" + ",".join(f"{lon[n]} {lat[n]} {time[n]}" for n in range(piece.start, piece.stop)) + ")"
        for piece in pieces[:2]
    )
    with module_engine.begin() as connection:
        wanted = connection.execute(
            text("SELECT ST_AsTWKB(ST_GeomFromEWKT(:ewkt), 6, 0, 0)"),
            {"ewkt": f"SRID=4326;MULTILINESTRINGM({parts})"},
        ).scalar_one()
        assert multi_line(pieces[:2], lon, lat, time) == bytes(wanted)
        empty = connection.execute(
            text("SELECT ST_IsEmpty(ST_GeomFromTWKB(:twkb))"),
            {"twkb": multi_line([], lon, lat, time)},
        ).scalar_one()
        assert empty
        # A piece of a single fix is a line of that place twice.
        points = connection.execute(
            text("SELECT ST_NPoints(ST_GeomFromTWKB(:twkb))"),
            {"twkb": multi_line(pieces, lon, lat, time)},
        ).scalar_one()
        assert points == 7
