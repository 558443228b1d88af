"""Registering people in dwellings, persons alike before that, and merging those entered twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gisserver.api.persons import home_json
from gisserver.context import current_reader, reader_connection, services
from gisserver.errors import BadRequest
from gisserver.once import done_once, tell_replayed
from gisserver.parameters import (
    LARGEST_VERSION,
    json_body,
    take_parameters,
    text_member,
    whole_member,
)
from layers.core.errors import Fault, Invalid
from layers.core.values import converted
from layers.people.duplicates import Alike, Duplicates, find_alike, find_duplicates
from layers.people.merging import LONGEST_REASON, Seen, merge
from layers.people.registration import Leaving, Registration, register

blueprint = Blueprint("registrations", __name__, url_prefix="/api")

REGISTRATION = ("person", "person_id", "residence", "leaves", "reason", "is_another")
ALIKE = ("name", "id_number", "birth_date", "phone")


@blueprint.post("/dwellings/<int:dwelling_id>/residents")
def register_resident(dwelling_id: int) -> tuple[Response, int]:
    """Register a person in a dwelling, or hand that in; once for each Idempotency-Key."""
    take_parameters(request)
    asked = _registration(dwelling_id, json_body(request, REGISTRATION))
    reader = current_reader()
    # Keyed: a plain hash of what holds an ID number could be guessed.
    sent = f"{dwelling_id} {request.get_data(as_text=True)}"
    fingerprint = services().sealer.blind("registration", sent)
    with reader_connection() as connection:
        answer, was_done = done_once(
            connection,
            fingerprint,
            lambda: register(
                connection, asked, reader, services().tools, duplicates_json
            )._asdict(),
        )
    response = jsonify(answer)
    tell_replayed(response, was_done)
    return response, 201


@blueprint.post("/persons/duplicates")
def duplicates() -> Response:
    """Persons alike within the reader's areas; of others only that there is one."""
    take_parameters(request)
    body = json_body(request, ALIKE)
    values = {name: _value(body, name) for name in ALIKE}
    with reader_connection() as connection:
        found = find_duplicates(connection, current_reader(), values, services().sealer)
    return jsonify(duplicates_json(found))


@blueprint.get("/persons/<int:person_id>/alike")
def alike(person_id: int) -> Response:
    """Persons who may be the same as this one, to be merged."""
    take_parameters(request)
    with reader_connection() as connection:
        found = find_alike(connection, current_reader(), person_id)
    return jsonify({"items": [_alike(each) for each in found]})


@blueprint.post("/persons/<int:person_id>/merge")
def merge_person(person_id: int) -> Response:
    """Merge another row of the same person into this one, with the reason."""
    take_parameters(request)
    body = json_body(request, ("row_version", "merged", "merged_version", "reason"))
    reason = text_member(body, "reason", maximum=LONGEST_REASON) if body.get("reason") else None
    survivor = Seen(person_id, _needed(body, "row_version", LARGEST_VERSION))
    merged = Seen(_needed(body, "merged"), _needed(body, "merged_version", LARGEST_VERSION))
    with reader_connection() as connection:
        merge(connection, current_reader(), survivor, merged, reason)
    return jsonify({"person_id": person_id, "merged": merged.id})


def duplicates_json(found: Duplicates) -> dict[str, Any]:
    """Persons alike as answered, masked."""
    items = [_alike(each) for each in found.persons]
    return {"items": items, "is_held_elsewhere": found.is_held_elsewhere}


def _alike(each: Alike) -> dict[str, Any]:
    shown = ("id", "name", "id_number", "phone", "sex", "age", "register", "row_version")
    homes = [home_json(home) for home in each.homes]
    return {name: getattr(each.person, name) for name in shown} | {
        "homes": homes,
        "alike": list(each.alike),
    }


def _registration(dwelling_id: int, body: Mapping[str, Any]) -> Registration:
    is_another = body.get("is_another", False)
    if not isinstance(is_another, bool):
        raise BadRequest("is_another: true or false expected")
    leaves = _object(body, "leaves")
    if leaves is not None and set(leaves) != {"id", "row_version"}:
        raise BadRequest("leaves: id and row_version of the residence that ends are expected")
    residence = _object(body, "residence")
    if residence is None:
        raise BadRequest("residence: an object is expected")
    return Registration(
        dwelling_id=dwelling_id,
        residence=residence,
        person=_object(body, "person"),
        person_id=whole_member(body, "person_id"),
        leaves=leaves
        and Leaving(_needed(leaves, "id"), _needed(leaves, "row_version", LARGEST_VERSION)),
        reason=text_member(body, "reason", maximum=LONGEST_REASON) if body.get("reason") else None,
        is_another=is_another,
    )


def _object(body: Mapping[str, Any], name: str) -> Any:
    given = body.get(name)
    if given is not None and not isinstance(given, dict):
        raise BadRequest(f"{name}: an object is expected")
    return given


def _needed(body: Mapping[str, Any], name: str, *maximum: int) -> int:
    value = whole_member(body, name, maximum=maximum[0]) if maximum else whole_member(body, name)
    if value is None:
        raise BadRequest(f"{name}: a whole number from 1 is needed")
    return value


def _value(body: Mapping[str, Any], name: str) -> Any:
    try:
        return converted(body.get(name), "date" if name == "birth_date" else "text")
    except ValueError as error:
        raise Invalid([Fault(name, str(error))]) from error
