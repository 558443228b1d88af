"""Audit lines of spatial questions: who asked about people, and what left the house and why."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from layers.analysis.place import Place
from layers.analysis.question import Question
from layers.core.errors import Fault, Invalid
from layers.core.looks import record_in_each_area
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.values import converted
from layers.people.person import PERSONS

ASKED, TAKEN_OUT = "question", "export"
SHORTEST_REASON, LONGEST_REASON = 4, 500


def record_question(
    connection: Connection, question: Question, place: Place, reader: Reader, returned: int
) -> None:
    """Logs a question that lists rows about persons; nothing for other layers."""
    layer = question.layer
    if layer.is_personal:
        detail = _detail(question, place, {"returned": returned})
        record_in_each_area(connection, reader, layer, ASKED, layer.read, detail)


def record_inhabitants(
    connection: Connection, question: Question, place: Place, reader: Reader, residents: int
) -> None:
    """Logs a question of who lives somewhere."""
    detail = _detail(question, place, {"residents": residents})
    record_in_each_area(connection, reader, PERSONS, ASKED, Right.PEOPLE_READ, detail)


def record_export(
    connection: Connection,
    question: Question,
    place: Place,
    reader: Reader,
    reason: str,
    detail: Mapping[str, Any],
) -> None:
    """Logs that rows leave, why, in which form and how many; to be committed before they do."""
    more = _detail(question, place, detail)
    record_in_each_area(
        connection, reader, question.layer, TAKEN_OUT, Right.DATA_EXPORT, more, reason=reason
    )


def read_reason(given: Any) -> str:
    """Why data is taken out.

    Raises: Invalid for anything but a text of 4 to 500 characters.
    """
    try:
        reason = converted(given, "text") or ""
    except ValueError as error:
        raise Invalid([Fault("reason", str(error))]) from error
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        allowed = f"{SHORTEST_REASON} to {LONGEST_REASON} characters saying what the data is for"
        raise Invalid([Fault("reason", allowed)])
    return str(reason)


def _detail(question: Question, place: Place, figures: Mapping[str, Any]) -> dict[str, Any]:
    """The question as the log keeps it: of a drawing the box is enough."""
    told = question.told()
    if "geometry" in told["subject"]:
        told["subject"] = {"box": [round(edge, 6) for edge in place.ground.bounds]}
    return {"question": told, **figures}
