"""Where a page of a list sorted by day and id ends: a token that the next page begins after."""

from datetime import date
from typing import Any

from layers.core.errors import Fault, Invalid

NO_DAY = "infinity"


def position_token(day: date | str, row_id: int) -> str:
    """The token of the last row of a page; rows without a day (`infinity`) come last."""
    return f"{day}~{row_id}"


def read_position(after: str) -> dict[str, Any]:
    """`after_day` and `after_id` of a token, to be bound.

    Raises: Invalid for what is no such token.
    """
    day, _, row_id = after.rpartition("~")
    try:
        key = day if day == NO_DAY else date.fromisoformat(day).isoformat()
        return {"after_day": key, "after_id": int(row_id)}
    except ValueError as error:
        raise Invalid([Fault("after", "no position that a page of this list gave")]) from error
