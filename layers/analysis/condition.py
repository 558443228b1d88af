"""Attribute conditions of a question: one field, one way to compare, values of the field's type."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from layers.core.errors import Fault, Invalid
from layers.core.layer import Layer
from layers.core.model import FieldInfo, FieldKind, field_kind
from layers.core.values import Codes, converted

Way = Literal["in", "minimum", "maximum", "contains", "begins", "is", "empty"]
WAYS: tuple[Way, ...] = get_args(Way)
MOST_CONDITIONS = 20
MOST_VALUES = 1_000
LONGEST_TEXT = 200

_ORDERED = frozenset({"integer", "number", "date", "datetime"})


@dataclass(frozen=True)
class Condition:
    """What one field must be: `compared` holds a value for each way, all of which must hold."""

    field: str
    compared: Mapping[Way, Any]

    def told(self) -> dict[str, Any]:
        """As it was given, in JSON."""
        return {"field": self.field} | {way: _plain(v) for way, v in self.compared.items()}

    def sql(self, alias: str, prefix: str) -> tuple[str, dict[str, Any]]:
        """The condition (pyformat) on a table's alias, and its values named by `prefix`."""
        column = f'{alias}."{self.field}"'
        parts: list[str] = []
        values: dict[str, Any] = {}
        for way, value in self.compared.items():
            name = f"{prefix}_{way}"
            parts.append(_SQL[way](column, f"%({name})s", value))
            values[name] = _bound(way, value)
        return " AND ".join(parts), values


_SQL: Mapping[Way, Callable[[str, str, Any], str]] = {
    "in": lambda column, mark, _: f"{column} = ANY({mark})",
    "minimum": lambda column, mark, _: f"{column} >= {mark}",
    "maximum": lambda column, mark, _: f"{column} <= {mark}",
    "contains": lambda column, mark, _: f"strpos(core.fold({column}), core.fold({mark})) > 0",
    "begins": lambda column, mark, _: f"starts_with({column}, {mark})",
    "is": lambda column, mark, _: f"{column} = {mark}",
    "empty": lambda column, mark, _: f"(coalesce({column}::text, '') = '') = {mark}",
}


def _bound(way: Way, value: Any) -> Any:
    return list(value) if way == "in" else value


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if hasattr(value, "isoformat") else value


def read_conditions(layer: Layer, given: Any, codes: Codes) -> tuple[Condition, ...]:
    """Conditions on a layer from JSON: `[{"field": "levels", "minimum": 7}, …]`.

    Raises: Invalid with every unknown field, unsuitable way and value of the wrong type.
    """
    if not isinstance(given, list) or len(given) > MOST_CONDITIONS:
        raise Invalid([Fault("conditions", f"a list of at most {MOST_CONDITIONS} expected")])
    faults: list[Fault] = []
    found: list[Condition] = []
    for place, each in enumerate(given):
        try:
            found.append(_condition(layer, each, codes))
        except ValueError as error:
            field = each.get("field") if isinstance(each, dict) else None
            name = f"conditions.{place}" + (f".{field}" if isinstance(field, str) else "")
            faults.append(Fault(name[:80], str(error)))
    if faults:
        raise Invalid(faults)
    return tuple(found)


def _condition(layer: Layer, given: Any, codes: Codes) -> Condition:
    if not isinstance(given, dict):
        raise ValueError("an object such as {field, in} expected")
    name = given.get("field")
    info = layer.fields.get(name) if isinstance(name, str) else None
    if info is None or not isinstance(name, str):
        raise ValueError(f"no property of {layer.name}: {', '.join(layer.fields)}")
    if info.sensitivity:
        raise ValueError("kept sealed and shown masked; it cannot be asked for")
    ways = [way for way in WAYS if way in given]
    unknown = set(given) - {"field", *ways}
    if unknown or not ways:
        raise ValueError(f"one of {', '.join(WAYS)} expected, got {sorted(map(str, unknown))}")
    kind = field_kind(layer.column(name))
    allowed = allowed_ways(info, kind)
    unsuitable = [way for way in ways if way not in allowed]
    if unsuitable:
        raise ValueError(f"{unsuitable[0]!r} does not suit it; allowed: {', '.join(allowed)}")
    compared = {way: _value(way, given[way], kind, info, codes) for way in ways}
    if (
        "minimum" in compared
        and "maximum" in compared
        and compared["minimum"] > compared["maximum"]
    ):
        raise ValueError("the minimum is above the maximum")
    return Condition(name, compared)


def allowed_ways(info: FieldInfo, kind: FieldKind) -> tuple[Way, ...]:
    """How a field may be compared, by its declaration."""
    if info.codes or info.reference:
        return ("in", "empty")
    if kind == "boolean":
        return ("is", "empty")
    if kind in _ORDERED:
        return ("minimum", "maximum", "empty")
    return ("contains", "begins", "empty")


def _value(way: Way, given: Any, kind: FieldKind, info: FieldInfo, codes: Codes) -> Any:
    if way in ("is", "empty"):
        if not isinstance(given, bool):
            raise ValueError(f"{way}: true or false expected, got {given!r}")
        return given
    if way == "in":
        return tuple(_members(given, kind, info, codes))
    value = converted(given, kind)
    if value is None:
        raise ValueError(f"{way}: a value is needed")
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise ValueError(f"{way}: at most {LONGEST_TEXT} characters")
    return value


def _members(given: Any, kind: FieldKind, info: FieldInfo, codes: Codes) -> Iterable[Any]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_VALUES:
        raise ValueError(f"in: a list of 1 to {MOST_VALUES} values expected")
    for each in given:
        value = converted(each, kind)
        if value is None:
            raise ValueError("in: an empty value; ask for empty instead")
        if info.codes and value not in codes(info.codes):
            raise ValueError(f"{value!r} is no code of {info.codes}")
        yield value
