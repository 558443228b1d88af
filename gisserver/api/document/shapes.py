"""Words for JSON Schema: what rooms describe their bodies and answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}
ANY: Schema = {}
PHOTOS: Schema = {"type": "array", "items": TEXT | {"format": "binary"}}


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
    """The object made of a record; its `start` and `end` are told as `from` and `to`."""
    told = {"start": "from", "end": "to"}
    members = {
        told.get(name, name): _of_type(hint)
        for name, hint in get_type_hints(kind).items()
        if name not in without
    }
    return thing(**members, **more)


def _of_type(hint: Any) -> Schema:
    if get_origin(hint) is Sequence:
        return many(_of_type(get_args(hint)[0]))
    kinds = [kind for kind in get_args(hint) or (hint,) if kind is not NoneType]
    known = {str: TEXT, int: WHOLE, float: NUMBER, bool: FLAG, date: DAY, datetime: MOMENT}
    schema = known[kinds[0]]
    return or_null(schema) if NoneType in get_args(hint) else schema


def ref(name: str) -> Schema:
    """A reference to a schema of this list."""
    return {"$ref": f"#/components/schemas/{name}"}
