"""Incoming values against the declaration: types, ranges, codes; every fault at once.

Sensitive values come in plain and leave as masked text, sealed bytes and blind index.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from math import isfinite
from typing import Any, TypeGuard

from layers.core.errors import Fault, Invalid
from layers.core.identifiers import (
    credit_code_fault,
    id_number_fault,
    normalise_id_number,
    phone_fault,
)
from layers.core.layer import Layer
from layers.core.model import FieldInfo, FieldKind, field_kind
from layers.core.sealing import Sealer, mask

Codes = Callable[[str], Collection[str]]

CHECKS: dict[str, Callable[[str], str | None]] = {
    "id_number": id_number_fault,
    "credit_code": credit_code_fault,
    "phone": phone_fault,
}

MASK_MARKS = "*＊"

# GA/T 517: resident ID card and its temporary form; other documents have no check digit.
RESIDENT_DOCUMENTS = (None, "111", "112")


def checked_values(
    layer: Layer, given: Mapping[str, Any], codes: Codes, *, partial: bool
) -> dict[str, Any]:
    """The given properties converted to the columns' types.

    `codes` gives the valid codes of a table; `partial` allows required fields to be left out.

    Raises: Invalid with a fault for each unknown, read-only, missing or unacceptable value.
    """
    faults: list[Fault] = []
    clean: dict[str, Any] = {}
    for name, value in given.items():
        info = layer.fields.get(name)
        if info is None:
            faults.append(
                Fault(name, f"unknown field; {layer.name} has: {', '.join(layer.fields)}")
            )
        elif info.read_only and not (name == "area_code" and layer.area_from == "given"):
            faults.append(Fault(name, "read only"))
        elif info.sensitivity and any(mark in str(value) for mark in MASK_MARKS):
            faults.append(Fault(name, "masked text; leave the field out to keep what is stored"))
        else:
            try:
                clean[name] = converted(value, field_kind(layer.column(name)))
                clean[name] = _canonical(info, clean[name])
            except ValueError as error:
                faults.append(Fault(name, str(error)))
                continue
            faults.extend(Fault(name, reason) for reason in _reasons(info, clean[name], codes))
            faults.extend(Fault(name, reason) for reason in _misnumbered(info, clean[name], given))
    faults.extend(_missing(layer, clean, given, partial))
    for rule in layer.rules:
        faults.extend(rule(clean))
    if faults:
        raise Invalid(faults)
    return clean


def _canonical(info: FieldInfo, value: Any) -> Any:
    """Identifiers in the one form that is compared: 18 upper-case characters."""
    if value is None or info.check not in ("id_number", "credit_code"):
        return value
    return normalise_id_number(value) if info.check == "id_number" else value.upper()


def _missing(
    layer: Layer, clean: Mapping[str, Any], given: Mapping[str, Any], partial: bool
) -> Iterator[Fault]:
    for name, info in layer.fields.items():
        needed = info.required or (info.reference and not layer.column(name).nullable)
        absent = clean.get(name) is None if name in given else not partial
        if needed and absent and (name not in given or name in clean):
            yield Fault(name, "required")


def is_storable(value: str) -> bool:
    """Whether PostgreSQL takes the text: no U+0000 and no half of a surrogate pair."""
    return "\x00" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)


def converted(value: Any, kind: FieldKind) -> Any:
    """The value in the column's Python type; empty text is None.

    Raises: ValueError saying what was expected.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return _CONVERTERS[kind](value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"text expected, got {value!r}")
    if not is_storable(value):
        raise ValueError("text with a character that cannot be stored")
    return value.strip()


def _integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    number = _finite(value, "whole number")
    if number != int(number):
        raise ValueError(f"whole number expected, got {value!r}")
    return int(number)


def is_finite_number(value: Any) -> TypeGuard[int | float]:
    """Whether a JSON value is a number that a float can hold: no flag, not infinite, not 10⁴⁰⁰."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return isfinite(value)
    except OverflowError:
        return False


def _number(value: Any) -> float:
    return _finite(value, "number")


def _finite(value: Any, expected: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{expected} expected, got {value!r}")
    try:
        number = float(value)
    except (ValueError, OverflowError):
        raise ValueError(f"{expected} expected, got {value!r}") from None
    if not isfinite(number):
        raise ValueError(f"{expected} expected, got {value!r}")
    return number


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError(f"true or false expected, got {value!r}")


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"date YYYY-MM-DD expected, got {value!r}") from None


def _datetime(value: Any) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise ValueError(f"RFC 3339 time with offset expected, got {value!r}") from None
    if moment.tzinfo is None:
        raise ValueError(f"time needs an offset such as +08:00, got {value!r}")
    return moment


_CONVERTERS: dict[FieldKind, Callable[[Any], Any]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}


def _reasons(info: FieldInfo, value: Any, codes: Codes) -> Iterator[str]:
    if value is None:
        return
    if info.minimum is not None and value < info.minimum:
        yield f"{value} is below {info.minimum:g}"
    if info.maximum is not None and value > info.maximum:
        yield f"{value} is above {info.maximum:g}"
    if info.max_length is not None and len(value) > info.max_length:
        yield f"{len(value)} characters; at most {info.max_length}"
    if info.codes is not None and value not in codes(info.codes):
        yield f"{value!r} is no code of {info.codes}"


def _misnumbered(info: FieldInfo, value: Any, given: Mapping[str, Any]) -> Iterator[str]:
    if value is None or info.check is None:
        return
    if info.check == "id_number" and given.get("document_type") not in RESIDENT_DOCUMENTS:
        return
    reason = CHECKS[info.check](value)
    if reason:
        yield reason


def sealed_values(layer: Layer, values: Mapping[str, Any], sealer: Sealer) -> dict[str, Any]:
    """The values as stored: a sensitive field becomes masked text, cipher and blind index."""
    stored = dict(values)
    for name in layer.sensitive_fields:
        if name in values:
            stored.update(_sealed(layer, name, values[name], sealer))
    return stored


def _sealed(layer: Layer, name: str, value: str | None, sealer: Sealer) -> dict[str, Any]:
    info = layer.fields[name]
    place = f"{layer.name}.{name}"
    columns: dict[str, Any] = {
        name: mask(info.mask or "hidden", value) if value else None,
        f"{name}_cipher": sealer.seal(place, value) if value else None,
    }
    if info.search:
        columns[f"{name}_index"] = sealer.blind(place, value) if value else None
    return columns


def sealed_columns(
    layer: Layer, name: str, column: Sequence[str | None], sealer: Sealer
) -> dict[str, list[Any]]:
    """One sensitive field of many rows as stored: columns of masked text, cipher, blind index."""
    rows = [_sealed(layer, name, value, sealer) for value in column]
    names = _sealed(layer, name, None, sealer)
    return {stored: [row[stored] for row in rows] for stored in names}
