"""The audit log's lines about looking at personal data.

One for each area looked into, so that each area's auditor sees it; of one feature, where it lies.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from layers.core.audit import write_line
from layers.core.layer import Layer
from layers.core.rights import Right
from layers.core.scope import Reader

ONCE_IN = "10 minutes"

_LOOKED = text("SELECT core.looked_lately(:action, :layer, :feature, CAST(:reach AS interval))")


def record_list(
    connection: Connection, reader: Reader, layer: Layer, asked: Mapping[str, str], returned: int
) -> None:
    """Logs that features of a personal layer were listed, and by which filters; else nothing.

    The connection must be in a `reader_transaction` of the reader.
    """
    if layer.is_personal:
        detail = {"asked": dict(asked), "returned": returned}
        record_in_each_area(connection, reader, layer, "list", layer.read, detail)


def record_feature(
    connection: Connection, reader: Reader, layer: Layer, feature_id: int, area: str
) -> None:
    """Logs that one feature of a personal layer was looked at, and whom it is about; else nothing.

    A look at its history is a look at it. `area` is where it lies.
    """
    if layer.subject_sql is None:
        return
    statement = text(f"SELECT {layer.subject_sql} FROM {layer.qualified_table} WHERE id = :id")
    subject = connection.execute(statement, {"id": feature_id}).scalar_one_or_none()
    action = "care" if layer.read is Right.CARE_READ else "open"
    detail = {} if subject is None else {"person": subject}
    record_once(connection, reader, layer, action, feature_id, (area,), detail)


def record_once(
    connection: Connection,
    reader: Reader,
    layer: Layer,
    action: str,
    feature_id: int | None,
    areas: Sequence[str],
    detail: Mapping[str, Any],
) -> None:
    """Logs a look at one feature, or at none in particular, but not again within minutes.

    A panel left open reads again at each change, a map at each move: that is one look.
    """
    asked = {"action": action, "layer": layer.name, "feature": feature_id, "reach": ONCE_IN}
    if not connection.execute(_LOOKED, asked).scalar_one():
        _record(connection, reader, layer, action, feature_id, areas, detail, None)


def record_in_each_area(
    connection: Connection,
    reader: Reader,
    layer: Layer,
    action: str,
    right: Right,
    detail: Mapping[str, Any],
    *,
    reason: str | None = None,
) -> None:
    """Logs a look in each area where the reader holds `right`."""
    _record(connection, reader, layer, action, None, reader.scope(right), detail, reason)


def _record(
    connection: Connection,
    reader: Reader,
    layer: Layer,
    action: str,
    feature_id: int | None,
    areas: Sequence[str],
    detail: Mapping[str, Any],
    reason: str | None,
) -> None:
    if reader.token_name:
        detail = {**detail, "token": reader.token_name}
    for area in areas:
        write_line(
            connection,
            action,
            account_id=reader.account_id,
            login=reader.login,
            layer=layer.name,
            feature_id=feature_id,
            area=area,
            reason=reason,
            detail=detail,
        )
