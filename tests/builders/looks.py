"""Looks that somebody has had already, as lines of the audit log."""

from __future__ import annotations

from sqlalchemy import Engine, text

from layers.core.quotas import Kind, Period, quotas
from layers.core.rights import Role


def allowed(kind: Kind, period: Period = "hour") -> int:
    """How often a supervisor may look in this way in one period."""
    return quotas().allowed({Role.SUPERVISOR}, kind, period)


def have_looked(engine: Engine, login: str, kind: Kind, times: int, *areas: str) -> None:
    """Writes the lines of so many looks, one in each area as the platform does."""
    statement = text(
        "SELECT core.write_audit(NULL, :login, :kind, 'persons', NULL, area, NULL, '{}') "
        "FROM generate_series(1, :times), unnest(CAST(:areas AS text[])) AS area"
    )
    values = {"login": login, "kind": kind, "times": times, "areas": list(areas)}
    with engine.begin() as connection:
        connection.execute(statement, values)
