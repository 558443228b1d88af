"""What an expression of a filter yields: its kind, its SQL and, when it is given, its value."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Date, DateTime, Text, literal

from layers.core.filtering.faults import refused
from layers.core.values import LARGEST_OFFSET

Kind = Literal["text", "number", "boolean", "date", "datetime", "geometry"]
WORDS: dict[Kind, str] = {
    "text": "text",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date",
    "datetime": "a time",
    "geometry": "a geometry",
}


@dataclass(frozen=True)
class Value:
    """`given` is the value of a literal, None for what comes from the row; `told` names it."""

    kind: Kind
    sql: ColumnElement[Any]
    told: str
    given: Any = None

    @property
    def is_temporal(self) -> bool:
        """Whether it is a day or a moment."""
        return self.kind in ("date", "datetime")


def given_text(text: str) -> Value:
    """A text literal.

    Raises: Invalid for characters that the database cannot hold.
    """
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise refused("text with a character that cannot be stored")
    return Value("text", literal(text, Text), repr(text), text)


def given_number(number: int | float) -> Value:
    """A number literal; whole ones as integers, so that an index on integers answers.

    Raises: Invalid for what is infinite or beyond 10³⁰⁰.
    """
    if not abs(number) < 1e300:
        raise refused("a number is out of range")
    value = int(number) if float(number).is_integer() and abs(number) < 2**53 else number
    return Value("number", literal(value), f"{value}", value)


def given_boolean(value: bool) -> Value:
    """A literal true or false."""
    return Value("boolean", literal(value), str(value).lower(), value)


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def given_day(text: Any) -> Value:
    """The literal DATE('…').

    Raises: Invalid for what is no day.
    """
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except (TypeError, ValueError):
        day = None
    if day is None:
        raise refused(f"DATE: a day YYYY-MM-DD expected, not {text!r:.40}")
    return day_value(day)


def given_moment(text: Any) -> Value:
    """The literal TIMESTAMP('…').

    Raises: Invalid for what is no moment or names no offset.
    """
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise refused(f"TIMESTAMP: an RFC 3339 time expected, not {text!r:.40}") from None
    offset = moment.utcoffset()
    if offset is None:
        raise refused(f"TIMESTAMP: an offset such as Z or +08:00 is missing in {text!r:.40}")
    if abs(offset) > LARGEST_OFFSET:
        raise refused(f"TIMESTAMP: an offset of at most 15 hours expected, not {text!r:.40}")
    return moment_value(moment)


def day_value(day: date) -> Value:
    """A given day."""
    return Value("date", literal(day, Date), day.isoformat(), day)


def moment_value(moment: datetime) -> Value:
    """A given moment."""
    return Value("datetime", literal(moment, DateTime(timezone=True)), moment.isoformat(), moment)
