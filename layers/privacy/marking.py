"""What auditors do with the log: state of a warning, and lines about their own reading of it."""

from collections.abc import Mapping
from datetime import date
from os.path import commonprefix
from typing import Any

from sqlalchemy import Connection, text

from layers.core.audit import write_line
from layers.core.errors import Conflict, Fault, Invalid, NotFound
from layers.core.reveal import LONGEST_REASON, REASON_CHARACTERS
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.privacy.warning_list import MARKED, STATES, Asked, State, Warned, warning_page

_LOCK = text("SELECT pg_advisory_xact_lock(7260007, hashtext(:key))")
_MOMENT = text("SELECT at FROM core.audit WHERE id = :id")


def mark_warning(
    connection: Connection, reader: Reader, key: str, state: str, remark: str, seen: int | None
) -> Warned:
    """The warning with its new state, which is a line of the log; `seen` is the mark last seen.

    Back to "new" needs a remark as well: it takes back what another has said.

    Raises: Forbidden; NotFound; Invalid for a state that is none or without a remark; Conflict
    when somebody else has marked it since.
    """
    told, faults = remark.strip(), []
    chosen = next((each for each in STATES if each == state), None)
    if chosen is None:
        faults.append(Fault("state", f"one of {', '.join(STATES)} expected"))
    faults += _length_faults("remark", told)
    if faults or chosen is None:
        raise Invalid(faults)
    connection.execute(_LOCK, {"key": key})
    found = find_warning(connection, reader, key)
    if found.mark != seen:
        raise Conflict("somebody else has marked this warning since")
    mark = _write(connection, reader, found, chosen, told)
    moment = connection.execute(_MOMENT, {"id": mark}).scalar_one()
    return found._replace(
        state=chosen, remark=told, marked_by=reader.login, marked_at=moment, mark=mark
    )


def find_warning(connection: Connection, reader: Reader, key: str) -> Warned:
    """The warning of that key.

    Raises: Forbidden without the right to read the log; NotFound.
    """
    try:
        day = date.fromisoformat(key.split("~")[1])
    except (IndexError, ValueError) as error:
        raise NotFound("no such warning") from error
    rows = warning_page(connection, reader, Asked(day, day, key=key), 1).rows
    if not rows:
        raise NotFound("no such warning")
    return rows[0]


def _write(connection: Connection, reader: Reader, found: Warned, state: State, remark: str) -> int:
    """One line where each of the reader's areas meets the warning's, for its other auditors.

    The id of the last one, which holds.
    """
    detail = {"key": found.key, "state": state, "was": found.state}
    lines = []
    for area in reader.scope(Right.AUDIT_READ):
        within = [code for code in found.areas if code.startswith(area)]
        if within:
            shared = commonprefix(within)  # noqa: RUF071 (codes, not paths)
            lines.append(_line(connection, reader, MARKED, shared, remark, detail))
    return lines[-1]


def record_taken_out(
    connection: Connection, reader: Reader, reason: str, detail: Mapping[str, Any]
) -> None:
    """Logs that lines of the log were taken out, in each area where the reader may read it.

    Raises: Invalid for a reason that is too short or too long.
    """
    told = reason.strip()
    if faults := _length_faults("reason", told):
        raise Invalid(faults)
    for area in reader.scope(Right.AUDIT_READ):
        _line(connection, reader, "audit_export", area, told, detail)


def _line(
    connection: Connection,
    reader: Reader,
    action: str,
    area: str,
    reason: str,
    detail: Mapping[str, Any],
) -> int:
    return write_line(
        connection,
        action,
        account_id=reader.account_id,
        login=reader.login,
        area=area,
        reason=reason,
        detail=detail,
    )


def _length_faults(field: str, told: str) -> list[Fault]:
    if REASON_CHARACTERS <= len(told) <= LONGEST_REASON:
        return []
    return [Fault(field, f"{REASON_CHARACTERS} to {LONGEST_REASON} characters needed")]
