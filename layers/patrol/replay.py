"""What one object did on one day: unbroken pieces, gaps, stops, length. Pure rules.

A stop is a stay point after Li, Zheng et al., "Mining User Similarity Based on Location History"
(ACM GIS 2008): all fixes from one on lie within a radius of it for at least a time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from pyproj import Geod

from layers.patrol.twkb import Floats, Ints, multi_line

GAP_SECONDS = 300
"""Longer without a fix, and nothing is said of where the object was meanwhile."""
STOP_METRES = 50.0
STOP_SECONDS = 300

_EARTH = Geod(ellps="GRS80")
_METRES_PER_DEGREE = math.pi * 6_371_008.8 / 180


@dataclass(frozen=True)
class Fixes:
    """Trusted fixes of one object in the order of time: seconds since its day began, degrees."""

    time: Ints
    longitude: Floats
    latitude: Floats


@dataclass(frozen=True)
class Span:
    """From and until, in seconds since the day began."""

    since: int
    until: int


@dataclass(frozen=True)
class Stop(Span):
    """A stay around a place, EPSG:4326."""

    longitude: float
    latitude: float


@dataclass(frozen=True)
class Track:
    """One object's day; `line` is TWKB of a MULTILINESTRING M, a part for each unbroken piece.

    M counts seconds since the day began. `metres` is on the ellipsoid and leaves the gaps out.
    """

    line: bytes
    fixes: int
    metres: float
    since: int
    until: int
    stops: tuple[Stop, ...]
    gaps: tuple[Span, ...]


def make_track(fixes: Fixes) -> Track | None:
    """The track of the fixes; None when there are none."""
    if not len(fixes.time):
        return None
    pieces = unbroken(fixes.time)
    gaps = [
        Span(int(fixes.time[before.stop - 1]), int(fixes.time[after.start]))
        for before, after in pairwise(pieces)
    ]
    return Track(
        line=multi_line(pieces, fixes.longitude, fixes.latitude, fixes.time),
        fixes=len(fixes.time),
        metres=sum(
            float(_EARTH.line_length(fixes.longitude[piece], fixes.latitude[piece]))
            for piece in pieces
        ),
        since=int(fixes.time[0]),
        until=int(fixes.time[-1]),
        stops=tuple(stop for piece in pieces for stop in find_stops(fixes, piece)),
        gaps=tuple(gaps),
    )


def unbroken(time: Ints, gap: int = GAP_SECONDS) -> list[slice]:
    """Runs of fixes of which none is more than `gap` seconds after the one before it."""
    cuts = np.flatnonzero(np.diff(time) > gap) + 1
    edges = [0, *cuts.tolist(), len(time)]
    return [slice(a, b) for a, b in pairwise(edges) if a < b]


def find_stops(
    fixes: Fixes, piece: slice, radius: float = STOP_METRES, least: int = STOP_SECONDS
) -> Sequence[Stop]:
    """Stays within `radius` metres for `least` seconds or more, in one unbroken piece.

    A stay begins at the first fix from which on all lie within the radius for that long, and goes
    on until one does not; its place is the mean of its fixes.
    """
    time, lon, lat = fixes.time[piece], fixes.longitude[piece], fixes.latitude[piece]
    x = (lon - lon[0]) * _METRES_PER_DEGREE * math.cos(math.radians(float(lat.mean())))
    y = (lat - lat[0]) * _METRES_PER_DEGREE
    # Who is not still around when the time is up has not stayed: most fixes are done with so.
    later = np.searchsorted(time, time + least)
    inside = later < len(time)
    candidates = np.flatnonzero(inside)
    ahead = later[candidates]
    near = np.hypot(x[ahead] - x[candidates], y[ahead] - y[candidates]) <= radius
    stops: list[Stop] = []
    free = 0
    for start in candidates[near].tolist():
        if start < free:
            continue
        away = np.flatnonzero(np.hypot(x[start:] - x[start], y[start:] - y[start]) > radius)
        end = start + int(away[0]) if len(away) else len(time)
        if time[end - 1] - time[start] < least:
            continue
        stay = slice(start, end)
        place = float(lon[stay].mean()), float(lat[stay].mean())
        stops.append(Stop(int(time[start]), int(time[end - 1]), *place))
        free = end
    return stops
