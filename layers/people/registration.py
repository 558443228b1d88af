"""Registering somebody in a dwelling: a person who is new or known, moving in or moving over.

One transaction writes the person and the residence and ends the home that is left, or hands all of
it in as one proposal for those who may not write.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from layers.core.calendar import CHINA
from layers.core.change import Change, Edit, Tools, apply_change
from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.features import find_feature
from layers.core.layer import Layer
from layers.core.scope import Reader
from layers.core.values import checked_values
from layers.housing.dwelling import DWELLINGS
from layers.people.duplicates import Duplicated, Duplicates, find_duplicates
from layers.people.person import PERSONS
from layers.people.proposal import Draft
from layers.people.residence import RESIDENCES
from layers.people.review import propose

SHORTEST_REASON = 2


@dataclass(frozen=True)
class Leaving:
    """The open residence that ends on the day the new one begins, at the version seen."""

    id: int
    row_version: int


@dataclass(frozen=True)
class Registration:
    """What is asked for: a new `person` or the one of `person_id`, and how the person lives here.

    `is_another` says that the person is none of those alike; the reason then says why.
    """

    dwelling_id: int
    residence: Mapping[str, Any]
    person: Mapping[str, Any] | None = None
    person_id: int | None = None
    leaves: Leaving | None = None
    reason: str | None = None
    is_another: bool = False


class Registered(NamedTuple):
    """The rows written, or the proposal that holds them until somebody decides."""

    person_id: int | None
    residence_id: int | None
    proposal_id: int | None


class _Home(NamedTuple):
    id: int
    person_id: int
    dwelling_id: int
    is_home: bool
    valid_to: date | None


_OPEN = text(
    "SELECT id, person_id, dwelling_id, is_home, valid_to FROM people.residence "
    "WHERE valid_to IS NULL AND (person_id = :person OR id = :leaves)"
)
_HOUSEHOLDS = text(
    "SELECT DISTINCT household FROM people.residence "
    "WHERE dwelling_id = :dwelling AND valid_to IS NULL AND household IS NOT NULL"
)


def register(
    connection: Connection,
    asked: Registration,
    reader: Reader,
    tools: Tools,
    tell: Callable[[Duplicates], Mapping[str, Any]],
) -> Registered:
    """Registers the person, or hands it in where the reader may only propose.

    The connection must be in a `reader_transaction`, which must roll back when this raises. `tell`
    makes JSON of persons alike.

    Raises: Invalid with all faults, of fields `person.…`, `residence.…` or others of the asked;
    Duplicated when somebody alike is registered; NotFound for a dwelling the reader does not see;
    Forbidden; Stale when the home that is left has changed; Conflict.
    """
    area = find_feature(connection, DWELLINGS, reader, asked.dwelling_id).area_code
    propose_right = PERSONS.propose
    assert propose_right is not None
    writes = reader.covers(PERSONS.write, area)
    if not writes and not reader.covers(propose_right, area):
        raise Forbidden(f"registering there needs the right {propose_right}")
    residence = _residence(connection, asked)
    _check(connection, asked, residence, tools)
    if asked.person is not None:
        _ask_about_alike(connection, asked, reader, tools, tell)
    first, *others = _edits(asked, residence, area)
    try:
        if writes:
            ids = apply_change(connection, Change([first, *others], asked.reason), reader, tools)
            person = ids[0] if asked.person is not None else asked.person_id
            return Registered(person, ids[1] if asked.person is not None else ids[0], None)
        draft = Draft(first.layer, "create", values=first.values, reason=asked.reason, also=others)
        return Registered(None, None, propose(connection, draft, reader, tools))
    except Invalid as error:
        raise Invalid([_placed(fault, asked) for fault in error.faults]) from error


def _residence(connection: Connection, asked: Registration) -> dict[str, Any]:
    """The residence as asked, beginning today in the one household there is, unless it says so."""
    given = {name: value for name, value in asked.residence.items() if value not in (None, "")}
    given.setdefault("valid_from", datetime.now(CHINA).date().isoformat())
    if "household" not in given:
        found = connection.execute(_HOUSEHOLDS, {"dwelling": asked.dwelling_id}).scalars().all()
        if len(found) < 2:
            given["household"] = found[0] if found else f"H{asked.dwelling_id:09d}"
    return given | {"dwelling_id": asked.dwelling_id}


def _edits(asked: Registration, residence: Mapping[str, Any], area: str) -> list[Edit]:
    edits = []
    if asked.person is not None:
        edits.append(Edit(PERSONS, "create", values={**asked.person, "area_code": area}))
        edits.append(Edit(RESIDENCES, "create", values=residence, refers={"person_id": 0}))
    else:
        known = {**residence, "person_id": asked.person_id}
        edits.append(Edit(RESIDENCES, "create", values=known))
    if asked.leaves is not None:
        ends = {"valid_to": residence["valid_from"], "leaving_reason": "moved_within"}
        edits.append(
            Edit(
                RESIDENCES,
                "update",
                asked.leaves.id,
                ends,
                row_version=asked.leaves.row_version,
            )
        )
    return edits


def _check(
    connection: Connection, asked: Registration, residence: Mapping[str, Any], tools: Tools
) -> None:
    """Raises: Invalid with every fault of both rows at once."""
    faults = []
    if (asked.person is None) == (asked.person_id is None):
        faults.append(Fault("person", "either a new person or the id of a known one is needed"))
    if asked.person is not None:
        faults += _faults("person", PERSONS, asked.person, tools)
        if asked.leaves is not None:
            faults.append(Fault("leaves", "a new person leaves no home"))
    of_residence = _faults("residence", RESIDENCES, residence, tools)
    faults += [fault for fault in of_residence if fault.field != "residence.person_id"]
    faults += [
        Fault(f"residence.{name}", "said elsewhere") for name in asked.residence if name in _GIVEN
    ]
    if asked.is_another and len((asked.reason or "").strip()) < SHORTEST_REASON:
        faults.append(Fault("reason", f"at least {SHORTEST_REASON} characters expected"))
    if asked.person_id is not None:
        faults += _home_faults(connection, asked, residence)
    if faults:
        raise Invalid(faults)


_GIVEN = ("person_id", "dwelling_id", "valid_to", "leaving_reason")


def _faults(prefix: str, layer: Layer, values: Mapping[str, Any], tools: Tools) -> list[Fault]:
    try:
        checked_values(layer, values, tools.codes, partial=False)
    except Invalid as error:
        return [Fault(f"{prefix}.{fault.field}", fault.reason) for fault in error.faults]
    return []


def _home_faults(
    connection: Connection, asked: Registration, residence: Mapping[str, Any]
) -> list[Fault]:
    """Somebody lives once in a dwelling and has one home: the other one ends or is no home."""
    leaves = asked.leaves.id if asked.leaves else None
    values = {"person": asked.person_id, "leaves": leaves}
    rows = [_Home(*row) for row in connection.execute(_OPEN, values)]
    own = [row for row in rows if row.person_id == asked.person_id]
    if any(row.dwelling_id == asked.dwelling_id for row in own):
        return [Fault("person_id", "the person lives there already")]
    if leaves is not None and not any(row.id == leaves for row in own):
        return [Fault("leaves", "no open residence of the person")]
    others = [row for row in own if row.is_home and row.id != leaves]
    if others and residence.get("is_home", True):
        return [Fault("leaves", "the person has a home elsewhere: it ends, or this one is no home")]
    return []


def _ask_about_alike(
    connection: Connection,
    asked: Registration,
    reader: Reader,
    tools: Tools,
    tell: Callable[[Duplicates], Mapping[str, Any]],
) -> None:
    if asked.is_another:
        return
    found = find_duplicates(connection, reader, asked.person or {}, tools.sealer)
    if found.found:
        raise Duplicated(found, tell(found))


def _placed(fault: Fault, asked: Registration) -> Fault:
    """The fault under the name that the form gave the field."""
    if fault.field == "valid_to" and asked.leaves is not None:
        return Fault("residence.valid_from", fault.reason)
    if not fault.field or "." in fault.field or fault.field == "reason":
        return fault
    is_of_residence = fault.field in RESIDENCES.fields and fault.field not in PERSONS.fields
    room = "residence" if asked.person is None or is_of_residence else "person"
    return Fault(f"{room}.{fault.field}", fault.reason)
