"""What a report says, each member taken or refused."""

from __future__ import annotations

from typing import Any

from layers.core.errors import Fault, Invalid
from layers.core.values import is_storable

PERSON = ("name", "phone")
NEEDED = ("category", "description", "report_source")


def needed_fields(body: dict[str, Any]) -> dict[str, Any]:
    """Fields that must be there, so that their lack is told with the other faults."""
    return {name: body.get(name) for name in NEEDED if body.get(name) is None}


def coordinate(body: dict[str, Any], name: str, most: float) -> float:
    """Degrees of the report's place; raises Invalid when missing or out of range."""
    value = body.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= most:
        return float(value)
    raise Invalid([Fault(name, f"degrees from {-most:g} to {most:g} expected")])


def condition_code(body: dict[str, Any]) -> str | None:
    """The registration condition proposed, None for none; raises Invalid for no text."""
    value = body.get("condition") or None
    if value is not None and (not isinstance(value, str) or not is_storable(value)):
        raise Invalid([Fault("condition", "the code of a registration condition expected")])
    return value


def reporters(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Who told, those of whom nothing is said left out; raises Invalid for anything else."""
    given = body.get("reporters") or []
    if not isinstance(given, list) or not all(isinstance(person, dict) for person in given):
        raise Invalid([Fault("reporters", "a list of objects expected")])
    faults = [
        Fault(f"reporters.{place}.{name}", "unknown field; there are: name, phone")
        for place, person in enumerate(given)
        for name in sorted(set(person) - set(PERSON))
    ]
    if faults:
        raise Invalid(faults)
    return [person for person in given if any(person.values())]


def seen_cases(body: dict[str, Any]) -> frozenset[int]:
    """Ids of the similar cases shown to the reader; raises Invalid for anything else."""
    given = body.get("seen") or []
    if not isinstance(given, list) or not all(
        isinstance(each, int) and not isinstance(each, bool) for each in given
    ):
        raise Invalid([Fault("seen", "a list of ids of incidents expected")])
    return frozenset(given)
