"""The one way in which Python writes a line of the audit log; the database chains it."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

_WRITE = (
    "SELECT core.write_audit(%(account_id)s, %(login)s, %(action)s, %(layer)s, %(feature_id)s, "
    "%(area)s, %(reason)s, CAST(%(detail)s AS jsonb))"
)


def write_line(
    connection: Connection,
    action: str,
    *,
    account_id: int | None,
    login: str | None,
    layer: str | None = None,
    feature_id: int | None = None,
    area: str = "",
    reason: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Appends a line that the auditors of an area see, in the caller's transaction; its id.

    All other lines wait until the transaction ends, so that it is to be written last.
    """
    values = {
        "account_id": account_id,
        "login": login,
        "action": action,
        "layer": layer,
        "feature_id": feature_id,
        "area": area,
        "reason": reason,
        "detail": json.dumps(dict(detail or {}), ensure_ascii=False),
    }
    return int(connection.exec_driver_sql(_WRITE, values).scalar_one())
