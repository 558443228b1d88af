"""Plans of grids: drawn, undone, previewed, handed in, decided on; figures with every answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, request
from shapely.geometry import mapping
from sqlalchemy import Connection

from gisserver.context import current_reader, reader_connection, services
from gisserver.errors import STATUS, BadRequest, problem
from gisserver.parameters import json_body, take_parameters, text_member
from layers.analysis.grid_figures import grid_figures
from layers.catalogue import LAYERS
from layers.core.errors import Stale
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.organisation.decision import decide
from layers.territory.draft import Draft, Piece, continuing, is_same_grid
from layers.territory.drafting import (
    OpenPlan,
    begin_plan,
    list_plans,
    operate,
    plan_faults,
    preview,
    read_plan,
    redo,
    undo,
)
from layers.territory.faults import GridFault
from layers.territory.plan import DRAFT
from layers.territory.plan_steps import DECISIONS, STEPS, possible_steps, take_step

blueprint = Blueprint("plans", __name__, url_prefix="/api/plans")

MOST_PLANS = 200


@blueprint.get("")
def plans() -> Response:
    """Plans in the reader's areas, newest first; `community` and `state` narrow them."""
    values = take_parameters(request, ("community", "state"))
    with reader_connection() as connection:
        rows = list_plans(
            connection, current_reader(), values.get("community"), values.get("state"), MOST_PLANS
        )
    return jsonify({"items": [_row(row) for row in rows]})


@blueprint.post("")
def begin() -> Response:
    """Begin a draft over the grids in force in a community."""
    take_parameters(request)
    body = json_body(request, ("community", "title"))
    community, title = text_member(body, "community"), text_member(body, "title")
    reader = current_reader()
    with reader_connection() as connection:
        plan_id = begin_plan(connection, reader, community, title)
        told = _told(connection, reader, plan_id)
    response = jsonify(told)
    response.status_code = 201
    response.headers["Location"] = f"/api/plans/{plan_id}"
    return response


@blueprint.get("/<int:plan_id>")
def plan(plan_id: int) -> Response:
    """A plan with its pieces, the grids it began with, figures, faults and possible steps."""
    take_parameters(request)
    with reader_connection() as connection:
        return jsonify(_told(connection, current_reader(), plan_id))


@blueprint.post("/<int:plan_id>/preview")
def try_operation(plan_id: int) -> Response:
    """Pieces, figures and faults as an operation would leave them; nothing is kept."""
    take_parameters(request)
    operation = _operation(json_body(request, ("operation",)))
    reader = current_reader()
    with reader_connection() as connection:
        found = read_plan(connection, plan_id)
        after = preview(connection, found, operation)
        return jsonify(
            {
                "pieces": _pieces(connection, reader, found, after),
                "faults": [_fault(each) for each in plan_faults(connection, found, after)],
            }
        )


@blueprint.post("/<int:plan_id>/operations")
def do_operation(plan_id: int) -> Response:
    """Do an operation (split, merge, move, rename) to a draft at the version named."""
    take_parameters(request)
    body = json_body(request, ("operation", "row_version"))
    operation = _operation(body)
    return _write(plan_id, body, lambda c, r, v: operate(c, r, plan_id, operation, v))


@blueprint.post("/<int:plan_id>/undo")
def undo_operation(plan_id: int) -> Response:
    """Take the last operation of a draft back."""
    take_parameters(request)
    body = json_body(request, ("row_version",))
    return _write(plan_id, body, lambda c, r, v: undo(c, r, plan_id, v))


@blueprint.post("/<int:plan_id>/redo")
def redo_operation(plan_id: int) -> Response:
    """Do the operation taken back last once more."""
    take_parameters(request)
    body = json_body(request, ("row_version",))
    return _write(plan_id, body, lambda c, r, v: redo(c, r, plan_id, v))


