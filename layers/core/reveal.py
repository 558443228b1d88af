"""The only way to the open text of a sealed value: with a right, within scope, with a reason."""

from sqlalchemy import Connection, text

from layers.core.errors import Fault, Forbidden, Invalid, NotFound
from layers.core.features import visible
from layers.core.layer import Layer
from layers.core.quotas import spend
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.sealing import Sealer

REASON_CHARACTERS = 4
LONGEST_REASON = 500

_REVEAL = text("SELECT core.reveal(:table, :layer, :id, :field, :right, :who, :login, :reason)")


def reveal(
    connection: Connection,
    layer: Layer,
    reader: Reader,
    feature_id: int,
    field: str,
    reason: str,
    sealer: Sealer,
) -> str:
    """The open text of a sealed field; the database writes the audit log before it gives it out.

    Raises: Invalid for a field that is not sealed or a reason under 4 characters; Forbidden
    without the layer's read right and the right to reveal there; NotFound when the row is not
    there, or not for this reader, or the field is empty; QuotaSpent.
    """
    faults = []
    if field not in layer.sensitive_fields:
        sealed = ", ".join(layer.sensitive_fields) or "none"
        faults.append(Fault("field", f"no sealed field of {layer.name}; there are: {sealed}"))
    if not REASON_CHARACTERS <= len(reason.strip()) <= LONGEST_REASON:
        faults.append(Fault("reason", f"{REASON_CHARACTERS} to {LONGEST_REASON} characters needed"))
    if faults:
        raise Invalid(faults)
    held = {layer.read: reader.areas_to_read(layer)}
    held[Right.PEOPLE_REVEAL] = reader.scope(Right.PEOPLE_REVEAL)
    for right, areas in held.items():
        if not areas:
            raise Forbidden(f"revealing {layer.name} needs the right {right}")
    _check_row(connection, layer, reader, feature_id, field)
    spend(connection, reader, "reveal")
    values = {
        "table": layer.qualified_table,
        "layer": layer.name,
        "id": feature_id,
        "field": field,
        "right": layer.read.value,
        "who": reader.account_id,
        "login": reader.login,
        "reason": reason.strip(),
    }
    cipher = connection.execute(_REVEAL, values).scalar_one()
    if cipher is None:
        raise NotFound(f"{layer.name}/{feature_id} has no value in {field}")
    return sealer.open(f"{layer.name}.{field}", bytes(cipher))


def _check_row(
    connection: Connection, layer: Layer, reader: Reader, feature_id: int, field: str
) -> None:
    table = layer.table
    statement = (
        table.select()
        .with_only_columns(table.c.area_code, table.c[field])
        .where(visible(layer, reader), table.c.id == feature_id)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(f"no feature {feature_id} in {layer.name}")
    if not reader.covers(Right.PEOPLE_REVEAL, row[0]):
        raise Forbidden(f"{layer.name}/{feature_id} lies outside the areas you may reveal in")
    if row[1] is None:
        raise NotFound(f"{layer.name}/{feature_id} has no value in {field}")
