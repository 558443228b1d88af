"""Find by person: an exact name, number or phone, and the houses of a person. Always masked."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from gisserver.api.house import member_json
from gisserver.context import counted_connection, current_reader, reader_connection, services
from gisserver.parameters import (
    day,
    integer,
    json_body,
    language_of,
    required,
    take_parameters,
    text_member,
)
from gisserver.xlsx import Sheet, file_answer, workbook_of
from layers.people.by_person import Home, Person, find_houses, search_persons
from layers.people.merging import merged_persons
from layers.people.person import PERSONS
from layers.privacy.subject_copy import subject_copy

blueprint = Blueprint("persons", __name__, url_prefix="/api")

MOST = 50


@blueprint.get("/persons/search")
def search() -> Response:
    """Persons of exactly this name, ID number or phone; every search is in the audit log."""
    values = take_parameters(request, ("q", "limit"))
    query = required(values, "q")[:60]
    limit = integer(values, "limit", 20, minimum=1, maximum=MOST)
    with counted_connection() as connection:
        found = search_persons(connection, current_reader(), query, services().sealer, limit)
    items = [_found(person, [home_json(home) for home in homes]) for person, homes in found.persons]
    return jsonify({"items": items, "more": found.more})


@blueprint.get("/persons/<int:person_id>/houses")
def houses(person_id: int) -> Response:
    """A person with all homes within the reader's areas and the household, now or on a day."""
    on = day(take_parameters(request, ("on",)))
    with reader_connection() as connection:
        merged = merged_persons(connection, person_id)
        person, homes, household = find_houses(connection, current_reader(), person_id, on)
    return jsonify(
        {
            "person": person._asdict(),
            "homes": [home_json(home) for home in homes],
            "household": [member_json(member) for member in household],
            "merged": [each._asdict() for each in merged],
            "editable": current_reader().covers(PERSONS.write, person.area_code),
        }
    )


@blueprint.post("/persons/<int:person_id>/copy")
def copy(person_id: int) -> Response:
    """All that is held about a person as an Excel file, for {reason}; never stored by a cache."""
    take_parameters(request)
    body = json_body(request, ("reason", "language"))
    reason, at = text_member(body, "reason", maximum=500), language_of(body)
    with counted_connection() as connection:
        sheets = subject_copy(
            connection,
            current_reader(),
            person_id,
            reason,
            services().sealer,
            language=at,
        )
    content = workbook_of([Sheet(*each) for each in sheets], wide=True)
    # No name in the file's: it stays in lists of downloads.
    return file_answer(content, f"copy_{person_id}.xlsx")


def _found(person: Person, homes: list[dict[str, Any]]) -> dict[str, Any]:
    shown = ("id", "name", "id_number", "phone", "sex", "age", "register")
    return {name: getattr(person, name) for name in shown} | {"homes": homes}


def home_json(home: Home) -> dict[str, Any]:
    """One home as answered: `from` and `to` are the days of moving in and out."""
    found = home._asdict()
    found["from"], found["to"] = found.pop("start"), found.pop("end")
    return found
