"""What auditors do with the log: state of a warning, and lines about their own reading of it."""

import json
from collections.abc import Mapping
from datetime import date
from os.path import commonprefix
from typing import Any

from sqlalchemy import Connection, text

from layers.core.errors import Conflict, Fault, Invalid, NotFound
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.privacy.warning_list import MARKED, STATES, Asked, State, Warned, warning_page

SHORTEST, LONGEST = 4, 500
_LOCK = text("SELECT pg_advisory_xact_lock(7260007, hashtext(:key))")
_WRITE = text(
    "SELECT core.write_audit(:who, :login, :action, NULL, NULL, :area, :reason, "
    "CAST(:detail AS jsonb))"
)


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
    if not SHORTEST <= len(told) <= LONGEST:
        faults.append(Fault("remark", f"{SHORTEST} to {LONGEST} characters needed"))
    if faults or chosen is None:
        raise Invalid(faults)
    connection.execute(_LOCK, {"key": key})
    found = find_warning(connection, reader, key)
    if found.mark != seen:
        raise Conflict("somebody else has marked this warning since")
    _write(connection, reader, found, chosen, told)
    return find_warning(connection, reader, key)


def find_warning(connection: Connection, reader: Reader, key: str) -> Warned:
    """The warning of that key.

    Raises: Forbidden without the right to read the log; NotFound.
    """
    try:
        day = date.fromisoformat(key.split("~")[1])
    except (IndexError, ValueError) as error:
        raise NotFound("no such warning") from error
    after: str | None = None
    while True:
        page = warning_page(connection, reader, Asked(day, day), 200, after)
        for row in page.rows:
            if row.key == key:
                return row
        if page.next_after is None:
            raise NotFound("no such warning")
        after = page.next_after


def _write(
    connection: Connection, reader: Reader, found: Warned, state: State, remark: str
) -> None:
    """One line where each of the reader's areas meets the warning's, for its other auditors."""
    detail = {"key": found.key, "state": state, "was": found.state}
    for area in reader.scope(Right.AUDIT_READ):
        within = [code for code in found.areas if code.startswith(area)]
        if within:
            shared = commonprefix(within)  # noqa: RUF071 (codes, not paths)
            _line(connection, reader, MARKED, shared, remark, detail)


def record_taken_out(
    connection: Connection, reader: Reader, reason: str, detail: Mapping[str, Any]
) -> None:
    """Logs that lines of the log were taken out, in each area where the reader may read it.

    Raises: Invalid for a reason that is too short or too long.
    """
    told = reason.strip()
    if not SHORTEST <= len(told) <= LONGEST:
        raise Invalid([Fault("reason", f"{SHORTEST} to {LONGEST} characters needed")])
    for area in reader.scope(Right.AUDIT_READ):
        _line(connection, reader, "audit_export", area, told, detail)


def _line(
    connection: Connection,
    reader: Reader,
    action: str,
    area: str,
    reason: str,
    detail: Mapping[str, Any],
) -> None:
    values = {
        "who": reader.account_id,
        "login": reader.login,
        "action": action,
        "area": area,
        "reason": reason,
        "detail": json.dumps(dict(detail), ensure_ascii=False),
    }
    connection.execute(_WRITE, values)
