"""Taking a step: the case is read, the flow asked, and the database records both at once."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from layers.core.errors import Fault, Forbidden, Invalid, NotFound, Stale
from layers.core.features import visible
from layers.core.picture import MOST_PHOTOS, Picture
from layers.core.scope import Reader
from layers.core.values import Codes
from layers.incidents.deadline import deadline_of
from layers.incidents.flow import Case, Clock, Pause, Step, Taken
from layers.incidents.incident import INCIDENTS
from layers.incidents.photo import add_photos
from layers.incidents.step_inputs import read_inputs
from layers.incidents.workflow import BY_NAME, open_steps, refusal, take

_FIELDS = tuple(name for name in Case.__dataclass_fields__ if name != "pauses")
# The driver reads no multirange: its ends come as two lists.
_PAUSES = (
    text("ARRAY(SELECT lower(pause) FROM unnest(pauses) AS pause) AS starts"),
    text("ARRAY(SELECT upper(pause) FROM unnest(pauses) AS pause) AS ends"),
)
_RECORD = text(
    "SELECT incidents.record_step(:case_id, :version, :step, :state, :role, :staff, :reason, "
    "CAST(:inputs AS jsonb), CAST(:put AS jsonb))"
)


def find_case(connection: Connection, reader: Reader, incident_id: int) -> tuple[Case, datetime]:
    """What the flow reads of an incident, and the database's time.

    Raises: NotFound when it does not exist or lies outside the reader's scope.
    """
    columns = INCIDENTS.table.c
    statement = (
        INCIDENTS.table.select()
        .with_only_columns(*(columns[name] for name in _FIELDS), *_PAUSES, text("now()"))
        .where(visible(INCIDENTS, reader), columns.id == incident_id)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(f"no feature {incident_id} in {INCIDENTS.name}")
    held: dict[str, Any] = dict(zip(_FIELDS, row, strict=False))
    *_, starts, ends, now = row
    return Case(**held, pauses=tuple(zip(starts, ends, strict=True))), now


def take_step(
    connection: Connection,
    reader: Reader,
    incident_id: int,
    name: str,
    row_version: int,
    inputs: Mapping[str, Any],
    codes: Codes,
    pictures: Sequence[Picture] = (),
) -> Taken:
    """Takes a step of a case as it was at `row_version`; all of it or nothing.

    The connection must be in a `reader_transaction` of the reader. `inputs` are values by the
    names of the step's needs, `pictures` photos kept with it.

    Raises: NotFound; Stale when the case has moved on; Forbidden without the right or for another
    unit; Invalid when the step is not open or its inputs or photos are not accepted.
    """
    case, now = find_case(connection, reader, incident_id)
    if case.row_version != row_version:
        raise Stale(INCIDENTS.name, incident_id, row_version, case.row_version)
    step = _open(name, case, reader, now)
    _check_pictures(step, pictures)
    values = read_inputs(connection, step, case, reader, inputs, codes)
    taken = take(step, case, reader, values, now, clock(connection))
    if not isinstance(taken, Taken):
        raise Invalid(taken)
    step_id = _record(connection, reader, case, taken, values)
    add_photos(connection, incident_id, pictures, step_id=step_id)
    return taken


def clock(connection: Connection) -> Clock:
    """Deadlines by the limits and the working calendar of the database."""

    def ask(
        condition: str, registered: datetime, extended_days: int, pauses: Sequence[Pause]
    ) -> tuple[datetime, datetime]:
        due = deadline_of(connection, condition, registered, pauses, extended_days)
        return due.warn_at, due.due_at

    return ask


def _open(name: str, case: Case, reader: Reader, now: datetime) -> Step:
    step = BY_NAME.get(name)
    refused = refusal(step, case, reader, now) if step else None
    if step is not None and refused is None:
        return step
    reason = refused.reason if refused else f"no step {name!r}"
    if refused is not None and refused.is_forbidden:
        raise Forbidden(reason)
    others = ", ".join(each.name for each in open_steps(case, reader, now))
    raise Invalid([Fault("step", f"{reason}; open to you: {others or 'nothing'}")])


def _check_pictures(step: Step, pictures: Sequence[Picture]) -> None:
    most = MOST_PHOTOS if step.takes_photos else 0
    if len(pictures) > most:
        reason = f"{len(pictures)} given; at most {most} with {step.name}"
        raise Invalid([Fault("photos", reason)])


def _record(
    connection: Connection, reader: Reader, case: Case, taken: Taken, values: Mapping[str, Any]
) -> int:
    given = {name: value for name, value in values.items() if name != "reason"}
    step_id: int | None = connection.execute(
        _RECORD,
        {
            "case_id": case.id,
            "version": case.row_version,
            "step": taken.step.name,
            "state": taken.to_state,
            "role": taken.role.value,
            "staff": reader.staff_id,
            "reason": values.get("reason"),
            "inputs": json.dumps(given) if given else None,
            "put": json.dumps({name: _plain(value) for name, value in taken.values.items()}),
        },
    ).scalar_one()
    if step_id is None:
        current = find_case(connection, reader, case.id)[0].row_version
        raise Stale(INCIDENTS.name, case.id, case.row_version, current)
    return step_id


def _plain(value: Any) -> Any:
    """A column's value as JSON that PostgreSQL reads back into its type."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        spans = (f"[{start.isoformat()},{end.isoformat()})" for start, end in value)
        return "{" + ",".join(spans) + "}"
    return value
