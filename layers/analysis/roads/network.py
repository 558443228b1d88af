"""Roads cut into links where they meet, with the places that are joined to them.

Roads meet where a vertex of one lies at a vertex of another, and where one that would lead nowhere
else ends on another, both within `TOLERANCE`. Lines that merely cross do not meet: a bridge and the
road below have no vertex in common, also where one of them is drawn in two pieces.

A place is joined at the foot of the perpendicular on the nearest road. Parts that hang together
with nothing else and are short are islands: nothing is joined to them.

All shapes are in one metric system.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Lines: TypeAlias = NDArray[Any]
"""LineStrings."""

TOLERANCE = 0.1
"""Metres."""
ISLAND = 2_000.0
"""Metres of road that hang together with nothing else and are passed over."""
# Two vertices of one line that lie so near along it are no place where it meets itself.
_SAME_STRETCH = 4 * TOLERANCE
# Metres along a line within which two places are one: two doors at one foot, a foot at a crossing.
_ONE_PLACE = 1e-3


@dataclass(frozen=True)
class Joined:
    """Where each place is joined: its node, -1 for no road near enough; straight metres to it."""

    node: Ints
    metres: Floats


@dataclass(frozen=True)
class Network:
    """Links in columns, ordered along their lines: from node `tail` at `start` to `head` at `end`.

    `line` is the number of the line, `start` and `end` are metres along it. One may go from head to
    tail unless `one_way`.
    """

    lines: Lines
    line: Ints
    start: Floats
    end: Floats
    tail: Ints
    head: Ints
    one_way: Bools
    nodes: int
    joined: Joined

    @property
    def length(self) -> Floats:
        """Metres of each link."""
        return self.end - self.start


@dataclass(frozen=True)
class _Cuts:
    """Places along lines where these are cut; `element` is the same where they meet."""

    line: Ints
    at: Floats
    element: Ints


def make_network(
    lines: Lines,
    one_way: Bools,
    places: Lines,
    most_access: float,
    island: float = ISLAND,
) -> Network:
    """The network of lines (LineStrings), with places (Points) within `most_access` metres joined.

    `one_way` says of each line whether one goes along it only as it is drawn.
    """
    cuts = _meetings(lines)
    kept = _without_islands(lines, cuts, island)
    joined_line, at, metres = _feet(lines, kept, places, most_access)
    is_joined = joined_line >= 0
    first = int(cuts.element.max(initial=-1)) + 1
    own = first + np.arange(len(places))
    line = np.concatenate([cuts.line, joined_line[is_joined]])
    position = np.concatenate([cuts.at, at[is_joined]])
    element = np.concatenate([cuts.element, own[is_joined]])
    order = np.lexsort((element, position, line))
    order = order[kept[line[order]]]
    line, position, element = line[order], position[order], element[order]
    follows = line[1:] == line[:-1]
    same = follows & (position[1:] - position[:-1] <= _ONE_PLACE)
    lowest = _together(first + len(places), element[:-1][same], element[1:][same])
    names, node = np.unique(lowest[element], return_inverse=True)
    tail, head = node[:-1][follows], node[1:][follows]
    start, end = position[:-1][follows], position[1:][follows]
    # What is left of a line between two vertices that are one place is no way.
    real = (tail != head) | (end - start > _SAME_STRETCH)
    places_at = np.where(is_joined, np.searchsorted(names, lowest[own]), -1)
    of_line = line[:-1][follows][real]
    return Network(
        lines,
        of_line,
        start[real],
        end[real],
        tail[real],
        head[real],
        one_way[of_line],
        len(names),
        Joined(places_at, np.where(is_joined, metres, np.nan)),
    )


def _meetings(lines: Lines) -> _Cuts:
    """Both ends of every line, and where it meets others or itself."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    line = line.astype(np.int64)
    at = along(points, line)
    is_end = np.ones(len(line), dtype=bool)
    is_end[1:-1] = (line[1:-1] != line[:-2]) | (line[1:-1] != line[2:])
    shapes = np.asarray(shapely.points(points), dtype=object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOLERANCE)
    is_meeting = (one < other) & (
        (line[one] != line[other]) | (np.abs(at[one] - at[other]) > _SAME_STRETCH)
    )
    one, other = one[is_meeting], other[is_meeting]
    is_free = is_end.copy()
    is_free[one] = is_free[other] = False
    ends = np.flatnonzero(is_free)
    number, touched = shapely.STRtree(lines).query(
        shapes[ends], predicate="dwithin", distance=TOLERANCE
    )
    elsewhere = line[ends[number]] != touched
    number, touched = number[elsewhere], touched[elsewhere]
    new_at = np.asarray(shapely.line_locate_point(lines[touched], shapes[ends[number]]))
    new = len(line) + np.arange(len(touched))
    element = _together(
        len(line) + len(new),
        np.concatenate([one, ends[number]]),
        np.concatenate([other, new]),
    )
    is_cut = is_end.copy()
    is_cut[one] = is_cut[other] = True
    vertices = np.flatnonzero(is_cut)
    return _Cuts(
        np.concatenate([line[vertices], touched]),
        np.concatenate([at[vertices], new_at]),
        np.concatenate([element[vertices], element[new]]),
    )


