"""Care: visits recorded, reviews renewed, records ended; and what is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from gisserver.context import current_reader, reader_connection, services
from gisserver.errors import BadRequest
from gisserver.once import done_once, tell_replayed
from gisserver.parameters import (
    LARGEST_VERSION,
    area_prefix,
    integer,
    json_body,
    take_parameters,
    whole_member,
)
from gisserver.tiles.list_answer import list_tile_answer
from layers.core.change import Change, apply_change
from layers.core.errors import Fault, Forbidden, NotFound
from layers.core.features import find_feature
from layers.core.looks import record_list, record_once
from layers.core.rights import Right
from layers.core.tiles import Tile
from layers.people.care import CARE_RECORDS
from layers.people.care_due import (
    MOST_ROWS,
    SERVICE_LISTS,
    WantedCare,
    care_figures,
    care_list,
    care_page,
    care_tile,
)
from layers.people.care_steps import (
    CareState,
    care_state,
    end_record,
    record_visit,
    renew_review,
)
from layers.people.care_view import find_cared_rooms, find_person_care
from layers.people.elderly import ELDERLY_SERVICES

blueprint = Blueprint("care", __name__, url_prefix="/api")

FILTERS = ("area", "care_group", "responsible", "service_kind")
VISIT = ("visited_on", "kind", "found", "next_step", "visited_by")
LONGEST_REASON = 500
_DAYS = ("last_visit", "review_date", "due_on", "requested_on", "done_on")


@blueprint.post("/care/<int:record_id>/visits")
def visit(record_id: int) -> tuple[Response, int]:
    """Record a visit, once for each Idempotency-Key; when the next one is due."""
    take_parameters(request)
    values = json_body(request, VISIT)
    return _step(record_id, "visit", lambda state: record_visit(state, values)), 201


@blueprint.post("/care/<int:record_id>/review")
def review(record_id: int) -> Response:
    """Renew the review: a later day with its reason."""
    take_parameters(request)
    body = json_body(request, ("review_date", "reason", "row_version"))
    day, reason, version = _day(body, "review_date"), _reason(body), _version(body)
    return _step(record_id, "review", lambda state: renew_review(state, day, reason, version))


@blueprint.post("/care/<int:record_id>/end")
def end(record_id: int) -> Response:
    """End a record on a day with its reason."""
    take_parameters(request)
    body = json_body(request, ("valid_to", "reason", "row_version"))
    day, reason, version = _day(body, "valid_to"), _reason(body), _version(body)
    return _step(record_id, "end", lambda state: end_record(state, day, reason, version))


def _step(record_id: int, name: str, change_of: Callable[[CareState], Change]) -> Response:
    """One step in one transaction; the record's days after it."""
    reader = current_reader()
    sent = f"{name} {record_id} {request.get_data(as_text=True)}"
    fingerprint = services().sealer.blind("care", sent)
    if not reader.scope(Right.CARE_WRITE):
        raise Forbidden(f"care records need the right {Right.CARE_WRITE}")
    with reader_connection() as connection:
        find_feature(connection, CARE_RECORDS, reader, record_id)

        def do() -> dict[str, int]:
            change = change_of(care_state(connection, record_id))
            (made,) = apply_change(connection, change, reader, services().tools)
            return {"id": made}

        answer, was_done = done_once(connection, fingerprint, do)
        after = care_state(connection, record_id)
    told: dict[str, Any] = {
        field: str(day) if (day := getattr(after, field)) else None
        for field in ("last_visit", "next_visit", "review_date", "valid_to")
    }
    response = jsonify({**answer, **told, "row_version": after.row_version})
    tell_replayed(response, was_done)
    return response


@blueprint.get("/care/due")
def figures() -> Response:
    """How many are in each list, by care group, kind of service and the areas below; logged."""
    values = take_parameters(request, FILTERS)
    reader = current_reader()
    with reader_connection() as connection:
        found = care_figures(connection, reader, _wanted(values))
        record_list(connection, reader, CARE_RECORDS, values, 0)
    parts = {"groups": found.groups, "kinds": found.kinds, "areas": found.areas}
    told = {name: [each._asdict() for each in counts] for name, counts in parts.items()}
    return jsonify({"total": found.total._asdict(), **told})


@blueprint.get("/care/due/<name>")
def rows(name: str) -> Response:
    """Records or services of a list, the longest waiting first; the look is logged.

    `next` is the `after` of the next page.
    """
    values = take_parameters(request, (*FILTERS, "limit", "after"))
    limit = integer(values, "limit", 50, minimum=1, maximum=MOST_ROWS)
    listed, reader = care_list(name), current_reader()
    layer = ELDERLY_SERVICES if listed in SERVICE_LISTS else CARE_RECORDS
    with reader_connection() as connection:
        page = care_page(connection, listed, reader, _wanted(values), limit, values.get("after"))
        record_list(connection, reader, layer, values | {"list": listed}, len(page.rows))
    items = []
    for row in page.rows:
        item = row._asdict()
        days = {each: str(item[each]) if item[each] else None for each in _DAYS if each in item}
        items.append(item | days)
    return jsonify({"items": items, "next": page.next_after, "total": page.total})


@blueprint.get("/care/due/<name>/tiles/<int:z>/<int:x>/<int:y>")
def tile(name: str, z: int, x: int, y: int) -> Response:
    """The homes of a list as a vector tile; 204 when none lies there. Looks are logged."""
    values = take_parameters(request, FILTERS)
    listed = care_list(name)
    try:
        place = Tile(z, x, y)
    except ValueError as error:
        raise NotFound(str(error)) from error
    reader = current_reader()
    with reader_connection() as connection:
        body = care_tile(connection, listed, reader, _wanted(values), place)
        if body:
            areas, detail = reader.scope(Right.CARE_READ), {"asked": values | {"list": listed}}
            record_once(connection, reader, CARE_RECORDS, "care_map", None, areas, detail)
    return list_tile_answer(body)


@blueprint.get("/persons/<int:person_id>/care")
def person_care(person_id: int) -> Response:
    """A person's care records with their visits, and elderly services; the look is logged."""
    return _looked(lambda connection: find_person_care(connection, current_reader(), person_id))


@blueprint.get("/buildings/<int:building_id>/care")
def building_care(building_id: int) -> Response:
    """Rooms of a building with somebody in care at home; the look is logged."""
    return _looked(
        lambda connection: {
            "rooms": [
                room._asdict()
                for room in find_cared_rooms(connection, current_reader(), building_id)
            ]
        }
    )


def _looked(find: Callable[[Connection], dict[str, Any]]) -> Response:
    take_parameters(request)
    with reader_connection() as connection:
        found = find(connection)
    return jsonify(found)


def _wanted(values: Mapping[str, str]) -> WantedCare:
    care_group, responsible, kind = (values.get(name) or None for name in FILTERS[1:])
    return WantedCare(area_prefix(values), care_group, responsible, kind)


def _day(body: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(str(body.get(name) or ""))
    except ValueError as error:
        reason = "date YYYY-MM-DD expected" if body.get(name) else "required"
        raise BadRequest(f"{name}: {reason}", faults=[Fault(name, reason)]) from error


def _reason(body: Mapping[str, Any]) -> str:
    reason = body.get("reason") or ""
    if not isinstance(reason, str) or len(reason) > LONGEST_REASON:
        told = f"a text of at most {LONGEST_REASON} characters is needed"
        raise BadRequest(f"reason: {told}", faults=[Fault("reason", told)])
    return reason


def _version(body: Mapping[str, Any]) -> int | None:
    return whole_member(body, "row_version", maximum=LARGEST_VERSION)
