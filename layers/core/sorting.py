"""Sorted pages that continue exactly: by the values of the last row, not by counting rows.

Rows without a value come last, in either direction; equal ones follow by id.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from layers.core.errors import Fault, Invalid
from layers.core.layer import Layer
from layers.core.model import FieldKind, field_kind
from layers.core.values import converted, is_storable

MAX_KEYS = 5
MAX_TOKEN_CHARACTERS = 20_000
LAST_ID = 2**63 - 1


@dataclass(frozen=True)
class SortKey:
    """A field to sort by, or `id`."""

    name: str
    descending: bool = False


@dataclass(frozen=True)
class Place:
    """Where a sorted page ended: the values of its last row in order of the keys, and its id."""

    values: tuple[Any, ...]
    feature_id: int


def sort_columns(layer: Layer, keys: Sequence[SortKey]) -> list[ColumnElement[Any]]:
    """The columns of the keys."""
    return [_column(layer, key) for key in keys]


def sort_order(layer: Layer, keys: Sequence[SortKey]) -> list[ColumnElement[Any]]:
    """What to order by."""
    order = []
    for key, column in zip(keys, sort_columns(layer, keys), strict=True):
        order.append((column.desc() if key.descending else column.asc()).nulls_last())
    return [*order, layer.table.c.id.asc()]


def beyond(layer: Layer, keys: Sequence[SortKey], place: Place) -> ColumnElement[bool]:
    """The condition of all rows that come after a place."""
    alternatives: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for key, column, value in zip(keys, sort_columns(layer, keys), place.values, strict=True):
        if value is None:
            equal.append(column.is_(None))
            continue
        further = column < value if key.descending else column > value
        alternatives.append(and_(*equal, or_(further, column.is_(None))))
        equal.append(column == value)
    return or_(*alternatives, and_(*equal, layer.table.c.id > place.feature_id))


def write_place(place: Place) -> str:
    """The place as one word for addresses."""
    plain = [
        value.isoformat() if isinstance(value, date | datetime) else value for value in place.values
    ]
    content = json.dumps([*plain, place.feature_id], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def read_place(layer: Layer, keys: Sequence[SortKey], word: str) -> Place:
    """The place that `write_place` made of a page sorted by the same keys.

    Raises: Invalid for any other word.
    """
    try:
        if len(word) > MAX_TOKEN_CHARACTERS:
            raise ValueError
        padded = word + "=" * (-len(word) % 4)
        *values, feature_id = json.loads(base64.b64decode(padded, "-_", validate=True))
        if len(values) != len(keys) or type(feature_id) is not int:
            raise ValueError
        if not 0 <= feature_id <= LAST_ID:
            raise ValueError
        kinds = [field_kind(column) for column in sort_columns(layer, keys)]  # type: ignore[arg-type]
        made = tuple(_read_value(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        reason = "not the continuation of a page sorted like this; begin again without it"
        raise Invalid([Fault("after", reason)]) from None
    return Place(made, feature_id)


def _read_value(value: Any, kind: FieldKind) -> Any:
    """What a column holds, text with the blanks at its ends, which a value of a form has not."""
    if kind != "text" or value is None:
        return converted(value, kind)
    if not isinstance(value, str) or not is_storable(value):
        raise ValueError
    return value


def _column(layer: Layer, key: SortKey) -> ColumnElement[Any]:
    column: ColumnElement[Any] = layer.table.c.id if key.name == "id" else layer.column(key.name)
    return column
