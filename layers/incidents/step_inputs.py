"""What is given with a step: converted, looked up and checked, every fault at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from layers.core.errors import Fault, Invalid
from layers.core.scope import Reader
from layers.core.values import Codes, converted
from layers.incidents.deadline import find_condition
from layers.incidents.flow import Case, Need, Step
from layers.incidents.workflow import LONGEST_TEXT, input_faults, unit_fault

_UNIT = text(
    "SELECT area_code, valid_to <= core.today() AS is_over FROM organisation.unit WHERE id = :id"
)
_STAFF = text(
    "SELECT unit_id, area_code, valid_to <= core.today() AS is_over FROM organisation.staff "
    "WHERE id = :id"
)


@dataclass(frozen=True)
class _Asked:
    connection: Connection
    case: Case
    given: Mapping[str, Any]
    codes: Codes


def read_inputs(
    connection: Connection,
    step: Step,
    case: Case,
    reader: Reader,
    given: Mapping[str, Any],
    codes: Codes,
) -> dict[str, Any]:
    """The inputs by need, in the types of the columns; what is left out is None.

    Raises: Invalid with every fault: unknown, missing or unacceptable.
    """
    asked = _Asked(connection, case, given, codes)
    values: dict[str, Any] = {name: given[name] for name in given}
    faults: list[Fault] = []
    for need in step.needs:
        try:
            values[need.name] = _READERS[need.kind](asked, need, given.get(need.name))
        except Invalid as error:
            faults.extend(error.faults)
        except ValueError as error:
            faults.append(Fault(need.name, str(error)))
    wrong = {fault.field for fault in faults}
    faults += [fault for fault in input_faults(step, values) if fault.field not in wrong]
    if faults:
        raise Invalid(faults)
    return values


def closing_conditions(case_category: str, codes: Codes) -> Iterator[str]:
    """Closing conditions that fit a category: its own and that of the group above it."""
    known = codes("closing_condition")
    return (code for code in (case_category, case_category[:-2]) if code in known)


def _text(asked: _Asked, need: Need, value: Any) -> str | None:
    found: str | None = converted(value, "text")
    if found is not None and len(found) > LONGEST_TEXT:
        raise ValueError(f"{len(found)} characters; at most {LONGEST_TEXT}")
    return found


def _code(asked: _Asked, need: Need, value: Any) -> str | None:
    found = _text(asked, need, value)
    if found is not None and found not in asked.codes(need.codes or ""):
        raise ValueError(f"{found!r} is no code of {need.codes}")
    return found


def _condition(asked: _Asked, need: Need, value: Any) -> str | None:
    found = _text(asked, need, value)
    if found is None:
        return None
    if not find_condition(asked.connection, found).fits(asked.case.category):
        raise ValueError(f"{found!r} is no condition of the category {asked.case.category}")
    return found


def _closing(asked: _Asked, need: Need, value: Any) -> str | None:
    found = _text(asked, need, value)
    fitting = list(closing_conditions(asked.case.category, asked.codes))
    if found is not None and found not in fitting:
        raise ValueError(f"{found!r} is no closing condition here; there are: {fitting}")
    return found


def _days(asked: _Asked, need: Need, value: Any) -> int | None:
    found = _whole(value)
    if found is not None and not (need.minimum or 0) <= found <= (need.maximum or found):
        raise ValueError(f"{need.minimum} to {need.maximum} expected, got {found}")
    return found


def _unit(asked: _Asked, need: Need, value: Any) -> int | None:
    found = _whole(value)
    if found is None:
        return None
    row = asked.connection.execute(_UNIT, {"id": found}).one_or_none()
    if row is None or row.is_over:
        raise ValueError("no such row in units")
    fault = unit_fault(row.area_code, asked.case.area_code)
    if fault is not None:
        raise Invalid([fault])
    return found


def _staff(asked: _Asked, need: Need, value: Any) -> int | None:
    found = _whole(value)
    if found is None:
        return None
    row = asked.connection.execute(_STAFF, {"id": found}).one_or_none()
    if row is None or row.is_over:
        raise ValueError("no such row in staff")
    if row.unit_id != asked.given.get("unit"):
        raise ValueError("the employee is not of the unit")
    if not asked.case.area_code.startswith(row.area_code):
        raise ValueError(
            f"the employee serves {row.area_code}, the case lies in {asked.case.area_code}"
        )
    return found


def _whole(value: Any) -> int | None:
    found: int | None = converted(value, "integer")
    if found is not None and not -(2**31) <= found < 2**63:
        raise ValueError("whole number expected")
    return found


_READERS: Mapping[str, Callable[[_Asked, Need, Any], Any]] = {
    "text": _text,
    "code": _code,
    "condition": _condition,
    "closing": _closing,
    "days": _days,
    "unit": _unit,
    "staff": _staff,
}
