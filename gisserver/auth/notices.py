"""What tells every process that accounts have changed."""

from __future__ import annotations

from sqlalchemy import Connection, text

_NOTIFY = text("SELECT core.tell('wangge_accounts', :account_id)")


def notify_accounts(connection: Connection, account_id: int) -> None:
    """Tell every process, at commit, that what it remembers of accounts is no longer true."""
    connection.execute(_NOTIFY, {"account_id": str(account_id)})
