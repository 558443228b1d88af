"""What becomes of assignments and grants when grids end: who follows, and what is left open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

FOREIGN_SHARE = 0.01
"""A grant follows to a new grid of which at most this share was not the account's before."""


@dataclass(frozen=True)
class Succession:
    """Who followed, whose assignment ended without, which new grids lack a full-time worker.

    Grants of an account follow where it gains no land; `grants_open` wait for somebody to decide.
    """

    assignments_followed: int
    assignments_ended: list[dict[str, Any]]
    vacant: list[dict[str, Any]]
    grants_followed: list[dict[str, Any]]
    grants_open: list[dict[str, Any]]


# A worker follows to the grid that has most of the old one, a chief to all that come of it; of two
# who meet in a grid for one post, the one from the larger part stays.
_FOLLOW = text(
    """
    WITH old AS MATERIALIZED (
      SELECT a.id, a.staff_id, a.role, a.grid_id, a.valid_from, a.valid_to
      FROM organisation.assignment AS a JOIN territory.grid AS g ON g.id = a.grid_id
      WHERE g.valid_to = :day AND (a.valid_to IS NULL OR a.valid_to > :day)
        AND g.id IN (SELECT old_id FROM territory.grid_lineage WHERE plan_id = :plan)
      FOR UPDATE OF a
    ), heir AS (
      SELECT old.*, l.new_id, l.area,
        row_number() OVER (PARTITION BY old.id ORDER BY l.area DESC, l.new_id) AS rank
      FROM old JOIN territory.grid_lineage AS l ON l.old_id = old.grid_id AND l.plan_id = :plan
    ), wish AS (
      SELECT *, row_number() OVER (PARTITION BY new_id, staff_id ORDER BY area DESC, id) AS own
      FROM heir WHERE role = 'chief' OR rank = 1
    ), chosen AS (
      SELECT *, row_number() OVER (PARTITION BY new_id, role ORDER BY area DESC, id) AS place
      FROM wish WHERE own = 1
    ), closed AS (
      UPDATE organisation.assignment AS a SET valid_to = greatest(a.valid_from, CAST(:day AS date))
      FROM old WHERE a.id = old.id RETURNING a.id
    )
    INSERT INTO organisation.assignment (grid_id, staff_id, role, valid_from, valid_to, updated_by)
    SELECT new_id, staff_id, role, greatest(valid_from, CAST(:day AS date)), valid_to,
      nullif(current_setting('wangge.login', true), '')
    FROM chosen AS c
    WHERE (role NOT IN ('chief', 'worker') OR place = 1)
      AND (SELECT count(*) FROM closed) > 0
      AND NOT EXISTS (
        SELECT FROM organisation.assignment AS held
        WHERE held.grid_id = c.new_id AND (held.valid_to IS NULL OR held.valid_to > :day)
          AND (held.staff_id = c.staff_id OR (held.role = c.role AND c.role IN ('chief', 'worker')))
      )
    RETURNING id
    """
)
_ENDED = text(
    """
    SELECT s.name AS staff, a.role, g.code AS grid FROM organisation.assignment AS a
    JOIN territory.grid AS g ON g.id = a.grid_id
    JOIN organisation.staff AS s ON s.id = a.staff_id
    WHERE a.valid_to = :day AND g.valid_to = :day
      AND g.id IN (SELECT old_id FROM territory.grid_lineage WHERE plan_id = :plan)
      AND NOT EXISTS (
        SELECT FROM territory.grid_lineage AS l JOIN organisation.assignment AS n
          ON n.grid_id = l.new_id AND n.staff_id = a.staff_id
          AND (n.valid_to IS NULL OR n.valid_to > :day)
        WHERE l.plan_id = :plan AND l.old_id = g.id)
    ORDER BY g.code, a.role, s.name
    """
)
_VACANT = text(
    """
    SELECT g.code, g.name FROM territory.grid AS g
    WHERE g.id IN (SELECT new_id FROM territory.grid_lineage WHERE plan_id = :plan)
      AND NOT EXISTS (SELECT FROM organisation.assignment AS a WHERE a.grid_id = g.id
        AND a.role = 'worker' AND a.valid_from <= :day
        AND (a.valid_to IS NULL OR a.valid_to > :day))
    ORDER BY g.code
    """
)
# Share of each new grid's land that an account held in the same role before.
_GRANTS = text(
    """
    WITH ended AS (
      SELECT DISTINCT g.code FROM territory.grid_lineage AS l
      JOIN territory.grid AS g ON g.id = l.old_id
      WHERE l.plan_id = :plan AND NOT EXISTS (SELECT FROM territory.grid AS now
        WHERE now.code = g.code AND now.kind = 'governance' AND now.valid_to IS NULL)
    ), origin AS (
      SELECT n.code AS new_code, o.code AS old_code,
        l.area / sum(l.area) OVER (PARTITION BY n.id) AS share
      FROM territory.grid_lineage AS l JOIN territory.grid AS o ON o.id = l.old_id
      JOIN territory.grid AS n ON n.id = l.new_id WHERE l.plan_id = :plan
    ), holder AS (
      SELECT DISTINCT t.account_id, t.role, t.area_code AS old_code
      FROM organisation.account_grant AS t JOIN ended ON ended.code = t.area_code
    )
    SELECT h.account_id, a.login, a.display_name, h.role, h.old_code, o.new_code,
      (SELECT sum(own.share) FROM origin AS own WHERE own.new_code = o.new_code
        AND EXISTS (SELECT FROM organisation.account_grant AS g WHERE g.account_id = h.account_id
          AND g.role = h.role AND starts_with(own.old_code, g.area_code))) AS held
    FROM holder AS h JOIN origin AS o ON o.old_code = h.old_code
    JOIN organisation.account AS a ON a.id = h.account_id
    ORDER BY a.login, h.role, h.old_code, o.new_code
    """
)
_GRANT = text(
    "INSERT INTO organisation.account_grant (account_id, role, area_code) "
    "VALUES (:account_id, :role, :new_code) ON CONFLICT DO NOTHING RETURNING id"
)
_TELL = text(
    "SELECT core.write_audit(NULL, :actor, 'account_grant', NULL, NULL, '', :reason, "
    "jsonb_build_object('account', CAST(:account_id AS bigint), 'role', CAST(:role AS text), "
    "'area', CAST(:new_code AS text))), core.tell('wangge_accounts', CAST(:account_id AS text))"
)


