"""Query parameters and bodies: what is unknown, repeated or of the wrong type is a 400."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from flask import Request

from gisserver.errors import BadRequest
from layers.core.errors import Fault
from layers.core.values import is_finite_number, is_storable

LONGEST_AREA_CODE = 15
# Of an id, a PostgreSQL bigint.
Word = TypeVar("Word", bound=str)
Day = TypeVar("Day", bound=date)

LANGUAGES = ("zh", "en")
LARGEST_ID = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 1000, 9998
# Of a row's version, a PostgreSQL integer.
LARGEST_VERSION = 2**31 - 1

Bounds = tuple[float, float, float, float]


def take_parameters(
    request: Request, allowed: Iterable[str] = (), *, joined: Iterable[str] = ()
) -> dict[str, str]:
    """The query parameters by name; those `joined` may be given again, parted by commas then.

    Raises: BadRequest for a name that is not allowed or given twice.
    """
    known, several = frozenset(allowed), frozenset(joined)
    taken: dict[str, str] = {}
    for name, values in request.args.lists():
        if name not in known:
            raise BadRequest(f"unknown query parameter {name!r}", allowed=known)
        if len(values) > 1 and name not in several:
            raise BadRequest(f"query parameter {name!r} is given {len(values)} times")
        text = ",".join(values)
        if not is_storable(text):
            raise BadRequest(f"query parameter {name!r} holds characters that are none")
        taken[name] = text
    return taken


def required(values: Mapping[str, str], name: str) -> str:
    """The text of a parameter; raises BadRequest when missing or blank."""
    if not values.get(name, "").strip():
        raise BadRequest(f"query parameter {name!r} is needed")
    return values[name].strip()


def integer(
    values: Mapping[str, str], name: str, default: int, *, minimum: int, maximum: int
) -> int:
    """A whole number within its range; raises BadRequest."""
    text = values.get(name)
    if text is None:
        return default
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdigit():
        raise BadRequest(f"{name}: whole number expected, not {text[:40]!r}")
    number = int(text) if len(text) <= 19 else maximum + 1
    if not minimum <= number <= maximum:
        raise BadRequest(f"{name}: {minimum} to {maximum} expected, not {text[:40]}")
    return number


def number(
    values: Mapping[str, str], name: str, *, minimum: float = -math.inf, maximum: float = math.inf
) -> float:
    """A finite number within its range; raises BadRequest when missing or wrong."""
    return _number(required(values, name), name, minimum, maximum)


def bbox(values: Mapping[str, str], name: str = "bbox") -> Bounds | None:
    """West, south, east, north in degrees (CRS84), None when not given; raises BadRequest.

    Six numbers are west, south, lowest, east, north, highest; the heights are left out.
    """
    if name not in values:
        return None
    return degrees_box(box_numbers(values, name), name)


def box_numbers(values: Mapping[str, str], name: str = "bbox") -> Bounds:
    """The lower corner and the upper one, whatever their axes; heights of six are left out.

    Raises: BadRequest when they are not four or six numbers.
    """
    parts = values[name].split(",")
    if len(parts) == 6:
        parts = [parts[i] for i in (0, 1, 3, 4)]
    if len(parts) != 4:
        raise BadRequest(f"{name}: four or six numbers expected, the lower corner first")
    first, second, third, fourth = (_number(part, name, -math.inf, math.inf) for part in parts)
    return first, second, third, fourth


def degrees_box(box: Bounds, name: str = "bbox") -> Bounds:
    """The same numbers, when they are a box in degrees; raises BadRequest."""
    west, south, east, north = box
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        expected = "west,south,east,north in degrees expected, with west ≤ east, south ≤ north"
        raise BadRequest(f"{name}: {expected}")
    return box


def area_prefix(values: Mapping[str, str], name: str = "area") -> str:
    """The digits an area code begins with, empty when not given; raises BadRequest."""
    code = values.get(name, "")
    if code and not (code.isascii() and code.isdigit() and len(code) <= LONGEST_AREA_CODE):
        raise BadRequest(f"{name}: up to {LONGEST_AREA_CODE} digits of an area code expected")
    return code


def moment(values: Mapping[str, str], name: str) -> datetime | None:
    """An RFC 3339 date-time (UTC when it names no zone), None when not given."""
    if name not in values:
        return None
    return _moment(values[name], name)


def day(values: Mapping[str, str], name: str = "on") -> date | None:
    """A day, YYYY-MM-DD.

    Raises: BadRequest.
    """
    if name not in values:
        return None
    try:
        return _reckoned(date.fromisoformat(values[name]))
    except ValueError as error:
        raise BadRequest(f"{name}: date YYYY-MM-DD expected, not {values[name][:40]!r}") from error


def choice(value: Any, name: str, allowed: tuple[Word, ...]) -> Word:
    """One of some words.

    Raises: BadRequest naming them.
    """
    for each in allowed:
        if each == value:
            return each
    raise BadRequest(f"{name}: one of {', '.join(allowed)} expected", allowed=allowed)


def chosen(values: Mapping[str, str], name: str, allowed: tuple[Word, ...]) -> Word | None:
    """The same of a parameter that may be left out."""
    return choice(values[name], name, allowed) if values.get(name) else None


def language_of(body: Mapping[str, Any]) -> int:
    """The place in pairs of titles of the language a body asks for: 0 Chinese, 1 English.

    Raises: BadRequest for another language.
    """
    return LANGUAGES.index(choice(body.get("language", LANGUAGES[0]), "language", LANGUAGES))


def interval(
    values: Mapping[str, str], name: str = "datetime"
) -> tuple[datetime | None, datetime | None] | None:
    """An instant or `start/end` with `..` or nothing for open; None when not given."""
    if name not in values:
        return None
    parts = values[name].split("/")
    if len(parts) > 2:
        raise BadRequest(f"{name}: an instant or start/end expected")
    ends = [None if part in {"", ".."} else _moment(part, name) for part in parts]
    start, end = ends[0], ends[-1]
    if (len(parts) == 1 and start is None) or (start and end and start > end):
        raise BadRequest(f"{name}: an instant or start/end with start before end expected")
    return start, end


def json_body(request: Request, allowed: Iterable[str] | None = None) -> dict[str, Any]:
    """The JSON object sent.

    Raises: BadRequest unless the body is JSON, an object, and has only the allowed members.
    """
    if not request.is_json:
        raise BadRequest("a JSON body is expected (Content-Type: application/json)")
    try:
        body = request.get_json(silent=True)
    except RecursionError as error:
        raise BadRequest("the body is nested too deeply") from error
    if not isinstance(body, dict):
        raise BadRequest("the body is not a JSON object")
    unknown = set(body) - set(allowed) if allowed is not None else set()
    if unknown:
        raise BadRequest(f"unknown members: {', '.join(sorted(unknown))}", allowed=allowed or ())
    return body


def text_member(body: Mapping[str, Any], name: str, *, maximum: int = 200) -> str:
    """A text of the body that is not empty; raises BadRequest."""
    value = body.get(name)
    if not isinstance(value, str) or not value or len(value) > maximum:
        raise BadRequest(f"{name}: a text of 1 to {maximum} characters is needed")
    if not is_storable(value):
        raise BadRequest(f"{name}: holds characters that are none (U+0000, half surrogates)")
    return value


def number_member(
    body: Mapping[str, Any], name: str, *, minimum: float = -math.inf, maximum: float = math.inf
) -> float | None:
    """A finite number of the body within its range, None when not given; raises BadRequest."""
    value = body.get(name)
    if value is None:
        return None
    if not is_finite_number(value) or not minimum <= value <= maximum:
        reason = f"{minimum} to {maximum} expected"
        raise BadRequest(f"{name}: {reason}, not {value!r:.40}", faults=[Fault(name, reason)])
    return float(value)


def whole_member(body: Mapping[str, Any], name: str, *, maximum: int = LARGEST_ID) -> int | None:
    """A whole number from 1 of the body, None when not given; raises BadRequest."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= maximum:
        reason = "a whole number from 1 expected"
        raise BadRequest(f"{name}: {reason}, not {value!r:.40}", faults=[Fault(name, reason)])
    return value


def _number(text: str, name: str, minimum: float, maximum: float) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise BadRequest(f"{name}: number expected, not {text[:40]!r}") from error
    if not math.isfinite(value) or not minimum <= value <= maximum:
        raise BadRequest(f"{name}: {minimum} to {maximum} expected, not {text[:40]}")
    return value


def _reckoned(value: Day) -> Day:
    """The same day or moment; ValueError at the ends of the calendar, where a day more is none."""
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(f"a year from {FIRST_YEAR} to {LAST_YEAR} expected")
    return value


def _moment(text: str, name: str) -> datetime:
    try:
        value = _reckoned(datetime.fromisoformat(text))
    except ValueError as error:
        raise BadRequest(f"{name}: RFC 3339 date-time expected, not {text[:40]!r}") from error
    return value if value.tzinfo else value.replace(tzinfo=UTC)
