"""Shapes of what /api takes and gives, as JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import NoneType
from typing import Any, get_args, get_type_hints

from layers.people.by_house import Building, Dwelling, Member, Room
from layers.people.by_person import Home, Person

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}
ANY: Schema = {}


def thing(optional: Mapping[str, Schema] | None = None, /, **members: Schema) -> Schema:
    """An object; `members` are always there, `optional` ones may be missing."""
    return {
        "type": "object",
        "required": list(members),
        "properties": members | dict(optional or {}),
    }


def many(schema: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": schema}


def by_name(schema: Schema) -> Schema:
    """An object whose members all have one shape."""
    return {"type": "object", "additionalProperties": schema}


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def record(kind: type, *, without: tuple[str, ...] = (), **more: Schema) -> Schema:
    """The object made of a NamedTuple; its `start` and `end` are told as `from` and `to`."""
    told = {"start": "from", "end": "to"}
    members = {
        told.get(name, name): _of_type(hint)
        for name, hint in get_type_hints(kind).items()
        if name not in without
    }
    return thing(**members, **more)


def _of_type(hint: Any) -> Schema:
    kinds = [kind for kind in get_args(hint) or (hint,) if kind is not NoneType]
    schema = {str: TEXT, int: WHOLE, float: NUMBER, bool: FLAG, date: DAY}[kinds[0]]
    return or_null(schema) if NoneType in get_args(hint) else schema


def ref(name: str) -> Schema:
    """A reference to a schema of this list."""
    return {"$ref": f"#/components/schemas/{name}"}


SIGN_IN: dict[str, Schema] = {
    "Credentials": thing(login=TEXT, password=TEXT | {"format": "password"}),
    "Me": thing(
        login=TEXT,
        display_name=TEXT,
        roles=many(TEXT),
        rights=many(TEXT),
        areas=many(thing(code=TEXT, name=TEXT, role=TEXT)),
        csrf=TEXT,
        server_time=MOMENT,
    ),
    "Token": thing(
        id=WHOLE, name=TEXT, created_at=MOMENT, expires_at=MOMENT, last_used_at=or_null(MOMENT)
    ),
    "NewToken": thing({"days": WHOLE | {"minimum": 1, "maximum": 366, "default": 90}}, name=TEXT),
    "MadeToken": {"allOf": [ref("Token"), thing(token=TEXT)]},
    "AuditLine": thing(
        id=WHOLE,
        at=MOMENT,
        account_id=or_null(WHOLE),
        login=or_null(TEXT),
        action=TEXT,
        layer=or_null(TEXT),
        feature_id=or_null(WHOLE),
        area_code=TEXT,
        reason=or_null(TEXT),
        detail=ANY,
    ),
    "AuditPage": thing(items=many(ref("AuditLine")), next=or_null(WHOLE)),
    "AuditCheck": thing(broken=FLAG, ids=many(WHOLE)),
}

CITY: dict[str, Schema] = {
    "Codes": by_name(many(thing({"parent": or_null(TEXT)}, code=TEXT, zh=TEXT, en=or_null(TEXT)))),
    "Summary": thing(
        extent=or_null(many(NUMBER)),
        counts=by_name(WHOLE),
        area=or_null(thing(code=TEXT, name=TEXT)),
    ),
    "SearchResult": thing(
        groups=many(
            thing(
                layer=TEXT,
                items=many(
                    thing(
                        id=WHOLE,
                        title=TEXT,
                        subtitle=or_null(TEXT),
                        lon=or_null(NUMBER),
                        lat=or_null(NUMBER),
                    )
                ),
            )
        )
    ),
    "Location": thing(
        area_code=TEXT,
        areas=many(thing(code=TEXT, name=TEXT, level=TEXT)),
        grid=or_null(thing(code=TEXT, name=TEXT)),
        address=or_null(TEXT),
        staff=many(thing(name=TEXT, post=TEXT)),
    ),
}

_HIDDEN_ON_SEARCH = (
    "former_name",
    "document_type",
    "left_behind",
    "registered_area",
    "registered_address",
    "nationality",
    "area_code",
    "row_version",
)

PEOPLE: dict[str, Schema] = {
    "Home": record(Home),
    "Member": record(Member),
    "FoundPerson": record(Person, without=_HIDDEN_ON_SEARCH, homes=many(ref("Home"))),
    "FoundPersons": thing(items=many(ref("FoundPerson")), more=FLAG),
    "House": thing(
        building=record(Building, without=("area_code",)),
        units=many(TEXT),
        floors=many(WHOLE),
        rooms=many(record(Room, column=WHOLE)),
        counts=thing(rooms=WHOLE, households=WHOLE, residents=WHOLE),
        people_visible=FLAG,
    ),
    "Residents": thing(
        dwelling=record(Dwelling),
        households=many(thing(household=or_null(TEXT), members=many(ref("Member")))),
    ),
    "Houses": thing(person=record(Person), homes=many(ref("Home")), household=many(ref("Member"))),
    "RevealRequest": thing(
        layer=TEXT, id=WHOLE, field=TEXT, reason=TEXT | {"minLength": 4, "maxLength": 500}
    ),
    "Revealed": thing(value=or_null(TEXT)),
}

_GEOMETRY = {"type": "object", "description": "GeoJSON geometry in CRS84 (RFC 7946)"}

FEATURES: dict[str, Schema] = {
    "Feature": thing(
        {"editable": FLAG},
        type={"const": "Feature"},
        id=WHOLE,
        geometry=or_null(_GEOMETRY),
        properties=by_name(ANY),
    ),
    "NewFeature": thing(
        {"geometry": or_null(_GEOMETRY), "reason": TEXT},
        type={"const": "Feature"},
        properties=by_name(ANY),
    ),
    "FeatureChange": thing(
        {
            "type": {"const": "Feature"},
            "geometry": or_null(_GEOMETRY),
            "properties": by_name(ANY),
            "row_version": WHOLE,
            "reason": TEXT,
        }
    ),
    "FeatureCollection": thing(
        {"numberMatched": WHOLE},
        type={"const": "FeatureCollection"},
        numberReturned=WHOLE,
        next=or_null(TEXT),
        features=many(ref("Feature")),
    ),
    "HistoryEntry": thing(
        id=WHOLE,
        at=MOMENT,
        actor=or_null(TEXT),
        action=TEXT,
        reason=or_null(TEXT),
        row_version=or_null(WHOLE),
        differences=many(thing(field=TEXT, before=ANY, after=ANY)),
    ),
}

SCHEMAS: dict[str, Schema] = {
    "Any": ANY,
    "Problem": thing(
        {
            "faults": many(thing(field=TEXT, reason=TEXT)),
            "allowed": many(TEXT),
            "asked": WHOLE,
            "current": WHOLE,
        },
        type=TEXT,
        title=TEXT,
        status=WHOLE,
        detail=TEXT,
    ),
    **SIGN_IN,
    **CITY,
    **PEOPLE,
    **FEATURES,
}
