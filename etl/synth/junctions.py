"""Roads, lanes and paths that meet where they cross, so that one can go from one to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import shapely

from etl.synth.shapes import Geometries

REACH = 30.0
"""Metres from the end of a lane to the middle of the street it leads to."""
# Metres along a line within which a vertex is there already.
_THERE = 0.01


def joined(streets: Sequence[shapely.LineString], ways: Sequence[shapely.LineString]) -> Geometries:
    """Return streets and then ways (lanes, paths) with a vertex wherever a way meets another.

    A way that ends on the ground of a street is led on to its middle. Metres.
    """
    streets_at = np.array(streets, dtype=object)
    led = [_led_on(way, streets_at) for way in ways]
    lines: Geometries = np.array([*streets, *led], dtype=object)
    first_way = len(streets)
    met: dict[int, list[shapely.Point]] = defaultdict(list)
    one, other = shapely.STRtree(lines).query(lines, predicate="intersects")
    pairs = (one < other) & (other >= first_way)
    for a, b in zip(one[pairs].tolist(), other[pairs].tolist(), strict=True):
        parts = shapely.get_parts(shapely.intersection(lines[a], lines[b]))
        points = [part for part in parts if isinstance(part, shapely.Point)]
        met[a] += points
        met[b] += points
    for number, points in met.items():
        lines[number] = _with_vertices(lines[number], points)
    return lines


def _led_on(way: shapely.LineString, streets: Geometries) -> shapely.LineString:
    """The way with its ends on the middle of the street that they stand on, if any."""
    if way.is_closed or not len(streets):
        return way
    coordinates = shapely.get_coordinates(way)
    ends = []
    for end in (coordinates[0], coordinates[-1]):
        point = shapely.Point(end)
        near = streets[int(shapely.distance(streets, point).argmin())]
        is_reached = near.distance(point) > REACH or near.intersects(way)
        ends.append(end if is_reached else near.interpolate(near.project(point)).coords[0])
    whole = np.vstack([ends[0], coordinates, ends[1]])
    kept = np.append(True, (np.diff(whole, axis=0) != 0).any(axis=1))
    return shapely.LineString(whole[kept])


def _with_vertices(line: shapely.LineString, points: Sequence[shapely.Point]) -> shapely.LineString:
    """The line through points that lie on it."""
    coordinates = shapely.get_coordinates(line)
    steps = np.hypot(*np.diff(coordinates, axis=0).T)
    at = np.append(0.0, np.cumsum(steps))
    found = shapely.get_coordinates(np.array(points, dtype=object))
    place = np.asarray(shapely.line_locate_point(line, points))
    new = (np.abs(place[:, None] - at[None, :]) > _THERE).all(axis=1)
    order = np.argsort(np.concatenate([at, place[new]]), kind="stable")
    return shapely.LineString(np.vstack([coordinates, found[new]])[order])