@blueprint.post("/<int:plan_id>/steps")
def step(plan_id: int) -> Response:
    """Take a plan a step further: submit, withdraw, reopen, discard, approve, reject."""
    take_parameters(request)
    body = json_body(request, ("step", "row_version", "reason", "effective_on"))
    name, reason = body.get("step"), body.get("reason")
    if not isinstance(name, str) or name not in STEPS:
        raise BadRequest("step: one of the steps of a plan expected", allowed=STEPS)
    if reason is not None:
        reason = text_member(body, "reason", maximum=2_000)
    day = _day(body.get("effective_on"))

    def take(connection: Connection, reader: Reader, version: int) -> None:
        take_step(connection, reader, plan_id, name, version, reason, day)

    if name not in DECISIONS:
        return _write(plan_id, body, take)
    version, reader = _version(body), current_reader()
    try:
        decide(services().engine, LAYERS, reader, plan_id, name, version, reason)
    except Stale as error:
        return _stale(plan_id, error)
    with reader_connection() as connection:
        return jsonify(_told(connection, reader, plan_id))


def _write(
    plan_id: int, body: Mapping[str, Any], write: Callable[[Connection, Reader, int], None]
) -> Response:
    version, reader = _version(body), current_reader()
    try:
        with reader_connection() as connection:
            write(connection, reader, version)
            told = _told(connection, reader, plan_id)
    except Stale as error:
        return _stale(plan_id, error)
    return jsonify(told)


def _stale(plan_id: int, error: Stale) -> Response:
    """The refusal with the plan as somebody else has left it."""
    with reader_connection() as connection:
        told = _told(connection, current_reader(), plan_id)
    status, title = STATUS[Stale]
    return problem(status, title, str(error), asked=error.asked, current=error.current, plan=told)


def _told(connection: Connection, reader: Reader, plan_id: int) -> dict[str, Any]:
    found = read_plan(connection, plan_id)
    base = grid_figures(connection, reader, found.base)
    return _row(found.row) | {
        "community": {
            "code": found.draft.community,
            "name": found.draft.community_name,
            "border": mapping(found.draft.border) if found.draft.border else None,
        },
        "is_stale": found.is_stale,
        "steps": possible_steps(reader, found),
        "editable": found.row.state == DRAFT
        and reader.covers(Right.TERRITORY_WRITE, found.row.area_code),
        "operations": [asdict(each) for each in found.operations],
        "pieces": _pieces(connection, reader, found, found.draft),
        "base": [
            {
                "key": piece.key,
                "code": piece.code,
                "name": piece.name,
                "geometry": mapping(piece.shape),
                "figures": asdict(base[piece.key]),
            }
            for piece in _ordered(found.base)
        ],
        "faults": [_fault(each) for each in plan_faults(connection, found, found.draft)],
        "outcome": found.row.outcome,
    }


def _row(row: Any) -> dict[str, Any]:
    told = asdict(row)
    for name in ("base_version", "outcome"):
        del told[name]
    return told


def _pieces(
    connection: Connection, reader: Reader, found: OpenPlan, draft: Draft
) -> list[dict[str, Any]]:
    figures = grid_figures(connection, reader, draft)
    base = {piece.base_id: piece for piece in found.base.pieces.values() if piece.base_id}
    going_on = continuing(draft.pieces)

    def status(piece: Piece) -> str:
        grid = going_on.get(piece.key)
        if grid is None:
            return "new"
        return "kept" if is_same_grid(piece, base[grid].shape, draft.plane) else "moved"

    return [
        {
            "key": piece.key,
            "code": piece.code,
            "name": piece.name,
            "status": status(piece),
            "parents": sorted(base[grid].code for grid in piece.parents),
            "geometry": mapping(piece.shape),
            "figures": asdict(figures[piece.key]),
        }
        for piece in _ordered(draft)
    ]


def _ordered(draft: Draft) -> list[Piece]:
    return sorted(draft.pieces.values(), key=lambda piece: piece.code)


def _fault(fault: GridFault) -> dict[str, Any]:
    return {
        "kind": fault.kind,
        "grids": list(fault.grids),
        "building": fault.building,
        "is_inherited": fault.is_inherited,
        "geometry": mapping(fault.where),
    }


def _operation(body: Mapping[str, Any]) -> Mapping[str, Any]:
    operation = body.get("operation")
    if not isinstance(operation, dict):
        raise BadRequest("operation: an object with `kind` is needed")
    return operation


def _version(body: Mapping[str, Any]) -> int:
    given = body.get("row_version")
    if not isinstance(given, int) or isinstance(given, bool):
        raise BadRequest("row_version: the version the change is based on is needed")
    return given


def _day(given: Any) -> date | None:
    if given is None:
        return None
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError) as error:
        raise BadRequest("effective_on: date YYYY-MM-DD expected") from error
