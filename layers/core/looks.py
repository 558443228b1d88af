"""The audit log's lines about looking at personal data: one for each area looked into."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from layers.core.layer import Layer
from layers.core.rights import Right
from layers.core.scope import Reader

PERSONAL = frozenset({Right.PEOPLE_READ, Right.CARE_READ})
OPENED_EVERY = "10 minutes"

_WRITE = text(
    "SELECT core.write_audit(:who, :login, :action, :layer, NULL, :area, :reason, "
    "CAST(:detail AS jsonb))"
)


def record_list(
    connection: Connection, reader: Reader, layer: Layer, asked: Mapping[str, str], returned: int
) -> None:
    """Logs that features of a personal layer were listed, and by which filters; else nothing.

    The connection must be in a `reader_transaction` of the reader.
    """
    if layer.read in PERSONAL:
        detail = {"asked": dict(asked), "returned": returned}
        record_look(connection, reader, layer, "list", layer.read, detail)


def record_look(
    connection: Connection,
    reader: Reader,
    layer: Layer,
    action: str,
    right: Right,
    detail: Mapping[str, Any],
    *,
    reason: str | None = None,
) -> None:
    """One line in each area where the reader holds `right`, so that each area's auditor sees it."""
    for area in reader.scope(right):
        values = {
            "who": reader.account_id,
            "login": reader.login,
            "action": action,
            "layer": layer.name,
            "area": area,
            "reason": reason,
            "detail": json.dumps(dict(detail), ensure_ascii=False),
        }
        connection.execute(_WRITE, values)


def record_single_look(
    connection: Connection, reader: Reader, layer: Layer, feature_id: int, area: str | None
) -> None:
    """Logs that one feature of a personal layer was looked at, None: its history; else nothing."""
    if layer.read not in PERSONAL:
        return
    if area is None:
        told = {"history_of": feature_id}
        action = "care" if layer.read is Right.CARE_READ else "open"
        record_look(connection, reader, layer, action, layer.read, told)
    elif layer.read is Right.PEOPLE_READ:
        record_opened(connection, reader, layer, feature_id, area)
    else:
        detail: dict[str, Any] = {"of": layer.name}
        if "person_id" in layer.table.columns:
            statement = text(f"SELECT person_id FROM {layer.qualified_table} WHERE id = :id")
            detail["person"] = connection.execute(statement, {"id": feature_id}).scalar_one()
        record_one_look(connection, reader, layer, feature_id, area, "care", detail)


def record_opened(
    connection: Connection,
    reader: Reader,
    layer: Layer,
    feature_id: int,
    area: str,
    returned: int | None = None,
) -> None:
    """One line about one feature, or the `returned` persons in it, but not again within minutes."""
    asked = {"action": "open", "layer": layer.name, "feature": feature_id}
    if not connection.execute(_LOOKED, asked | {"reach": OPENED_EVERY}).scalar_one():
        detail = {} if returned is None else {"returned": returned}
        record_one_look(connection, reader, layer, feature_id, area, "open", detail)


def record_one_look(
    connection: Connection,
    reader: Reader,
    layer: Layer,
    feature_id: int,
    area: str,
    action: str,
    detail: Mapping[str, Any],
) -> None:
    """One line about one feature, in the area where it lies."""
    values = {
        "who": reader.account_id,
        "login": reader.login,
        "action": action,
        "layer": layer.name,
        "feature": feature_id,
        "area": area,
        "detail": json.dumps(dict(detail), ensure_ascii=False),
    }
    connection.execute(_WRITE_ONE, values)


_LOOKED = text("SELECT core.looked_lately(:action, :layer, :feature, CAST(:reach AS interval))")
_WRITE_ONE = text(
    "SELECT core.write_audit(:who, :login, :action, :layer, :feature, :area, NULL, "
    "CAST(:detail AS jsonb))"
)
