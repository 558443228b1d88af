"""The open text of one value that waits to be decided on: for a reason, within scope, logged."""

from sqlalchemy import Connection, text

from layers.core.errors import Fault, Forbidden, Invalid, NotFound
from layers.core.quotas import spend
from layers.core.reveal import LONGEST_REASON, REASON_CHARACTERS
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.sealing import Sealer
from layers.people.proposal_list import get_proposal

_REVEAL = text("SELECT people.reveal_proposed(:id, :field, :who, :login, :reason)")


def reveal_proposed(
    connection: Connection,
    reader: Reader,
    proposal_id: int,
    field: str,
    reason: str,
    sealer: Sealer,
) -> str:
    """The value as it was handed in; the database writes the audit log before it gives it out.

    Raises: Invalid for a field that is not sealed or a reason under 4 characters; Forbidden
    without the right to reveal there; NotFound when the proposal is not the reader's to see, is
    decided on, or says nothing of the field; QuotaSpent.
    """
    proposal = get_proposal(connection, reader, proposal_id)
    faults = []
    if field not in proposal.about.sensitive_fields:
        faults.append(Fault("field", f"no sealed field of {proposal.layer}"))
    if not REASON_CHARACTERS <= len(reason.strip()) <= LONGEST_REASON:
        faults.append(Fault("reason", f"{REASON_CHARACTERS} to {LONGEST_REASON} characters needed"))
    if faults:
        raise Invalid(faults)
    if not reader.covers(Right.PEOPLE_REVEAL, proposal.area_code):
        raise Forbidden(f"revealing needs the right {Right.PEOPLE_REVEAL} there")
    spend(connection, reader, "reveal")
    values = {
        "id": proposal_id,
        "field": field,
        "who": reader.account_id,
        "login": reader.login,
        "reason": reason.strip(),
    }
    cipher = connection.execute(_REVEAL, values).scalar_one()
    if cipher is None:
        raise NotFound(f"proposal {proposal_id} keeps no value of {field}")
    return sealer.open(f"{proposal.layer}.{field}", bytes(cipher))
