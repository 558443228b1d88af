"""Governance grids written through OGC: kept in a draft, answered 202 with a link to the plan."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import Response, request
from shapely.geometry import mapping
from sqlalchemy import Connection

from gisserver.context import current_reader, reader_connection, services
from gisserver.feature_write import reason_of
from gisserver.ogc.shell import base_address
from layers.core.change import Change, Edit, apply_change
from layers.core.layer import Layer
from layers.core.scope import Reader
from layers.core.sent_back import LockedRow
from layers.territory.drawn_elsewhere import (
    GEOMETRY,
    NAME,
    Drafted,
    add_to_draft,
    change_added,
    change_in_draft,
    follow_grid,
    is_planned,
    remove_added,
    remove_in_draft,
)
from layers.territory.grid import GRIDS

# As `_answer` names it.
_ADDED = re.compile(r"draft-(\d{1,9})-(\d{1,9})")


def drafted(
    connection: Connection, edit: Edit, locked: LockedRow | None, reader: Reader
) -> Response | None:
    """The answer to an edit of a grid that goes into a draft; None when it is written as others.

    Values that no plan holds (land use, note …) are written at once.
    """
    grid = edit.values if locked is None else {**locked.image, "id": edit.id}
    if edit.layer is not GRIDS or not is_planned(grid):
        return None
    if edit.action == "create":
        done = add_to_draft(connection, reader, edit.values, edit.geometry)
        return _answer(done, is_new=True)
    if edit.action == "delete":
        return _answer(remove_in_draft(connection, reader, grid))
    changes: dict[str, Any] = {} if edit.geometry is None else {GEOMETRY: edit.geometry}
    if NAME in edit.values:
        changes[NAME] = edit.values[NAME]
    if not changes:
        return None
    rest = {name: value for name, value in edit.values.items() if name != NAME}
    if rest:
        write_beside(connection, Edit(GRIDS, "update", edit.id, rest), locked, reader)
    return _answer(change_in_draft(connection, reader, grid, changes))


def added_piece(layer: Layer, identifier: str) -> tuple[int, int] | None:
    """Plan and piece of a grid that was added to a draft and has no id yet, by its address."""
    found = _ADDED.fullmatch(identifier) if layer is GRIDS else None
    return None if found is None else (int(found[1]), int(found[2]))


def write_added(piece: tuple[int, int], values: Mapping[str, Any]) -> Response:
    """Changes the name or outline of a grid that was added to a draft."""
    reader = current_reader()
    with reader_connection() as connection:
        return _answer(change_added(connection, reader, *piece, values))


def delete_added(piece: tuple[int, int]) -> Response:
    """Takes a grid that was added to a draft away again."""
    with reader_connection() as connection:
        return _answer(remove_added(connection, current_reader(), *piece))


def write_beside(
    connection: Connection, edit: Edit, locked: LockedRow | None, reader: Reader
) -> None:
    """Writes an edit; a plan that is open for a grid follows what it does not hold itself."""
    apply_change(connection, Change([edit], reason_of({})), reader, services().tools)
    if locked is not None and edit.layer is GRIDS and is_planned(locked.image):
        grid = {**locked.image, "id": edit.id}
        follow_grid(connection, grid, locked.row_version, list(edit.values))


def _answer(done: Drafted, *, is_new: bool = False) -> Response:
    row = done.plan.row
    href = f"{request.host_url.rstrip('/')}/api/plans/{row.id}"
    body = {
        "plan": {
            "id": row.id,
            "title": row.title,
            "state": row.state,
            "area_code": row.area_code,
            "row_version": row.row_version,
            "href": href,
        },
        "grid": None if done.piece is None else done.piece.code,
        "faults": [
            {"kind": fault.kind, "grids": list(fault.grids), "geometry": mapping(fault.where)}
            for fault in done.faults
            if not fault.is_inherited
        ],
    }
    response = Response(json.dumps(body, ensure_ascii=False), 202, mimetype="application/json")
    response.headers["Link"] = f'<{href}>; rel="monitor"; type="application/json"'
    if is_new and done.piece is not None:
        # Clients look here for an id; the grid gets one when its plan comes into force.
        place = f"{base_address()}/collections/{GRIDS.name}/items"
        response.headers["Location"] = f"{place}/draft-{row.id}-{done.piece.key}"
    return response
