"""A case as its page shows it: the incident, who is in charge, and every step so far."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from layers.core.features import FoundFeature, find_feature
from layers.core.scope import Reader
from layers.core.values import Codes
from layers.incidents.flow import Step
from layers.incidents.incident import INCIDENTS
from layers.incidents.step_inputs import closing_conditions
from layers.incidents.take_step import find_case
from layers.incidents.workflow import open_steps


@dataclass(frozen=True)
class TakenStep:
    """One line of the flow record; `to_staff` is whom a dispatch named, `photos` their ids."""

    id: int
    at: datetime
    step: str
    from_state: str | None
    to_state: str
    actor: str | None
    role: str | None
    unit: str | None
    to_staff: str | None
    reason: str | None
    inputs: Mapping[str, Any] | None
    photos: Sequence[int]


@dataclass(frozen=True)
class CasePage:
    """The incident as GeoJSON text with what belongs to it; `now` is the database's time."""

    feature: FoundFeature
    now: datetime
    unit: str | None
    handler: str | None
    owner: str | None
    steps: Sequence[TakenStep]
    open: Sequence[Step]
    closing_conditions: Sequence[str]


_STEPS = text(
    "SELECT s.id, s.at, s.step, s.from_state, s.to_state, coalesce(s.actor, s.login), s.role, "
    "organisation.unit_name(s.unit_id), "
    "organisation.staff_name((s.inputs ->> 'staff')::bigint), s.reason, s.inputs, "
    "ARRAY(SELECT p.id FROM incidents.photo AS p WHERE p.step_id = s.id ORDER BY p.id) "
    "FROM incidents.step AS s WHERE s.incident_id = :id ORDER BY s.id"
)
_NAMES = text(
    "SELECT organisation.unit_name(unit_id), organisation.staff_name(handler_id) "
    "FROM incidents.incident WHERE id = :id"
)


def find_case_page(
    connection: Connection, reader: Reader, incident_id: int, codes: Codes
) -> CasePage:
    """The case, with the steps open to the reader now.

    The connection must be in a `reader_transaction` of the reader.

    Raises: NotFound when it does not exist or lies outside the reader's scope.
    """
    feature = find_feature(connection, INCIDENTS, reader, incident_id)
    case, now = find_case(connection, reader, incident_id)
    unit, handler = connection.execute(_NAMES, {"id": incident_id}).one()
    steps = [TakenStep(*row) for row in connection.execute(_STEPS, {"id": incident_id})]
    registered = [step.actor for step in steps if step.step == "register"]
    return CasePage(
        feature=feature,
        now=now,
        unit=unit,
        handler=handler,
        owner=registered[0] if registered else case.registered_by,
        steps=steps,
        open=open_steps(case, reader, now),
        closing_conditions=tuple(closing_conditions(case.category, codes)),
    )
