"""Grids drawn in other programs: each edit goes into the drawer's own draft of the community.

Such programs send one grid at a time, so a border moved comes as two writes of which the first
leaves a gap or an overlap. A draft holds the outlines as they are given; it is judged as a whole
when it is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import shape
from sqlalchemy import Connection, text

from layers.core.change import geometry_fault
from layers.core.errors import Conflict, Fault, Invalid, NotFound
from layers.core.scope import Reader
from layers.territory.draft import Piece
from layers.territory.drafting import (
    COMMUNITY_DIGITS,
    OpenPlan,
    UnderWay,
    begin_plan,
    operate,
    plan_faults,
    preview,
    read_plan,
)
from layers.territory.faults import GridFault
from layers.territory.grid import GOVERNANCE
from layers.territory.plan import DRAFT, OPEN_STATES

GEOMETRY, NAME = "geometry", "name"
"""What of a grid a plan holds."""

_BESIDE = frozenset({"land_use", "households_target", "responsible", "note"})

_OPEN = text(
    "SELECT id, title, author, state FROM territory.plan "
    "WHERE area_code = :code AND state = ANY(:open)"
)
_TODAY = text("SELECT core.today()")
_COMMUNITY_AT = text(
    "SELECT area_code FROM territory.area WHERE valid_to IS NULL AND length(area_code) = :digits "
    "AND ST_Covers(geom, ST_PointOnSurface(ST_GeomFromWKB(:shape, 4326)))"
)
_FOLLOW = text(
    "UPDATE territory.plan_grid SET base_version = (SELECT row_version FROM territory.grid "
    "WHERE id = :grid) WHERE born = 0 AND base_id = :grid AND base_version = :version "
    "AND plan_id IN (SELECT id FROM territory.plan WHERE area_code = :code AND state = ANY(:open))"
)


@dataclass(frozen=True)
class Drafted:
    """Where an edit went: the draft, the piece (None when it was taken away), what is wrong."""

    plan: OpenPlan
    piece: Piece | None
    faults: Sequence[GridFault]


def is_planned(grid: Mapping[str, Any]) -> bool:
    """Whether a grid with these values gets its outline from plans."""
    return grid.get("kind") == GOVERNANCE and grid.get("valid_to") is None


def add_to_draft(
    connection: Connection,
    reader: Reader,
    values: Mapping[str, Any],
    outline: Mapping[str, Any] | None,
) -> Drafted:
    """A new grid (GeoJSON, CRS84) in the reader's draft of the community it lies in.

    Raises: Invalid when it lies in no community, or for values that a draft cannot hold; otherwise
    as `change_in_draft`.
    """
    _check_new(values)
    if outline is None:
        raise Invalid([Fault(GEOMETRY, "MultiPolygon expected, none given")])
    reason = geometry_fault("MultiPolygon", outline)
    if reason is not None:
        raise Invalid([Fault(GEOMETRY, reason)])
    values = {"digits": COMMUNITY_DIGITS, "shape": shapely.to_wkb(shape(dict(outline)))}
    community = connection.execute(_COMMUNITY_AT, values).scalars().first()
    if community is None:
        raise Invalid([Fault(GEOMETRY, "it lies in no community that you may see")])
    plan = _own_draft(connection, reader, community)
    operation = {"kind": "add", "geometry": outline, "name": values.get(NAME)}
    return _done(connection, reader, plan, operation, plan.draft.next_key)


def change_in_draft(
    connection: Connection, reader: Reader, grid: Mapping[str, Any], changes: Mapping[str, Any]
) -> Drafted:
    """A grid in force with the `name` or `geometry` (GeoJSON, CRS84) of `changes` in the draft.

    Raises: Conflict when the plan under way is somebody else's, no draft or out of date, or when
    the grid is no piece of it any more; Forbidden without the right there; Invalid.
    """
    plan = _own_draft(connection, reader, str(grid["code"])[:COMMUNITY_DIGITS])
    return _changed(connection, reader, plan, _piece_of(plan, grid), changes)


def change_added(
    connection: Connection, reader: Reader, plan_id: int, key: int, values: Mapping[str, Any]
) -> Drafted:
    """A grid that was added to a draft with another `name` or `geometry`; None keeps it.

    Raises: NotFound; otherwise as `change_in_draft`.
    """
    places = (GEOMETRY, NAME)
    _check_new({name: value for name, value in values.items() if name != GEOMETRY})
    changes = {name: values[name] for name in places if values.get(name) is not None}
    plan = _draft(connection, reader, plan_id)
    return _changed(connection, reader, plan, _added(plan, key), changes)


def remove_added(connection: Connection, reader: Reader, plan_id: int, key: int) -> Drafted:
    """A grid that was added to a draft taken away again; raises as `change_added`."""
    plan = _draft(connection, reader, plan_id)
    operation = {"kind": "remove", "grid": _added(plan, key).key}
    return _done(connection, reader, plan, operation, None)


def _changed(
    connection: Connection,
    reader: Reader,
    plan: OpenPlan,
    piece: Piece,
    changes: Mapping[str, Any],
) -> Drafted:
    done = Drafted(plan, piece, ())
    if GEOMETRY in changes:
        operation = {"kind": "draw", "grid": piece.key, "geometry": changes[GEOMETRY]}
        done = _done(connection, reader, done.plan, operation, piece.key)
    if NAME in changes:
        operation = {"kind": "rename", "grid": piece.key, "name": changes[NAME]}
        done = _done(connection, reader, done.plan, operation, piece.key)
    return done


def remove_in_draft(connection: Connection, reader: Reader, grid: Mapping[str, Any]) -> Drafted:
    """A grid in force taken away in the draft; raises as `change_in_draft`."""
    plan = _own_draft(connection, reader, str(grid["code"])[:COMMUNITY_DIGITS])
    operation = {"kind": "remove", "grid": _piece_of(plan, grid).key}
    return _done(connection, reader, plan, operation, None)


def follow_grid(
    connection: Connection, grid: Mapping[str, Any], version: int, changed: Sequence[str]
) -> None:
    """Keeps an open plan up to date when a grid of it got values that no plan holds."""
    if set(changed) <= _BESIDE:
        values = {"grid": grid["id"], "version": version, "open": list(OPEN_STATES)}
        code = str(grid["code"])[:COMMUNITY_DIGITS]
        connection.execute(_FOLLOW, {**values, "code": code})


def _check_new(values: Mapping[str, Any]) -> None:
    faults = [
        Fault(name, "a new grid has a name and an outline; the rest when it is in force")
        for name, value in values.items()
        if value is not None and name not in (NAME, "kind")
    ]
    if faults:
        raise Invalid(faults)


def _draft(connection: Connection, reader: Reader, plan_id: int) -> OpenPlan:
    """A draft of the reader's own.

    Raises: NotFound; UnderWay, a Conflict, when it is somebody else's or no draft any more.
    """
    plan = read_plan(connection, plan_id, lock=True)
    row = plan.row
    if row.author != reader.login or row.state != DRAFT:
        raise UnderWay(row.id, row.title, row.author, row.state)
    if plan.is_stale:
        raise Conflict(f"the grids have changed since plan {plan_id} was begun; discard it first")
    return plan


def _own_draft(connection: Connection, reader: Reader, community: str) -> OpenPlan:
    """The reader's draft of the community, begun when no plan for it is under way."""
    other = connection.execute(_OPEN, {"code": community, "open": list(OPEN_STATES)}).one_or_none()
    if other is not None and (other.author != reader.login or other.state != DRAFT):
        raise UnderWay(*other)
    if other is None:
        title = f"{reader.login} {connection.execute(_TODAY).scalar_one()}"
        plan_id = begin_plan(connection, reader, community, title)
    else:
        plan_id = other.id
    return _draft(connection, reader, plan_id)


def _added(plan: OpenPlan, key: int) -> Piece:
    piece = plan.draft.pieces.get(key)
    if piece is None or piece.base_id is not None:
        raise NotFound(f"no grid {key} was added to plan {plan.row.id}")
    return piece


def _piece_of(plan: OpenPlan, grid: Mapping[str, Any]) -> Piece:
    for piece in plan.draft.pieces.values():
        if piece.base_id == grid["id"]:
            return piece
    raise Conflict(f"grid {grid['code']} is no piece of plan {plan.row.id} any more")


def _done(
    connection: Connection,
    reader: Reader,
    plan: OpenPlan,
    operation: Mapping[str, Any],
    key: int | None,
) -> Drafted:
    after = plan
    # Programs send again what they have sent before; that is no step to be undone.
    if preview(connection, plan, operation).pieces != plan.draft.pieces:
        operate(connection, reader, plan.row.id, operation, plan.row.row_version)
        after = read_plan(connection, plan.row.id)
    piece = None if key is None else after.draft.pieces[key]
    return Drafted(after, piece, plan_faults(connection, after, after.draft))
