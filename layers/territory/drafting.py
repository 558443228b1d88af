"""Drafts in the database: begun, read, changed step by step, undone and done again.

Every function works within a `reader_transaction`: row-level security repeats what is checked here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

from layers.core.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Stale
from layers.core.features import after_area
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.territory.coverage import inner_borders
from layers.territory.draft import Draft, Piece, as_multi, change, operation_of, single_part
from layers.territory.faults import GridFault, find_faults, mark_inherited
from layers.territory.plan import DRAFT, OPEN_STATES, PLANS
from layers.territory.plane import Plane

COMMUNITY_DIGITS = 12
MOST_OPERATIONS = 500


class UnderWay(Conflict):
    """Another plan for the community is open; the two would contradict each other."""

    def __init__(self, plan: int, title: str, author: str, state: str) -> None:
        super().__init__(f"plan {plan} of {author} is {state} for this community already")
        self._plan = {"id": plan, "title": title, "author": author, "state": state}

    @property
    def members(self) -> Mapping[str, Any]:
        """The plan that is open."""
        return {"plan": self._plan}


@dataclass(frozen=True)
class OperationRow:
    """One operation of a draft as it was recorded."""

    number: int
    kind: str
    arguments: Mapping[str, Any]
    actor: str
    at: datetime


@dataclass(frozen=True)
class PlanRow:
    """A plan without its pieces."""

    id: int
    area_code: str
    title: str
    state: str
    author: str
    reason: str | None
    effective_on: date | None
    submitted_by: str | None
    submitted_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    decision: str | None
    created_at: datetime
    position: int
    row_version: int
    base_version: int
    outcome: Mapping[str, Any] | None


@dataclass(frozen=True)
class OpenPlan:
    """A plan with its pieces now and at the beginning, and everything done to it.

    `is_stale` says that the grids or the community have changed since it was begun.
    """

    row: PlanRow
    draft: Draft
    base: Draft
    operations: Sequence[OperationRow]
    is_stale: bool


_PLAN_COLUMNS = ", ".join(f"p.{name}" for name in PlanRow.__dataclass_fields__)
_PLAN = text(f"SELECT {_PLAN_COLUMNS} FROM territory.plan AS p WHERE p.id = :id")
_LOCKED_PLAN = text(f"SELECT {_PLAN_COLUMNS} FROM territory.plan AS p WHERE p.id = :id FOR UPDATE")
_LIST = text(
    f"SELECT {_PLAN_COLUMNS} FROM territory.plan AS p "
    "WHERE (CAST(:community AS text) IS NULL OR p.area_code = :community) "
    "AND (CAST(:state AS text) IS NULL OR p.state = :state) ORDER BY p.id DESC LIMIT :limit"
)
_COMMUNITY = text(
    "SELECT name, row_version, ST_AsBinary(geom) AS shape FROM territory.area "
    "WHERE area_code = :code AND valid_to IS NULL"
)
_OTHER = text(
    "SELECT id, title, author, state FROM territory.plan "
    "WHERE area_code = :code AND state = ANY(:open)"
)
_BEGIN = text(
    "INSERT INTO territory.plan (area_code, title, author, base_version, updated_by) "
    "VALUES (:code, :title, :author, :version, :author) RETURNING id"
)
_TAKE_GRIDS = text(
    "INSERT INTO territory.plan_grid "
    "(plan_id, key, born, base_id, base_version, parents, code, name, geom) "
    "SELECT :id, row_number() OVER (ORDER BY code), 0, id, row_version, ARRAY[id], code, name, "
    "geom FROM territory.grid WHERE kind = 'governance' AND valid_to IS NULL "
    "AND code >= :code AND code < :end AND length(code) = 14"
)
_TAKE_COMMUNITY = text(
    "INSERT INTO territory.plan_grid (plan_id, key, born, parents, code, name, geom) "
    "SELECT :id, 1, 0, '{}', area_code || '01', name || '第1网格', geom "
    "FROM territory.area WHERE area_code = :code AND valid_to IS NULL AND geom IS NOT NULL"
)
_PIECES = text(
    "SELECT key, born, died, base_id, base_version, parents, code, name, "
    "ST_AsBinary(geom) AS shape FROM territory.plan_grid "
    "WHERE plan_id = :id AND (born = 0 OR (born <= :position AND coalesce(died > :position, true)))"
)
_KEYS = text("SELECT max(key) FROM territory.plan_grid WHERE plan_id = :id")
_OPERATIONS = text(
    "SELECT number, kind, arguments, actor, at FROM territory.plan_operation "
    "WHERE plan_id = :id ORDER BY number"
)
# Every number a grid of the community ever had: none is used again (GB/T 30428.1 practice).
_LAST_NUMBER = text(
    "SELECT coalesce(max(right(code, 2)::integer), 0) FROM territory.grid "
    "WHERE kind = 'governance' AND code >= :code AND code < :end AND code ~ '^\\d{14}$'"
)
_CURRENT = text(
    "SELECT (SELECT coalesce(array_agg(ARRAY[id, row_version] ORDER BY id), '{}') "
    "FROM territory.grid WHERE kind = 'governance' AND valid_to IS NULL "
    "AND code >= :code AND code < :end AND length(code) = 14) AS grids, "
    "(SELECT row_version FROM territory.area WHERE area_code = :code AND valid_to IS NULL) AS area"
)
_NEAR = text(
    "SELECT ST_AsBinary(geom) FROM territory.road WHERE geom && ST_GeomFromWKB(:box, 4326) "
    "UNION ALL SELECT ST_AsBinary(geom) FROM housing.building "
    "WHERE geom && ST_GeomFromWKB(:box, 4326)"
)
_CROSSED = text(
    "SELECT id, ST_AsBinary(geom) FROM housing.building "
    "WHERE geom && ST_GeomFromWKB(:borders, 4326) "
    "AND ST_Intersects(geom, ST_GeomFromWKB(:borders, 4326))"
)


def begin_plan(connection: Connection, reader: Reader, community: str, title: str) -> int:
    """Begins a draft over the grids in force in a community; returns its id.

    A community without grids begins as one grid, its own polygon.

    Raises: Invalid for a code of no community or a title that is none; Forbidden without the
    right there; NotFound; Conflict when another plan for the community is under way.
    """
    if len(community) != COMMUNITY_DIGITS or not community.isdigit():
        raise Invalid([Fault("community", "the 12 digits of a community expected")])
    if not 1 <= len(title.strip()) <= 100:
        raise Invalid([Fault("title", "1 to 100 characters expected")])
    _demand(reader, Right.TERRITORY_WRITE, community)
    area = connection.execute(_COMMUNITY, {"code": community}).one_or_none()
    if area is None:
        raise NotFound(f"no community {community} in force")
    check_no_other(connection, community)
    plan = connection.execute(
        _BEGIN,
        {
            "code": community,
            "title": title.strip(),
            "author": reader.login,
            "version": area.row_version,
        },
    ).scalar_one()
    values = {"id": plan, "code": community, "end": after_area(community)}
    takes = (_TAKE_GRIDS, _TAKE_COMMUNITY)
    if not any(connection.execute(take, values).rowcount for take in takes):
        raise Invalid([Fault("community", "it has neither grids nor a polygon to divide")])
    return int(plan)


def check_no_other(connection: Connection, community: str) -> None:
    """Nothing when no plan for the community is under way.

    Raises: UnderWay, a Conflict, with that plan.
    """
    values = {"code": community, "open": list(OPEN_STATES)}
    other = connection.execute(_OTHER, values).one_or_none()
    if other is not None:
        raise UnderWay(*other)


def read_plan(connection: Connection, plan_id: int, *, lock: bool = False) -> OpenPlan:
    """A plan with its pieces; `lock` keeps others from changing it until the transaction ends.

    Raises: NotFound when it does not exist or lies outside the reader's areas.
    """
    row = read_row(connection, plan_id, lock=lock)
    area = connection.execute(_COMMUNITY, {"code": row.area_code}).one_or_none()
    values = {"id": plan_id, "position": row.position, "code": row.area_code}
    values["end"] = after_area(row.area_code)
    pieces = connection.execute(_PIECES, values).all()
    last = connection.execute(_LAST_NUMBER, values).scalar_one()
    operations = [OperationRow(*each) for each in connection.execute(_OPERATIONS, values)]
    now = {p.key: _piece(p) for p in pieces if p.died is None or p.died > row.position}
    last = max([last, *(int(piece.code[-2:]) for piece in now.values())])
    base = Draft(
        row.area_code,
        area.name if area else row.area_code,
        shapely.from_wkb(bytes(area.shape)) if area and area.shape else None,
        {p.key: _piece(p) for p in pieces if p.born == 0},
        (connection.execute(_KEYS, values).scalar_one() or 0) + 1,
        last + 1,
    )
    was = sorted([p.base_id, p.base_version] for p in pieces if p.born == 0 and p.base_id)
    current = connection.execute(_CURRENT, values).one()
    is_stale = row.state in OPEN_STATES and (
        was != current.grids or row.base_version != current.area
    )
    return OpenPlan(row, replace(base, pieces=now), base, operations, is_stale)


def list_plans(
    connection: Connection, reader: Reader, community: str | None, state: str | None, limit: int
) -> list[PlanRow]:
    """Plans in the reader's areas, newest first.

    Raises: Forbidden without the right to see grids.
    """
    if not reader.areas_to_read(PLANS):
        raise Forbidden(f"plans need the right {PLANS.read}")
    values = {"community": community, "state": state, "limit": limit}
    return [PlanRow(*row) for row in connection.execute(_LIST, values)]


def read_row(connection: Connection, plan_id: int, *, lock: bool = False) -> PlanRow:
    """A plan without its pieces.

    Raises: NotFound when it does not exist or lies outside the reader's areas.
    """
    statement = _LOCKED_PLAN if lock else _PLAN
    found = connection.execute(statement, {"id": plan_id}).one_or_none()
    if found is None:
        raise NotFound(f"no plan {plan_id}")
    return PlanRow(*found)


def preview(connection: Connection, plan: OpenPlan, given: Mapping[str, Any]) -> Draft:
    """The draft as an operation (JSON) would leave it; nothing is kept.

    Raises: Invalid; Refused when the geometry does not allow it.
    """
    return change(plan.draft, operation_of(given), partial(_near, connection))


def operate(
    connection: Connection,
    reader: Reader,
    plan_id: int,
    given: Mapping[str, Any],
    row_version: int,
) -> None:
    """Does an operation (JSON) to a draft that is still at the version named.

    Raises: Invalid, Refused; Stale when somebody else has changed the draft; Conflict when it is
    no draft any more; Forbidden; NotFound.
    """
    plan = _editable(connection, reader, plan_id, row_version)
    if plan.row.position >= MOST_OPERATIONS:
        raise Conflict(f"a draft has at most {MOST_OPERATIONS} operations")
    after = preview(connection, plan, given)
    number = plan.row.position + 1
    _forget_undone(connection, plan_id, plan.row.position)
    _keep(connection, plan, after, number)
    connection.execute(
        text(
            "INSERT INTO territory.plan_operation (plan_id, number, kind, arguments, actor) "
            "VALUES (:plan, :number, :kind, CAST(:arguments AS jsonb), :actor)"
        ),
        {
            "plan": plan_id,
            "number": number,
            "kind": given["kind"],
            "arguments": json.dumps({k: v for k, v in given.items() if k != "kind"}),
            "actor": reader.login,
        },
    )
    _go_to(connection, plan_id, number)


def undo(connection: Connection, reader: Reader, plan_id: int, row_version: int) -> None:
    """Takes the last operation back.

    Raises: as `operate`; Conflict when there is none.
    """
    plan = _editable(connection, reader, plan_id, row_version)
    if plan.row.position == 0:
        raise Conflict("nothing to undo")
    _go_to(connection, plan_id, plan.row.position - 1)


def redo(connection: Connection, reader: Reader, plan_id: int, row_version: int) -> None:
    """Does the operation taken back last once more.

    Raises: as `operate`; Conflict when there is none.
    """
    plan = _editable(connection, reader, plan_id, row_version)
    if plan.row.position == len(plan.operations):
        raise Conflict("nothing to redo")
    _go_to(connection, plan_id, plan.row.position + 1)


def plan_faults(connection: Connection, plan: OpenPlan, draft: Draft) -> list[GridFault]:
    """What is wrong with a state of the plan; what was so before it began is marked."""
    found = _faults(connection, draft)
    return mark_inherited(found, _faults(connection, plan.base), draft.plane) if found else []


def _faults(connection: Connection, draft: Draft) -> list[GridFault]:
    if not draft.pieces:
        return []
    borders = inner_borders(draft.coverage)
    buildings: dict[int, BaseGeometry] = {}
    if not borders.is_empty:
        rows = connection.execute(_CROSSED, {"borders": shapely.to_wkb(borders)})
        buildings = {row[0]: shapely.from_wkb(bytes(row[1])) for row in rows}
    return find_faults(draft.coverage, draft.border, buildings, draft.plane)


def _near(connection: Connection, line: LineString) -> list[BaseGeometry]:
    """Roads first, then buildings, around a line."""
    plane = Plane.at(float(line.centroid.y))
    box = plane.buffer(line, 50).envelope
    rows = connection.execute(_NEAR, {"box": shapely.to_wkb(box)})
    return [shapely.from_wkb(bytes(row[0])) for row in rows]


def locked_plan(connection: Connection, reader: Reader, right: Right, plan_id: int) -> OpenPlan:
    """A plan nobody else may change until the transaction ends.

    Raises: NotFound; Forbidden without the right in its community.
    """
    # Row-level security hides from a lock what the reader may see but not write.
    _demand(reader, right, read_row(connection, plan_id).area_code)
    return read_plan(connection, plan_id, lock=True)


def _editable(connection: Connection, reader: Reader, plan_id: int, row_version: int) -> OpenPlan:
    plan = locked_plan(connection, reader, Right.TERRITORY_WRITE, plan_id)
    if plan.row.row_version != row_version:
        raise Stale(PLANS.name, plan_id, row_version, plan.row.row_version)
    if plan.row.state != DRAFT:
        raise Conflict(f"the plan is {plan.row.state}; only a draft can be changed")
    return plan


def _demand(reader: Reader, right: Right, community: str) -> None:
    if not reader.covers(right, community):
        raise Forbidden(f"this needs the right {right} in community {community}")


def _keep(connection: Connection, plan: OpenPlan, after: Draft, number: int) -> None:
    """Ends the pieces that changed and adds what they have become."""
    before = plan.draft.pieces
    ended = [key for key, piece in before.items() if after.pieces.get(key) != piece]
    fresh = [piece for key, piece in after.pieces.items() if before.get(key) != piece]
    connection.execute(
        text(
            "UPDATE territory.plan_grid SET died = :number WHERE plan_id = :plan "
            "AND key = ANY(:keys) AND died IS NULL"
        ),
        {"number": number, "plan": plan.row.id, "keys": ended},
    )
    if not fresh:
        return
    connection.execute(
        text(
            "INSERT INTO territory.plan_grid "
            "(plan_id, key, born, base_id, parents, code, name, geom) VALUES "
            "(:plan, :key, :number, :base, :parents, :code, :name, ST_GeomFromWKB(:shape, 4326))"
        ),
        [
            {
                "plan": plan.row.id,
                "key": piece.key,
                "number": number,
                "base": piece.base_id,
                "parents": sorted(piece.parents),
                "code": piece.code,
                "name": piece.name,
                "shape": shapely.to_wkb(as_multi(piece.shape)),
            }
            for piece in fresh
        ],
    )


def _forget_undone(connection: Connection, plan_id: int, position: int) -> None:
    values = {"plan": plan_id, "position": position}
    for statement in (
        "DELETE FROM territory.plan_operation WHERE plan_id = :plan AND number > :position",
        "DELETE FROM territory.plan_grid WHERE plan_id = :plan AND born > :position",
        "UPDATE territory.plan_grid SET died = NULL WHERE plan_id = :plan AND died > :position",
    ):
        connection.execute(text(statement), values)


def _go_to(connection: Connection, plan_id: int, position: int) -> None:
    connection.execute(
        text("UPDATE territory.plan SET position = :position WHERE id = :plan"),
        {"plan": plan_id, "position": position},
    )


def _piece(row: Any) -> Piece:
    shape = single_part(shapely.from_wkb(bytes(row.shape)))
    return Piece(row.key, row.code, row.name, shape, frozenset(row.parents), row.base_id)
