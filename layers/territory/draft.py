"""What a draft looks like and how an operation changes it. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import shapely
from shapely.geometry import LineString, MultiPolygon, Point
from shapely.geometry import shape as geojson_shape
from shapely.geometry.base import BaseGeometry

from layers.core.change import as_kind, geometry_fault
from layers.core.corners import onto_corners
from layers.core.errors import Fault, Invalid
from layers.core.values import is_finite_number
from layers.territory.coverage import (
    Drag,
    Place,
    Refused,
    merge,
    move_border,
    outer_border,
    polygons,
    split,
)
from layers.territory.plane import Plane
from layers.territory.snapping import snap, with_crossings

CODE_DIGITS = 14
LAST_NUMBER = 99
MOST_PIECES = 20
MOST_PLACES = 500
MOST_CORNERS = 20_000
MOST_SNAP = 50.0
LONGEST_NAME = 100
SAME_AREA = 0.05
"""Square metres by which a grid may differ and still be the same."""

ON_BORDER = 0.1
"""Metres from the outer border within which a vertex slides along it and does not snap."""

Near = Callable[[LineString], Sequence[BaseGeometry]]
"""What a line may snap to, in order of preference."""


@dataclass(frozen=True)
class Piece:
    """A grid of the draft. `base_id` is the grid in force it was, `parents` those it is made of."""

    key: int
    code: str
    name: str
    shape: BaseGeometry
    parents: frozenset[int]
    base_id: int | None = None


@dataclass(frozen=True)
class Draft:
    """The grids of a community as a plan has them; coordinates in degrees (CRS84).

    `border` is the community's polygon, None when it is not known. `next_key` and `next_number`
    are free for new pieces: numbers of codes are never used again.
    """

    community: str
    community_name: str
    border: BaseGeometry | None
    pieces: Mapping[int, Piece]
    next_key: int
    next_number: int

    @property
    def coverage(self) -> dict[int, BaseGeometry]:
        """Polygons by key, in order of code."""
        ordered = sorted(self.pieces.values(), key=lambda piece: piece.code)
        return {piece.key: piece.shape for piece in ordered}

    @property
    def plane(self) -> Plane:
        """Metres around the community."""
        first = next(iter(self.pieces.values()))
        return Plane.at(float(first.shape.centroid.y))


@dataclass(frozen=True)
class Split:
    """Cut a grid along a line, which snaps within `snap` metres."""

    grid: int
    line: LineString
    snap: float


@dataclass(frozen=True)
class Merge:
    """Make neighbours one."""

    grids: tuple[int, ...]


@dataclass(frozen=True)
class Move:
    """Move vertices of borders; where they are taken snaps within `snap` metres."""

    drags: tuple[Drag, ...]
    snap: float


@dataclass(frozen=True)
class Rename:
    """Give a grid another name."""

    grid: int
    name: str


@dataclass(frozen=True)
class Draw:
    """Give a grid the outline drawn elsewhere, whatever its neighbours have; faults tell later."""

    grid: int
    shape: BaseGeometry


@dataclass(frozen=True)
class Add:
    """A new grid as drawn elsewhere; without a name it gets the one that goes with its code."""

    shape: BaseGeometry
    name: str | None


@dataclass(frozen=True)
class Remove:
    """Take a grid away; its land is a gap until another one covers it."""

    grid: int


Operation = Split | Merge | Move | Rename | Draw | Add | Remove
MEMBERS: Mapping[str, tuple[str, ...]] = {
    "split": ("grid", "line", "snap"),
    "merge": ("grids",),
    "move": ("drags", "snap"),
    "rename": ("grid", "name"),
    "draw": ("grid", "geometry"),
    "add": ("geometry", "name"),
    "remove": ("grid",),
}


def operation_of(given: Mapping[str, Any]) -> Operation:
    """The operation in a JSON object: `kind` and the members of that kind.

    Raises: Invalid naming the member, what is wrong with it and what is allowed.
    """
    kind = str(given.get("kind"))
    if kind not in MEMBERS:
        raise _wrong("kind", f"one of {', '.join(MEMBERS)} expected")
    unknown = set(given) - {"kind", *MEMBERS[kind]}
    if unknown:
        raise _wrong(min(unknown), f"unknown; {kind} has: {', '.join(MEMBERS[kind])}")
    return _READERS[kind](given)


def _read_split(given: Mapping[str, Any]) -> Split:
    line = _places(given.get("line"), "line")
    return Split(_key(given.get("grid")), LineString(line), _snap(given.get("snap", 0)))


def _read_merge(given: Mapping[str, Any]) -> Merge:
    grids = given.get("grids")
    if not isinstance(grids, list) or not 2 <= len(grids) <= MOST_PIECES:
        raise _wrong("grids", f"2 to {MOST_PIECES} grids expected")
    return Merge(tuple(_key(each, "grids") for each in grids))


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Operation]] = {
    "split": _read_split,
    "merge": _read_merge,
    "move": lambda given: Move(_drags(given.get("drags")), _snap(given.get("snap", 0))),
    "rename": lambda given: Rename(_key(given.get("grid")), _name(given.get("name"))),
    "draw": lambda given: Draw(_key(given.get("grid")), _shape(given.get("geometry"))),
    "add": lambda given: Add(
        _shape(given.get("geometry")),
        None if given.get("name") is None else _name(given["name"]),
    ),
    "remove": lambda given: Remove(_key(given.get("grid"))),
}


def change(draft: Draft, operation: Operation, near: Near) -> Draft:
    """The draft after an operation; `near` gives what a line may snap to.

    Raises: Refused when the geometry does not allow it; Invalid for a piece that is not there.
    """
    if isinstance(operation, Rename):
        piece = _piece(draft, operation.grid)
        return replace(
            draft, pieces={**draft.pieces, piece.key: replace(piece, name=operation.name)}
        )
    if isinstance(operation, Split):
        return _split(draft, operation, near)
    if isinstance(operation, Merge):
        return _merge(draft, operation)
    if isinstance(operation, Draw | Add | Remove):
        return _redrawn(draft, operation)
    drags = tuple(_snapped(draft, drag, operation.snap, near) for drag in operation.drags)
    return _reshaped(draft, move_border(draft.coverage, drags, draft.plane))


def is_same_grid(piece: Piece, other: BaseGeometry, plane: Plane) -> bool:
    """Whether a polygon covers the same land, vertices on its borders apart."""
    if piece.shape.equals_exact(other, 0):
        return True
    return plane.area(piece.shape.symmetric_difference(other)) < SAME_AREA


def continuing(pieces: Mapping[int, Piece]) -> dict[int, int]:
    """Grids in force that go on as one piece, by key: made of one grid that nobody else shares.

    A border moved keeps the grid; split and merged ones are new grids with codes of their own.
    """
    heirs: dict[int, int] = {}
    for piece in pieces.values():
        for parent in piece.parents:
            heirs[parent] = heirs.get(parent, 0) + 1
    return {
        key: next(iter(piece.parents))
        for key, piece in pieces.items()
        if len(piece.parents) == 1 and heirs[next(iter(piece.parents))] == 1
    }


def _split(draft: Draft, operation: Split, near: Near) -> Draft:
    piece = _piece(draft, operation.grid)
    line = operation.line
    if operation.snap:
        border = piece.shape.boundary
        # Where the line meets the border it takes the corner that is near, so that no edge is tiny.
        crossed = with_crossings(line, border)
        line = snap(crossed, near(line), operation.snap, draft.plane, border=border)
    names = range(draft.next_key, draft.next_key + MOST_PIECES)
    made = split(draft.coverage, piece.key, line, names, draft.plane)
    kept = _reshaped(draft, {key: shape for key, shape in made.items() if key in draft.pieces})
    return _with_new(kept, {key: made[key] for key in names if key in made}, piece.parents)


def _merge(draft: Draft, operation: Merge) -> Draft:
    first, *others = (_piece(draft, key) for key in operation.grids)
    coverage = draft.coverage
    waiting = {piece.key for piece in others}
    if len(waiting) < len(others) or first.key in waiting:
        raise _wrong("grids", "each grid once")
    while waiting:
        refusal: Refused | None = None
        for key in sorted(waiting):
            try:
                coverage = merge(coverage, first.key, key, first.key)
            except Refused as error:
                refusal = error
                continue
            waiting.discard(key)
            break
        else:
            assert refusal is not None
            raise refusal
    parents = frozenset().union(first.parents, *(piece.parents for piece in others))
    whole = coverage.pop(first.key)
    return _with_new(_reshaped(draft, coverage), {draft.next_key: whole}, parents)


def _redrawn(draft: Draft, operation: Draw | Add | Remove) -> Draft:
    """The draft with one grid as drawn elsewhere; its neighbours stay as they are."""
    if isinstance(operation, Add):
        key = draft.next_key
        after = _with_new(draft, {key: _fitted(draft, operation.shape)}, frozenset())
        if operation.name is None:
            return after
        named = replace(after.pieces[key], name=operation.name)
        return replace(after, pieces={**after.pieces, key: named})
    piece = _piece(draft, operation.grid)
    if isinstance(operation, Draw):
        drawn = replace(piece, shape=_fitted(draft, operation.shape))
        return replace(draft, pieces={**draft.pieces, piece.key: drawn})
    if len(draft.pieces) == 1:
        raise _wrong("grid", "a community keeps at least one grid")
    rest = {key: each for key, each in draft.pieces.items() if key != piece.key}
    return replace(draft, pieces=rest)


def _fitted(draft: Draft, shape: BaseGeometry) -> BaseGeometry:
    """The outline with its corners on those of the draft that it was drawn by."""
    known = [piece.shape for piece in draft.pieces.values()]
    return single_part(onto_corners(shape, known))


def _reshaped(draft: Draft, coverage: Mapping[int, BaseGeometry]) -> Draft:
    """The draft with the polygons of a coverage; pieces that are not in it are gone."""
    pieces = {
        key: piece if piece.shape is coverage[key] else replace(piece, shape=coverage[key])
        for key, piece in draft.pieces.items()
        if key in coverage
    }
    return replace(draft, pieces=pieces)


def _with_new(draft: Draft, shapes: Mapping[int, BaseGeometry], parents: frozenset[int]) -> Draft:
    """The draft with new pieces, which get the next codes and the names that go with them."""
    pieces = dict(draft.pieces)
    number = draft.next_number
    for key, shape in shapes.items():
        if number > LAST_NUMBER:
            raise Refused(
                "no_code_left",
                f"community {draft.community} has used all {LAST_NUMBER} numbers of its grids",
                shape,
            )
        code, name = f"{draft.community}{number:02d}", f"{draft.community_name}第{number}网格"
        pieces[key] = Piece(key, code, name, shape, parents)
        number += 1
    next_key = max(pieces) + 1
    return replace(draft, pieces=pieces, next_key=next_key, next_number=number)


def _snapped(draft: Draft, drag: Drag, tolerance: float, near: Near) -> Drag:
    """Where a vertex is taken, brought onto what is near; the outer border sees to itself."""
    if drag.to is None or not tolerance:
        return drag
    plane = draft.plane
    outer = plane.metric(outer_border(draft.coverage))
    if outer.distance(plane.metric(Point(drag.at))) < ON_BORDER:
        return drag
    way = LineString([drag.to, (drag.to[0] + 1e-9, drag.to[1])])
    place = snap(way, near(way), tolerance, plane).coords[0]
    return Drag(drag.at, (place[0], place[1]))


def _piece(draft: Draft, key: int) -> Piece:
    if key not in draft.pieces:
        known = ", ".join(str(each) for each in sorted(draft.pieces))
        raise _wrong("grid", f"no grid {key} in this draft; there are: {known}")
    return draft.pieces[key]


def _name(given: Any) -> str:
    if not isinstance(given, str) or not 1 <= len(given.strip()) <= LONGEST_NAME:
        raise _wrong("name", f"1 to {LONGEST_NAME} characters expected")
    return given.strip()


def _shape(given: Any) -> BaseGeometry:
    if not isinstance(given, Mapping):
        raise _wrong("geometry", "a GeoJSON polygon expected")
    reason = geometry_fault("MultiPolygon", given)
    if reason is not None:
        raise _wrong("geometry", reason)
    made = geojson_shape(as_kind("MultiPolygon", given))
    if shapely.count_coordinates(made) > MOST_CORNERS:
        raise _wrong("geometry", f"at most {MOST_CORNERS} corners expected")
    return made


def _key(given: Any, member: str = "grid") -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 < given < 2**31:
        raise _wrong(member, "number of a grid of the draft expected")
    return given


def _snap(given: Any) -> float:
    if not isinstance(given, int | float) or isinstance(given, bool) or not 0 <= given <= MOST_SNAP:
        raise _wrong("snap", f"0 to {MOST_SNAP:g} metres expected")
    return float(given)


def _drags(given: Any) -> tuple[Drag, ...]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_PLACES:
        raise _wrong("drags", f"1 to {MOST_PLACES} vertices expected")
    found = []
    for each in given:
        if not isinstance(each, Mapping) or set(each) != {"at", "to"}:
            raise _wrong("drags", "each has `at` and `to`")
        to = None if each["to"] is None else _place(each["to"], "drags")
        found.append(Drag(_place(each["at"], "drags"), to))
    return tuple(found)


def _places(given: Any, member: str) -> list[Place]:
    if not isinstance(given, list) or not 2 <= len(given) <= MOST_PLACES:
        raise _wrong(member, f"2 to {MOST_PLACES} places [longitude, latitude] expected")
    return [_place(each, member) for each in given]


def _place(given: Any, member: str) -> Place:
    numbers = [
        float(each) for each in (given if isinstance(given, list) else ()) if is_finite_number(each)
    ]
    if len(numbers) != 2 or len(given) != 2:
        raise _wrong(member, "a place is [longitude, latitude]")
    longitude, latitude = numbers
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise _wrong(member, "longitude -180 to 180 and latitude -90 to 90 expected")
    return longitude, latitude


def _wrong(field: str, reason: str) -> Invalid:
    return Invalid([Fault(field, reason)])


def as_multi(shape: BaseGeometry) -> MultiPolygon:
    """The polygon as the multi-polygon that is stored."""
    return MultiPolygon(list(polygons(shape)))


def single_part(shape: BaseGeometry) -> BaseGeometry:
    """A multi-polygon of one part as that polygon, anything else as it is."""
    parts = list(polygons(shape))
    return parts[0] if len(parts) == 1 else shape
