"""How long positions are kept: whole days are dropped at once."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, text

from layers.core.audit import write_line

_DROP = text("SELECT day, fixes, bytes FROM patrol.drop_days(:keep, :dry)")


class Dropped(NamedTuple):
    """One day of positions that is dropped, with what it holds."""

    day: date
    fixes: int
    bytes: int


def drop_old_days(
    connection: Connection, keep: int, *, dry_run: bool, login: str = "system"
) -> list[Dropped]:
    """Drops what is more than `keep` days old (China time) and notes it in the audit log.

    With `dry_run` it only tells what it would drop.

    Raises: sqlalchemy.exc.DataError for fewer than one day.
    """
    rows = connection.execute(_DROP, {"keep": keep, "dry": dry_run}).all()
    dropped = [Dropped._make(row) for row in rows]
    if dropped and not dry_run:
        detail = {
            "first": str(dropped[0].day),
            "last": str(dropped[-1].day),
            "fixes": sum(each.fixes for each in dropped),
        }
        write_line(
            connection,
            "positions_dropped",
            account_id=None,
            login=login,
            layer="positions",
            detail=detail,
        )
    return dropped
