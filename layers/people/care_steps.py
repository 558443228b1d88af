"""Steps of a care record: a visit, the review renewed, its end; each one change."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from layers.core.change import Change, Edit
from layers.core.errors import Fault, Invalid
from layers.people.care import (
    CARE_RECORDS,
    CARE_VISITS,
    ENDS_BEFORE,
    TODAY,
    has_ended,
    next_visit,
)

SHORTEST_REASON = 2


class CareState(NamedTuple):
    """Of a record what its steps depend on, and the day it is in China."""

    id: int
    review_date: date
    valid_from: date | None
    valid_to: date | None
    last_visit: date | None
    next_visit: date | None
    row_version: int
    today: date


def care_state(connection: Connection, record_id: int) -> CareState:
    """The record as it stands; the caller has found it within the reader's scope.

    `next_visit` is None where no interval is set and after the end.
    """
    row = connection.execute(
        text(
            "SELECT id, review_date, valid_from, valid_to, last_visit, "
            f"CASE WHEN NOT {has_ended('c')} THEN {next_visit('c')} END, row_version, {TODAY} "
            "FROM people.care_record AS c WHERE id = :id"
        ),
        {"id": record_id},
    ).one()
    return CareState(*row)


def record_visit(state: CareState, values: dict[str, Any]) -> Change:
    """A visit under the record, as entered."""
    return Change([Edit(CARE_VISITS, "create", values=values | {"record_id": state.id})])


def renew_review(
    state: CareState, review_date: date, reason: str, row_version: int | None
) -> Change:
    """The next review on a later day.

    Raises: Invalid when the day is not after today, the reason is missing or the record has ended.
    """
    faults = _without_reason(reason)
    if review_date <= state.today:
        faults.append(Fault("review_date", "it must be later than today"))
    if state.valid_to is not None and state.valid_to <= state.today:
        faults.append(Fault("", "the record has ended"))
    elif state.valid_to is not None and review_date > state.valid_to:
        faults.append(Fault("review_date", "the record has ended by then"))
    if faults:
        raise Invalid(faults)
    return _changed(state, {"review_date": review_date.isoformat()}, reason, row_version)


def end_record(state: CareState, valid_to: date, reason: str, row_version: int | None) -> Change:
    """The record ends on a day, which is the first it no longer holds.

    Raises: Invalid when it begins after that day, the day lies in the future, the reason is missing
    or the record has ended. That it was not visited later is kept by the database.
    """
    faults = _without_reason(reason)
    if state.valid_to is not None and state.valid_to <= state.today:
        faults.append(Fault("", "the record has ended"))
    if valid_to > state.today:
        faults.append(Fault("valid_to", "the day lies in the future"))
    if state.valid_from is not None and valid_to < state.valid_from:
        faults.append(ENDS_BEFORE)
    if faults:
        raise Invalid(faults)
    return _changed(state, {"valid_to": valid_to.isoformat()}, reason, row_version)


def _without_reason(reason: str) -> list[Fault]:
    return [] if len(reason.strip()) >= SHORTEST_REASON else [Fault("reason", "required")]


def _changed(
    state: CareState, values: dict[str, Any], reason: str, row_version: int | None
) -> Change:
    edit = Edit(CARE_RECORDS, "update", state.id, values=values, row_version=row_version)
    return Change([edit], reason)