def hand_over(connection: Connection, plan: int, day: date, actor: str) -> Succession:
    """Lets assignments and grants follow from the grids that ended with a plan to their heirs.

    As the owner, after the grids and their lineage are written. A grant stays where it was too,
    so that closed matters of the old grid can still be read.
    """
    values = {"plan": plan, "day": day}
    followed = len(connection.execute(_FOLLOW, values).all())
    ended = [dict(row._mapping) for row in connection.execute(_ENDED, values)]
    vacant = [dict(row._mapping) for row in connection.execute(_VACANT, values)]
    given: list[dict[str, Any]] = []
    waiting: list[dict[str, Any]] = []
    for row in connection.execute(_GRANTS, values).all():
        told = {
            "login": row.login,
            "name": row.display_name,
            "role": row.role,
            "from": row.old_code,
            "to": row.new_code,
        }
        if (row.held or 0) < 1 - FOREIGN_SHARE:
            waiting.append(told)
            continue
        grant = {"account_id": row.account_id, "role": row.role, "new_code": row.new_code}
        if connection.execute(_GRANT, grant).one_or_none() is None:
            continue  # held already, through another of the old grids
        given.append(told)
        connection.execute(_TELL, {**grant, "actor": actor, "reason": f"grid plan {plan}"})
    return Succession(followed, ended, vacant, given, waiting)
