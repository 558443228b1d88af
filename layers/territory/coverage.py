"""Grids of a community as one coverage: split, merge, move a border. Pure; neighbours fit exactly.

A coverage is a mapping from grid to polygon, in degrees (CRS84) or metres; `Plane` says what a
unit measures. Neighbours share their border vertex for vertex: an operation that puts a new
vertex on a border puts it into both sides, and every vertex it does not touch stays the same
number to the last bit. So nothing an operation makes can hold a gap or an overlap.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiPoint, MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

from layers.core.errors import LayerError
from layers.territory.plane import Plane

Place = tuple[float, float]
Ring = list[Place]
Segment = tuple[Place, Place]
Coverage = Mapping[int, BaseGeometry]

TOUCHING = 0.001
"""Metres within which a place counts as lying on a border."""
SLIVER_AREA = 500.0
"""Square metres below which a piece is no grid."""
SLIVER_WIDTH = 8.0
"""Metres of mean width (area to half the outline) below which a piece is no grid."""


@dataclass
class Refused(LayerError):
    """An operation that cannot be done: which rule, and where it is broken."""

    kind: str
    message: str
    where: BaseGeometry

    def __str__(self) -> str:
        return self.message

    @property
    def members(self) -> Mapping[str, Any]:
        """The rule, and the bad place as GeoJSON."""
        return {"kind": self.kind, "where": shapely.geometry.mapping(self.where)}


@dataclass(frozen=True)
class Drag:
    """A vertex of a border taken from `at` to `to`; None takes it away.

    Where `at` is no vertex but lies on a border, one is put in at `to`.
    """

    at: Place
    to: Place | None


def split(
    coverage: Coverage, grid: int, line: LineString, names: Sequence[int], plane: Plane
) -> dict[int, BaseGeometry]:
    """The coverage with a grid cut along a line; pieces are named from west to east, then south.

    A line that cuts several times makes as many pieces as it cuts off; a closed line cuts out
    an island. Ends that overshoot the grid are left off. `names` are for the new pieces.

    Raises: Refused when the line crosses itself, does not reach from border to border, or cuts
    off a sliver.
    """
    _check_line(line)
    line = _onto_vertices(line, coverage, plane)
    noded = _with_nodes(coverage, _points(line), plane)
    whole = noded[grid]
    inside = _faces(whole, line)
    parts = [part for part in polygons(whole) if not _is_cut(part, line)]
    if len(inside) <= len(list(polygons(whole))):
        raise Refused(
            "line_does_not_cross",
            "the line does not reach from one border of the grid to another",
            _loose_ends(whole, line),
        )
    slivers = [piece for piece in inside if is_sliver(piece, plane) and piece not in parts]
    if slivers:
        raise Refused(
            "sliver", "the line cuts off a piece too small or thin", shapely.union_all(slivers)
        )
    pieces = _pieces(inside, parts)
    if len(pieces) > len(names):
        raise Refused(
            "too_many_pieces",
            f"the line cuts the grid into {len(pieces)} pieces, at most {len(names)} are possible",
            line,
        )
    others = {key: shape for key, shape in noded.items() if key != grid}
    fresh = {place for piece in pieces for place in _points(piece)} - set(_points(whole))
    others = _with_nodes(others, sorted(fresh), plane)
    return _checked(coverage, {**others, **dict(zip(names, pieces, strict=False))})


def merge(coverage: Coverage, one: int, other: int, name: int) -> dict[int, BaseGeometry]:
    """The coverage with two neighbours made one.

    Raises: Refused when they share no border; touching in a corner is none.
    """
    both = [coverage[one], coverage[other]]
    if not _segments(both[0]) & _segments(both[1]):
        raise Refused("not_neighbours", "the grids share no border", shapely.union_all(both))
    made = {key: shape for key, shape in coverage.items() if key not in (one, other)}
    made[name] = shapely.coverage_union_all(both)
    return _checked(coverage, made)


def move_border(coverage: Coverage, drags: Sequence[Drag], plane: Plane) -> dict[int, BaseGeometry]:
    """The coverage with vertices of its borders moved, put in or taken out, once for all sides.

    The outer border belongs to the community and stays; the end of a border slides along it.

    Raises: Refused when there is no such border, the outer border would move, or borders cross.
    """
    made = dict(coverage)
    for drag in drags:
        made = _dragged(made, drag, plane)
    return _checked(coverage, made)


def is_sliver(piece: BaseGeometry, plane: Plane) -> bool:
    """Whether a piece is too small or too thin to be a grid."""
    metric = plane.metric(piece)
    return metric.area < SLIVER_AREA or metric.area / (metric.length / 2) < SLIVER_WIDTH


def inner_borders(coverage: Coverage) -> BaseGeometry:
    """The borders between grids, the outer border left out, as one multi-line."""
    owners = Counter(segment for shape in coverage.values() for segment in _segments(shape))
    shared = [tuple(segment) for segment, count in owners.items() if count > 1]
    return shapely.line_merge(shapely.multilinestrings(shared)) if shared else LineString()


def outer_border(coverage: Coverage) -> BaseGeometry:
    """The border of the whole, as one multi-line."""
    owners = Counter(segment for shape in coverage.values() for segment in _segments(shape))
    alone = [tuple(segment) for segment, count in owners.items() if count == 1]
    return shapely.line_merge(shapely.multilinestrings(alone))


def _check_line(line: LineString) -> None:
    if len(set(line.coords)) < 2:
        raise Refused("line_too_short", "a line of at least two places is needed", line)
    if not line.is_simple:
        raise Refused("line_crosses_itself", "the line crosses itself", _crossings(line))


def _onto_vertices(line: LineString, coverage: Coverage, plane: Plane) -> LineString:
    """The line with its vertices that touch a vertex of the coverage made that vertex."""
    own = _segment_array(coverage)[:, 0]
    scale = np.array([plane.metres_x, plane.metres_y])
    moved = []
    for place in _points(line):
        distance = np.hypot(*((own - place) * scale).T)
        nearest = int(np.argmin(distance))
        moved.append(tuple(own[nearest].tolist()) if distance[nearest] <= TOUCHING else place)
    return LineString(moved)


def _crossings(line: LineString) -> BaseGeometry:
    """Where a line meets itself: nodes of its noded parts that more than two of them share."""
    ends: Counter[Place] = Counter()
    for part in shapely.get_parts(shapely.node(line)):
        ends.update((part.coords[0], part.coords[-1]))
    crossed = [place for place, count in ends.items() if count > 2]
    return MultiPoint(crossed) if crossed else line


def _faces(whole: BaseGeometry, line: LineString) -> list[Polygon]:
    """Faces into which the line cuts the polygon."""
    linework = shapely.union_all([whole.boundary, line])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(linework)))
    kept = shapely.covers(whole, shapely.point_on_surface(faces))
    return [face for face, is_kept in zip(faces, kept, strict=True) if is_kept]


def _is_cut(part: Polygon, line: LineString) -> bool:
    return len(_faces(part, line)) > 1


def _pieces(faces: Sequence[Polygon], untouched: Sequence[Polygon]) -> list[BaseGeometry]:
    """Faces in order; parts of the grid that the line leaves alone stay with the largest piece."""
    fresh = [face for face in faces if not any(face.equals(part) for part in untouched)]
    fresh.sort(key=lambda face: (face.centroid.x, face.centroid.y))
    pieces: list[BaseGeometry] = list(fresh)
    if untouched:
        largest = max(range(len(fresh)), key=lambda at: fresh[at].area)
        pieces[largest] = MultiPolygon([fresh[largest], *untouched])
    return pieces


def _loose_ends(whole: BaseGeometry, line: LineString) -> BaseGeometry:
    """The ends of the line that lie within the grid, else the line."""
    ends = [Point(line.coords[0]), Point(line.coords[-1])]
    inside = [(end.x, end.y) for end in ends if whole.contains(end)]
    return MultiPoint(inside) if inside else line


def _with_nodes(
    coverage: Coverage, places: Iterable[Place], plane: Plane
) -> dict[int, BaseGeometry]:
    """The coverage with those of the places that lie on a border made vertices of it."""
    made = dict(coverage)
    segments = _segment_array(made)
    for place in places:
        found = _segment_at(segments, place, plane)
        if found is not None and place not in found:
            made = _inserted(made, found, place)
            segments = _segment_array(made)
    return made


def _segment_array(coverage: Coverage) -> NDArray[np.float64]:
    """Every segment of every ring: n × 2 places × x and y."""
    parts = []
    for shape in coverage.values():
        coordinates, ring = shapely.get_coordinates(
            shapely.get_rings(shapely.get_parts(shape)), return_index=True
        )
        is_next = ring[:-1] == ring[1:]
        parts.append(np.stack([coordinates[:-1], coordinates[1:]], axis=1)[is_next])
    return np.concatenate(parts) if parts else np.empty((0, 2, 2))


def _segment_at(segments: NDArray[np.float64], place: Place, plane: Plane) -> Segment | None:
    """The segment the place lies on; one that ends in the place to the last bit comes first."""
    if not len(segments):
        return None
    scale = np.array([plane.metres_x, plane.metres_y])
    start, along = (segments[:, 0] - place) * scale, (segments[:, 1] - segments[:, 0]) * scale
    share = np.clip(-(start * along).sum(axis=1) / (along**2).sum(axis=1), 0, 1)
    distance = np.hypot(*(start + along * share[:, None]).T)
    is_end = (segments == np.array(place)).all(axis=2).any(axis=1)
    nearest = int(np.argmin(np.where(is_end, -1.0, distance)))
    if distance[nearest] > TOUCHING:
        return None
    one, other = segments[nearest].tolist()
    return _segment((one[0], one[1]), (other[0], other[1]))


def _inserted(coverage: Coverage, segment: Segment, place: Place) -> dict[int, BaseGeometry]:
    """The coverage with a vertex put into every ring that runs along the segment."""

    def rewrite(ring: Ring) -> Ring:
        made = [ring[0]]
        for one, other in itertools.pairwise(ring):
            made += [place, other] if _segment(one, other) == segment else [other]
        return made

    return _rewritten(coverage, segment[0], rewrite)


def _dragged(coverage: Coverage, drag: Drag, plane: Plane) -> dict[int, BaseGeometry]:
    found = _segment_at(_segment_array(coverage), drag.at, plane)
    if found is None:
        raise Refused("no_border", "there is no border at that place", Point(drag.at))
    near = [place for place in found if plane.distance(place, drag.at) <= TOUCHING]
    if near:
        return _moved(coverage, near[0], drag.to, plane)
    if drag.to is None:
        raise Refused("no_border", "there is no vertex at that place", Point(drag.at))
    if sum(found in _segments(shape) for shape in coverage.values()) < 2:
        raise _stays(drag.at)
    return _inserted(coverage, found, drag.to)


def _moved(
    coverage: Coverage, place: Place, to: Place | None, plane: Plane
) -> dict[int, BaseGeometry]:
    borders = _borders_at(coverage, place)
    is_outer = any(count < 2 for count in borders.values())
    if to is None:
        if is_outer or len(borders) != 2:
            raise Refused("node_needed", "this vertex cannot be left out", Point(place))
        return _rewritten(coverage, place, lambda ring: [p for p in ring if p != place])
    if is_outer:
        return _slid(coverage, place, to, plane)
    return _rewritten(coverage, place, lambda ring: [to if p == place else p for p in ring])


def _slid(coverage: Coverage, place: Place, to: Place, plane: Plane) -> dict[int, BaseGeometry]:
    """The end of a border between two grids taken along the outer border, towards `to`."""
    inner = [segment for segment, count in _borders_at(coverage, place).items() if count > 1]
    pair = [key for key, shape in coverage.items() if place in set(_points(shape))]
    if len(inner) != 1 or len(pair) != 2:
        raise _stays(place)
    end = _nearest_outer(coverage, pair, to, plane)
    noded = _with_nodes(coverage, [end], plane)
    one, other = (_segments(noded[key]) for key in pair)
    stays = inner[0][0] if inner[0][1] == place else inner[0][1]
    borders = (one ^ other) | ((one & other) - {inner[0]}) | {_segment(stays, end)}
    faces = list(shapely.get_parts(shapely.polygonize([LineString(each) for each in borders])))
    sides: dict[int, list[Polygon]] = {key: [] for key in pair}
    for face in faces:
        sides[max(pair, key=lambda key: face.intersection(coverage[key]).area)].append(face)
    if any(len(sides[key]) != len(list(polygons(coverage[key]))) for key in pair):
        raise Refused("borders_cross", "borders would cross there", LineString([stays, end]))
    return {**noded, **{key: _single(sides[key]) for key in pair}}


def _nearest_outer(coverage: Coverage, pair: Sequence[int], to: Place, plane: Plane) -> Place:
    """The place of the outer border of two grids that is nearest to another place."""
    owners = Counter(segment for shape in coverage.values() for segment in _segments(shape))
    own = [s for key in pair for s in _segments(coverage[key]) if owners[s] == 1]
    edge = plane.metric(shapely.multilinestrings(own))
    target = Point(to[0] * plane.metres_x, to[1] * plane.metres_y)
    found = edge.interpolate(edge.project(target))
    vertex = min((p for s in own for p in s), key=lambda p: plane.distance(p, to))
    if plane.metric(Point(vertex)).distance(found) <= TOUCHING:
        return vertex
    return found.x / plane.metres_x, found.y / plane.metres_y


def _stays(place: Place) -> Refused:
    return Refused("outer_border", "the border of the community stays where it is", Point(place))


def _borders_at(coverage: Coverage, place: Place) -> Counter[Segment]:
    """Segments that end in a place, and how many grids run along each."""
    return Counter(
        segment for shape in coverage.values() for segment in _segments(shape) if place in segment
    )


def _rewritten(
    coverage: Coverage, place: Place, rewrite: Callable[[Ring], Ring]
) -> dict[int, BaseGeometry]:
    """The coverage with each ring that holds a place written anew; all others are left alone."""

    def ring_of(ring: shapely.LinearRing) -> Ring:
        places = [(x, y) for x, y in ring.coords]
        if place not in places:
            return places
        made = rewrite(places)
        return made if made[0] == made[-1] else [*made, made[0]]

    def shape_of(shape: BaseGeometry) -> BaseGeometry:
        if place not in set(_points(shape)):
            return shape
        try:
            return _single(
                [
                    Polygon(ring_of(part.exterior), [ring_of(hole) for hole in part.interiors])
                    for part in polygons(shape)
                ]
            )
        except ValueError as error:
            raise Refused("borders_cross", "a grid would vanish", Point(place)) from error

    return {key: shape_of(shape) for key, shape in coverage.items()}


def _checked(before: Coverage, made: dict[int, BaseGeometry]) -> dict[int, BaseGeometry]:
    """The coverage made, when it is one and covers what was covered before."""
    shapes = list(made.values())
    broken = [explain_invalid(shape) for shape in shapes if not shape.is_valid]
    if not broken and not shapely.coverage_is_valid(shapes):
        broken = [edges for edges in shapely.coverage_invalid_edges(shapes) if not edges.is_empty]
    total = sum(shape.area for shape in before.values())
    if not broken and not np.isclose(sum(shape.area for shape in shapes), total, rtol=1e-9, atol=0):
        broken = shapes
    if broken:
        raise Refused("borders_cross", "borders would cross there", shapely.union_all(broken))
    return made


def explain_invalid(shape: BaseGeometry) -> BaseGeometry:
    """The place where a polygon breaks the rules of polygons."""
    found = re.search(r"\[(\S+) (\S+)\]", shapely.is_valid_reason(shape))
    return Point(float(found[1]), float(found[2])) if found else shape.envelope


def polygons(shape: BaseGeometry) -> Iterator[Polygon]:
    """The parts of a polygon or multipolygon."""
    yield from shapely.get_parts(shape)


def _single(parts: Sequence[Polygon]) -> BaseGeometry:
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)


def _points(shape: BaseGeometry) -> list[Place]:
    return [(x, y) for x, y in shapely.get_coordinates(shape).tolist()]


def _segment(one: Place, other: Place) -> Segment:
    return (one, other) if one < other else (other, one)


def _segments(shape: BaseGeometry) -> set[Segment]:
    """Borders of a polygon as unordered pairs of neighbouring vertices."""
    return {
        _segment((one[0], one[1]), (other[0], other[1]))
        for one, other in _segment_array({0: shape}).tolist()
    }
