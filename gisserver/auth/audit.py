"""Lines of the audit log about signing in and accounts; the chain is kept by the database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

_WRITE = text(
    "SELECT core.write_audit(:account_id, :login, :action, NULL, NULL, '', :reason, "
    "CAST(:detail AS jsonb))"
)
_NOTIFY = text("SELECT pg_notify('wangge_accounts', :account_id)")


def write_audit(
    connection: Connection,
    action: str,
    *,
    account_id: int | None,
    login: str | None,
    reason: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append one line, committed with the caller's transaction."""
    connection.execute(
        _WRITE,
        {
            "account_id": account_id,
            "login": login,
            "action": action,
            "reason": reason,
            "detail": json.dumps(dict(detail or {}), ensure_ascii=False),
        },
    )


def notify_accounts(connection: Connection, account_id: int) -> None:
    """Tell every process, at commit, that what it remembers of accounts is no longer true."""
    connection.execute(_NOTIFY, {"account_id": str(account_id)})
