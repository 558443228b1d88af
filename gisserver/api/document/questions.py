"""Spatial questions."""

from __future__ import annotations

from gisserver.api.document.operation import (
    GEOJSON,
    LIMIT,
    ONE,
    READ,
    WRITE,
    Operation,
    Parameter,
)
from gisserver.api.document.shapes import (
    ANY,
    FLAG,
    MOMENT,
    NUMBER,
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
from layers.analysis.condition import WAYS
from layers.analysis.place import RELATIONS
from layers.analysis.question import PARTS
from layers.analysis.record import LONGEST_REASON, SHORTEST_REASON
from layers.people.figures import AgeBand

_SAVED = "/api/questions/{saved_id}"
_PAGING = (
    LIMIT,
    Parameter("after", description="`next` of the page before"),
    Parameter("sort", description="A field, id, or distance (near only)"),
    Parameter("descending", "boolean", "From the largest"),
    Parameter("group", description="A coded or yes-no field, or birth_date, to count by"),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "post",
        "/api/questions/answer",
        "answer",
        "questions",
        "Rows within, near or along a place, with exact counts",
        body="QuestionAsked",
        answer="Answer",
        media_type=GEOJSON,
        problems=ONE,
    ),
    Operation(
        "post",
        "/api/questions/shapes",
        "answerShapes",
        "questions",
        "Where all rows of an answer lie, at most 5,000",
        body="QuestionOnly",
        answer="AnswerShapes",
        media_type=GEOJSON,
        problems=ONE,
    ),
    Operation(
        "post",
        "/api/questions/place",
        "questionPlace",
        "questions",
        "The ground a question is about, before it is asked",
        body="PlaceAsked",
        answer="PlaceShown",
        problems=ONE,
    ),
    Operation(
        "post",
        "/api/questions/people",
        "answerPeople",
        "questions",
        "Who lives in the buildings a question finds; written to the audit log",
        body="QuestionOnly",
        answer="Inhabitants",
        problems=ONE,
    ),
    Operation(
        "get",
        "/api/questions",
        "savedQuestions",
        "questions",
        "Questions kept, one's own and shared ones",
        answer="SavedQuestion[]",
    ),
    Operation(
        "post",
        "/api/questions",
        "saveQuestion",
        "questions",
        "Keep a question under a name",
        body="NewSavedQuestion",
        answer="SavedQuestion",
        status=201,
        problems=ONE,
    ),
    Operation(
        "get",
        _SAVED,
        "savedQuestion",
        "questions",
        "One question kept",
        answer="SavedQuestion",
        problems=ONE,
    ),
    Operation(
        "delete",
        _SAVED,
        "deleteSavedQuestion",
        "questions",
        "Forget a question kept",
        status=204,
        problems=WRITE,
    ),
    Operation(
        "get",
        f"{_SAVED}/answer",
        "answerSavedQuestion",
        "questions",
        "Today's answer to a question kept",
        parameters=_PAGING,
        answer="Answer",
        media_type=GEOJSON,
        problems=(*READ, 404),
    ),
    Operation(
        "post",
        "/api/exports",
        "exportAnswer",
        "questions",
        "All rows of an answer as a file; the right, the reason and the rows are logged first",
        body="ExportRequest",
        answer="Any",
        media_type="application/octet-stream",
        problems=ONE,
    ),
    Operation(
        "post",
        "/api/exports/map",
        "shareAnswer",
        "questions",
        "An answer as one page of a map that opens without a network",
        body="ShareRequest",
        answer="Any",
        media_type="text/html",
        problems=ONE,
    ),
)

_GEOMETRY = {"type": "object", "description": "GeoJSON geometry in CRS84 (RFC 7946)"}
_WAY: dict[str, Schema] = {
    "in": many(ANY),
    "minimum": ANY,
    "maximum": ANY,
    "contains": TEXT,
    "begins": TEXT,
    "is": FLAG,
    "empty": FLAG,
}

_REASON = TEXT | {"minLength": SHORTEST_REASON, "maxLength": LONGEST_REASON}
_LANGUAGE = {"language": TEXT | {"enum": ["zh", "en"]}}
_TITLE = {"title": TEXT | {"maxLength": 120}}

SCHEMAS: dict[str, Schema] = {
    "ExportRequest": thing(
        _LANGUAGE,
        question=ref("Question"),
        format=TEXT | {"enum": ["gpkg", "geojson", "xlsx", "csv"]},
        reason=_REASON,
    ),
    "ShareRequest": thing(
        _LANGUAGE | {"title": TEXT | {"maxLength": 120}},
        question=ref("Question"),
        kind=TEXT | {"enum": ["2d", "3d"]},
        reason=_REASON,
    ),
    "Condition": thing({way: _WAY[way] for way in WAYS}, field=TEXT),
    "Subject": {
        "description": "A drawing, a circle (radius in metres) or features of a layer",
        "oneOf": [
            thing(geometry=_GEOMETRY),
            thing(center=many(NUMBER), radius=NUMBER),
            thing(layer=TEXT, ids=many(WHOLE)),
        ],
    },
    "Question": thing(
        {
            "part": TEXT | {"enum": list(PARTS)},
            "metres": NUMBER | {"description": "Distance of near, full width of along"},
            "conditions": many(ref("Condition")),
            "building_conditions": many(ref("Condition")),
        },
        layer=TEXT,
        relation=TEXT | {"enum": list(RELATIONS)},
        subject=ref("Subject"),
    ),
    "QuestionOnly": thing(question=ref("Question")),
    "QuestionAsked": thing(
        {"limit": WHOLE, "after": TEXT, "sort": TEXT, "descending": FLAG, "group": TEXT},
        question=ref("Question"),
    ),
    "Answer": thing(
        {
            "numberMatched": WHOLE,
            "outline": _GEOMETRY,
            "groups": many(thing(code=or_null(TEXT), count=WHOLE, condition=ref("Condition"))),
        },
        type={"const": "FeatureCollection"},
        numberReturned=WHOLE,
        next=or_null(TEXT),
        features=many(ref("Feature")),
    ),
    "PlaceAsked": thing(
        {"metres": NUMBER}, relation=TEXT | {"enum": list(RELATIONS)}, subject=ref("Subject")
    ),
    "PlaceShown": thing(outline=_GEOMETRY),
    "AnswerShapes": thing(
        type={"const": "FeatureCollection"}, complete=FLAG, features=many(ref("Feature"))
    ),
    "Inhabitants": thing(
        buildings=WHOLE,
        residents=WHOLE,
        households=WHOLE,
        sexes=by_name(WHOLE),
        registers=by_name(WHOLE),
        ages=many(record(AgeBand)),
    ),
    "SavedQuestion": thing(
        id=WHOLE,
        name=TEXT,
        owner=TEXT,
        shared_area=or_null(TEXT),
        question=ref("Question"),
        created_at=MOMENT,
        mine=FLAG,
    ),
    "NewSavedQuestion": thing({"shared_area": or_null(TEXT)}, name=TEXT, question=ref("Question")),
}
