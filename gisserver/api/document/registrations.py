"""Registering people: in dwellings, beside persons alike, and two rows made one."""

from __future__ import annotations

from gisserver.api.document.operation import ONE, READ, WRITE, Operation
from gisserver.api.document.shapes import (
    ANY,
    FLAG,
    TEXT,
    WHOLE,
    Schema,
    by_name,
    many,
    or_null,
    record,
    ref,
    thing,
)
from layers.people.by_person import Person
from layers.people.registration import Registered

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "post",
        "/api/dwellings/{dwelling_id}/residents",
        "registerResident",
        "people",
        "Register a person in a room, new, known or moving over, or hand that in to be decided on",
        body="Registration",
        answer="Registered",
        status=201,
        problems=WRITE,
    ),
    Operation(
        "post",
        "/api/persons/duplicates",
        "duplicates",
        "people",
        "Persons alike within one's areas, and whether another area has the number; logged",
        body="PersonAsked",
        answer="Duplicates",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/persons/{person_id}/alike",
        "alikePersons",
        "people",
        "Persons who may be the same as one that is registered; logged",
        answer="AlikePersons",
        problems=ONE,
    ),
    Operation(
        "post",
        "/api/persons/{person_id}/merge",
        "mergePersons",
        "people",
        "Merge another row of the same person into this one; both histories stay",
        body="Merge",
        answer="Merged",
        problems=WRITE,
    ),
)

_SHOWN = ("id", "name", "id_number", "phone", "sex", "age", "register", "row_version")

SCHEMAS: dict[str, Schema] = {
    "Registration": thing(
        {
            "person": or_null(by_name(ANY)),
            "person_id": or_null(WHOLE),
            "leaves": or_null(thing(id=WHOLE, row_version=WHOLE)),
            "reason": or_null(TEXT),
            "is_another": FLAG,
        },
        residence=by_name(ANY),
    ),
    "Registered": record(Registered),
    "PersonAsked": thing(
        {name: or_null(TEXT) for name in ("name", "id_number", "birth_date", "phone")}
    ),
    "AlikePerson": record(
        Person,
        without=tuple(name for name in Person._fields if name not in _SHOWN),
        homes=many(ref("Home")),
        alike=many(TEXT | {"enum": ["id_number", "name_birth_date", "name_phone"]}),
    ),
    "AlikePersons": thing(items=many(ref("AlikePerson"))),
    "Duplicates": thing(items=many(ref("AlikePerson")), is_held_elsewhere=FLAG),
    "Merge": thing(row_version=WHOLE, merged=WHOLE, merged_version=WHOLE, reason=TEXT),
    "Merged": thing(person_id=WHOLE, merged=WHOLE),
}
