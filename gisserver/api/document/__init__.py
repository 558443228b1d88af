"""Every route under /api as the OpenAPI document tells it: one file a room, in this order."""

from __future__ import annotations

from gisserver.api.document import (
    addresses,
    buildings,
    care,
    cases,
    city,
    evaluation,
    features,
    heat,
    inspections,
    matrix,
    patrol,
    people,
    privacy,
    proposals,
    questions,
    registrations,
    reports,
    session,
    statistics,
    territory,
)
from gisserver.api.document.operation import Operation
from gisserver.api.document.shapes import ANY, MOMENT, TEXT, WHOLE, Schema, many, thing

_ROOMS = (
    session,
    city,
    buildings,
    inspections,
    matrix,
    care,
    addresses,
    people,
    registrations,
    proposals,
    privacy,
    patrol,
    features,
    evaluation,
    statistics,
    cases,
    reports,
    questions,
    heat,
    territory,
)

OPERATIONS: tuple[Operation, ...] = tuple(each for room in _ROOMS for each in room.OPERATIONS)

SCHEMAS: dict[str, Schema] = {
    "Any": ANY,
    "Problem": thing(
        {
            "faults": many(thing(field=TEXT, reason=TEXT)),
            "allowed": many(TEXT),
            "asked": WHOLE,
            "current": WHOLE,
            "kind": TEXT,
            "period": TEXT,
            "quota": WHOLE,
            "frees_at": MOMENT,
        },
        type=TEXT,
        title=TEXT,
        status=WHOLE,
        detail=TEXT,
    ),
    **{name: schema for room in _ROOMS for name, schema in room.SCHEMAS.items()},
}
