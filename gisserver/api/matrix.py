"""The building matrix edited: rooms built by rule, merged, split, numbered anew, retired."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gisserver.context import current_reader, reader_connection, services
from gisserver.errors import BadRequest
from gisserver.once import done_once, tell_replayed
from gisserver.parameters import json_body, take_parameters, whole_member
from layers.core.errors import Fault
from layers.housing.floors import floor_numbers
from layers.housing.matrix_edit import Cell, House
from layers.housing.matrix_rule import Planned, Rule, build
from layers.people.matrix_save import BUILDING_FIELDS, find_matrix, save_matrix

blueprint = Blueprint("matrix", __name__, url_prefix="/api/buildings/<int:building_id>/matrix")

MOST_STEPS = 500
LARGEST_VERSION = 2**31 - 1
RULE = (
    "units",
    "lowest",
    "highest",
    "rooms",
    "pattern",
    "skipped",
    "mezzanines",
    "shops",
    "shop_rooms",
    "usage",
    "beds",
)
_LISTS = ("skipped", "mezzanines")
_TEXTS = ("pattern", "usage")


@blueprint.post("")
def save(building_id: int) -> Response:
    """Do the steps, all or none; with an Idempotency-Key, once however often it is sent."""
    take_parameters(request)
    body = json_body(request, ("row_version", "steps", "building", "reason"))
    steps, version = body.get("steps"), whole_member(body, "row_version", maximum=LARGEST_VERSION)
    building, reason = body.get("building") or {}, body.get("reason")
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise BadRequest("steps: a list of objects expected")
    if not steps or len(steps) > MOST_STEPS:
        raise BadRequest(f"steps: 1 to {MOST_STEPS} expected, not {len(steps)}")
    if version is None:
        raise BadRequest("row_version: the version of the building that was seen is needed")
    if not isinstance(building, dict):
        raise BadRequest("building: an object expected", allowed=BUILDING_FIELDS)
    if reason is not None and not isinstance(reason, str):
        raise BadRequest("reason: a text expected")
    reader, tools = current_reader(), services().tools
    told = request.get_data(as_text=True)
    fingerprint = services().sealer.blind("matrix", f"{building_id} {told}")
    with reader_connection() as connection:

        def do() -> dict[str, Any]:
            ids = save_matrix(
                connection,
                reader,
                building_id,
                version,
                steps,
                tools,
                building=building,
                reason=reason,
            )
            return {"ids": ids, "row_version": find_matrix(connection, reader, building_id)[0]}

        answer, was_done = done_once(connection, fingerprint, do)
    response = jsonify(answer)
    tell_replayed(response, was_done)
    return response


@blueprint.post("/preview")
def preview(building_id: int) -> Response:
    """The rooms a rule makes, and which of them are there already; nothing is written."""
    take_parameters(request)
    body = json_body(request, (*RULE, "building"))
    with reader_connection() as connection:
        _, house, rooms = find_matrix(connection, current_reader(), building_id)
    planned = build(_rule(body), _changed(house, body.get("building") or {}))
    there = {(room.unit, room.room): room for room in rooms}
    items = [_planned(each, there.get((each.unit, each.number))) for each in planned]
    kept = sum(item["id"] is not None for item in items)
    return jsonify({"rooms": items, "new": len(items) - kept, "kept": kept, "there": len(rooms)})


def _planned(room: Planned, there: Cell | None) -> dict[str, Any]:
    return asdict(room) | {"id": there.id if there else None}


def _changed(house: House, building: Any) -> House:
    """The floors as the building is going to have them."""
    if not isinstance(building, dict):
        raise BadRequest("building: an object expected", allowed=BUILDING_FIELDS)
    levels = whole_member(building, "levels", maximum=200) or house.levels
    below = building.get("levels_below", house.levels_below)
    if below is not None and (not isinstance(below, int) or not 0 <= below <= 20):
        raise BadRequest("building.levels_below: 0 to 20 expected")
    skipped = building.get("skipped_floors")
    if skipped is not None and not isinstance(skipped, str):
        raise BadRequest("building.skipped_floors: a text expected")
    return House(levels, below, house.skipped if skipped is None else floor_numbers(skipped))


def _rule(body: dict[str, Any]) -> Rule:
    """The rule asked for; raises BadRequest with every member of a wrong type."""
    faults: list[Fault] = []
    given = {name: body[name] for name in RULE if body.get(name) is not None}
    for name, value in given.items():
        if name == "units":
            is_right, kind = _all_of(value, str), "a list of texts"
        elif name in _LISTS:
            is_right, kind = _all_of(value, int), "a list of whole numbers"
        elif name in _TEXTS:
            is_right, kind = isinstance(value, str) and len(value) <= 60, "a text up to 60"
        else:
            is_right = isinstance(value, int) and not isinstance(value, bool)
            is_right, kind = is_right and abs(value) <= 10_000, "a whole number"
        if not is_right:
            faults.append(Fault(name, f"{kind} expected"))
    faults += [
        Fault(name, "is needed")
        for name in ("units", "lowest", "highest", "rooms")
        if name not in given
    ]
    if faults:
        detail = "; ".join(f"{fault.field}: {fault.reason}" for fault in faults)
        raise BadRequest(detail, faults=faults)
    return Rule(**given)


def _all_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, kind) and not isinstance(each, bool) for each in value
    )
