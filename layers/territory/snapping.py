"""A drawn line brought onto what is there: borders, roads, outlines of buildings. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from layers.territory.plane import Plane

DETOUR = 1.6
"""Two places on one line are joined along it when that is at most so much longer than straight."""

Place = tuple[float, float]


@dataclass(frozen=True)
class _Snapped:
    place: Place
    line: LineString | None = None


def snap(
    line: LineString,
    targets: Sequence[BaseGeometry],
    tolerance: float,
    plane: Plane,
    *,
    border: BaseGeometry | None = None,
) -> LineString:
    """The line with each vertex on the nearest vertex, else line, of the first target in reach.

    `targets` (lines or polygons, in the coordinates of the line) come in order of preference,
    `tolerance` is in metres. Between two neighbours brought onto the same road or outline the
    line follows it. A `border` catches before all targets, also where a target meets it, and is
    never followed: a line that is to cut off a strip would run along it instead.
    """
    if tolerance <= 0 or len(line.coords) < 2:
        return line
    near = plane.buffer(line, tolerance)
    edges = [_edges(target, near, plane) for target in targets]
    corners = [] if border is None else _met(_edges(border, near, plane), edges)
    snapped = [
        _Snapped(caught.place)
        if (caught := _snapped((x, y), [corners], tolerance)).line
        else _snapped((x, y), edges, tolerance)
        for x, y in plane.metric(line).coords
    ]
    made = [snapped[0].place]
    for one, other in pairwise(snapped):
        made += [*_between(one, other), other.place]
    kept = [place for at, place in enumerate(made) if at == 0 or place != made[at - 1]]
    return plane.back(LineString(kept)) if len(kept) > 1 else line


def with_crossings(line: LineString, border: BaseGeometry) -> LineString:
    """The line with a vertex wherever it crosses a border."""
    met = line.intersection(border)
    points = [part for part in shapely.get_parts(met) if isinstance(part, Point)]
    places = [(line.project(point), (point.x, point.y)) for point in points]
    places += [(line.project(Point(xy)), (xy[0], xy[1])) for xy in line.coords[1:-1]]
    ends = (line.coords[0], line.coords[-1])
    between = [place for _, place in sorted(places)]
    return LineString([ends[0], *between, ends[1]])


def _edges(target: BaseGeometry, near: BaseGeometry, plane: Plane) -> list[LineString]:
    """The target's lines within reach, in metres."""
    edge = target.boundary if shapely.get_dimensions(target) == 2 else target
    close = [part for part in shapely.get_parts(edge) if part.intersects(near)]
    return list(shapely.get_parts(plane.metric(shapely.multilinestrings(close)))) if close else []


def _met(border: Sequence[LineString], edges: Sequence[Sequence[LineString]]) -> list[LineString]:
    """The border with a vertex wherever a target meets it: those catch before its edges."""
    met = shapely.union_all([line for lines in edges for line in lines])
    return [with_crossings(line, met) for line in border]


def _snapped(place: Place, edges: Sequence[Sequence[LineString]], tolerance: float) -> _Snapped:
    point = Point(place)
    for lines in edges:
        found = min(lines, key=point.distance, default=None)
        if found is None or point.distance(found) > tolerance:
            continue
        vertex = min(found.coords, key=lambda xy: point.distance(Point(xy)))
        if point.distance(Point(vertex)) <= tolerance:
            return _Snapped((vertex[0], vertex[1]), found)
        foot = found.interpolate(found.project(point))
        return _Snapped((foot.x, foot.y), found)
    return _Snapped(place)


def _between(one: _Snapped, other: _Snapped) -> list[Place]:
    """Vertices of the line that both places lie on, when following it is no great detour."""
    if one.line is None or one.line is not other.line or one.place == other.place:
        return []
    line = one.line
    start, end = line.project(Point(one.place)), line.project(Point(other.place))
    ways = [substring(line, start, end)]
    if line.is_closed:
        first, last = min(start, end), max(start, end)
        around = [
            *substring(line, last, line.length).coords,
            *substring(line, 0, first).coords[1:],
        ]
        ways.append(LineString(around if start > end else around[::-1]))
    way = min(ways, key=lambda each: float(each.length))
    if way.length > DETOUR * Point(one.place).distance(Point(other.place)):
        return []
    return [(x, y) for x, y in way.coords[1:-1]]
