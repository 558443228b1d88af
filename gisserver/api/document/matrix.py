"""The building matrix edited."""

from __future__ import annotations

from gisserver.api.document.operation import WRITE, Operation
from gisserver.api.document.shapes import (
    ANY,
    FLAG,
    TEXT,
    WHOLE,
    Schema,
    by_name,
    many,
    or_null,
    ref,
    thing,
)
from layers.housing.matrix_edit import STEPS

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "post",
        "/api/buildings/{building_id}/matrix",
        "saveMatrix",
        "buildings",
        "Merge, split, renumber, set, add and retire rooms, all steps or none",
        answer="SavedMatrix",
        body="MatrixSteps",
        problems=WRITE,
    ),
    Operation(
        "post",
        "/api/buildings/{building_id}/matrix/preview",
        "previewMatrix",
        "buildings",
        "Rooms by rule (units × floors × rooms), and which are there already",
        answer="MatrixPreview",
        body="MatrixRule",
        problems=WRITE,
    ),
)

_FLOORS: Schema = thing(
    {"levels": or_null(WHOLE), "levels_below": or_null(WHOLE), "skipped_floors": or_null(TEXT)}
)

SCHEMAS: dict[str, Schema] = {
    "MatrixStep": {
        "type": "object",
        "required": ["do"],
        "properties": {
            "do": TEXT | {"enum": list(STEPS)},
            "rooms": many(ANY),
            "into": WHOLE,
            "room": WHOLE,
            "number": TEXT,
            "pieces": many(thing(id=WHOLE, number=TEXT)),
            "values": by_name(ANY),
        },
    },
    "MatrixSteps": thing(
        {"building": _FLOORS, "reason": or_null(TEXT)},
        row_version=WHOLE,
        steps=many(ref("MatrixStep")),
    ),
    "SavedMatrix": thing(ids=by_name(WHOLE), row_version=WHOLE),
    "MatrixRule": thing(
        {
            "pattern": TEXT,
            "skipped": many(WHOLE),
            "mezzanines": many(WHOLE),
            "shops": WHOLE,
            "shop_rooms": or_null(WHOLE),
            "usage": or_null(TEXT),
            "beds": or_null(WHOLE),
            "building": _FLOORS,
        },
        units=many(TEXT),
        lowest=WHOLE,
        highest=WHOLE,
        rooms=WHOLE,
    ),
    "MatrixPreview": thing(
        rooms=many(
            thing(
                unit=TEXT,
                floor=WHOLE,
                is_mezzanine=FLAG,
                number=TEXT,
                usage=or_null(TEXT),
                beds=or_null(WHOLE),
                id=or_null(WHOLE),
            )
        ),
        new=WHOLE,
        kept=WHOLE,
        there=WHOLE,
    ),
}