def along(points: Floats, line: Ints) -> Floats:
    """Metres of each vertex from the start of its line."""
    steps = np.zeros(len(points))
    steps[1:] = np.hypot(*np.diff(points, axis=0).T)
    steps[1:][line[1:] != line[:-1]] = 0.0
    total = np.cumsum(steps)
    first = np.searchsorted(line, line)
    return np.asarray(total - total[first])


def _together(count: int, one: Ints, other: Ints) -> Ints:
    """For each of `count` elements the lowest one that it is tied to by pairs, itself or not."""
    lowest = list(range(count))

    def found(element: int) -> int:
        while lowest[element] != element:
            lowest[element] = lowest[lowest[element]]
            element = lowest[element]
        return element

    for a, b in zip(one.tolist(), other.tolist(), strict=True):
        x, y = found(a), found(b)
        if x != y:
            lowest[max(x, y)] = min(x, y)
    return np.fromiter((found(each) for each in range(count)), dtype=np.int64, count=count)


def _without_islands(lines: Lines, cuts: _Cuts, island: float) -> Bools:
    """Which lines hang together with enough of others; at least those of the longest part."""
    if not len(lines):
        return np.zeros(0, dtype=bool)
    order = np.argsort(cuts.element, kind="stable")
    element, line = cuts.element[order], cuts.line[order]
    same = element[1:] == element[:-1]
    part = _together(len(lines), line[:-1][same], line[1:][same])
    length = np.bincount(part, weights=shapely.length(lines), minlength=len(lines))
    return np.asarray(length[part] >= min(island, length.max()))


def _feet(
    lines: Lines, kept: Bools, places: Lines, most_access: float
) -> tuple[Ints, Floats, Floats]:
    """For each place its line (-1: none), the metres along it, and the straight ones to it."""
    line = np.full(len(places), -1, dtype=np.int64)
    at, metres = np.zeros(len(places)), np.full(len(places), np.nan)
    numbers = np.flatnonzero(kept)
    if not len(numbers) or not len(places):
        return line, at, metres
    (place, near), distance = shapely.STRtree(lines[numbers]).query_nearest(
        places, max_distance=most_access, return_distance=True, all_matches=False
    )
    line[place] = numbers[near]
    metres[place] = distance
    at[place] = shapely.line_locate_point(lines[line[place]], places[place])
    return line, at, metres


class Stretches:
    """Parts of lines by metres along them."""

    def __init__(self, lines: Lines) -> None:
        self._points, line = shapely.get_coordinates(lines, return_index=True)
        self._at = along(self._points, line.astype(np.int64))
        self._first = np.searchsorted(line, np.arange(len(lines) + 1))

    def coordinates(self, line: int, start: float, end: float) -> Floats:
        """Vertices of a line between two places on it, these included, in the line's direction."""
        first, beyond = self._first[line], self._first[line + 1]
        at, points = self._at[first:beyond], self._points[first:beyond]
        within = points[np.searchsorted(at, start, "right") : np.searchsorted(at, end, "left")]
        ends = [np.interp((start, end), at, points[:, axis]) for axis in (0, 1)]
        (from_x, to_x), (from_y, to_y) = ends
        return np.vstack([[[from_x, from_y]], within, [[to_x, to_y]]])

    def lines(self, spans: Iterable[tuple[int, float, float]]) -> Lines:
        """Each span (line, start, end) as a line."""
        return np.array(
            [shapely.LineString(self.coordinates(*each)) for each in spans], dtype=object
        )
