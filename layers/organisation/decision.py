"""Decisions on grid plans, made by another account than those who drew them. As the owner.

Approval puts a plan in force in one transaction: grids, rows, assignments and grants, or nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import Connection, Engine, text

from layers.core.database import owner_transaction
from layers.core.errors import Conflict, NotFound
from layers.core.layer import Layer
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.organisation.succession import hand_over
from layers.territory.coverage import Refused
from layers.territory.drafting import OpenPlan, read_plan, read_row
from layers.territory.in_force import put_grids_in_force
from layers.territory.plan import APPROVED, IN_FORCE, REJECTED
from layers.territory.plan_steps import STEPS, check_plan, check_step, checked_reason

# Writers of grids wait for the end of the transaction, readers see the old ones until then.
_LOCK_GRIDS = "LOCK TABLE territory.grid IN SHARE ROW EXCLUSIVE MODE"
_DECIDE = text(
    "UPDATE territory.plan SET state = :state, decision = :reason, decided_by = :who, "
    "decided_at = now() WHERE id = :id"
)
_FINISH = text(
    "UPDATE territory.plan SET state = :state, effective_on = :day, "
    "outcome = CAST(:outcome AS jsonb) WHERE id = :id"
)
_DUE = text(
    "SELECT id FROM territory.plan WHERE state = 'approved' AND effective_on <= core.today() "
    "ORDER BY effective_on, id"
)


def decide(
    engine: Engine,
    layers: Sequence[Layer],
    reader: Reader,
    plan_id: int,
    name: str,
    row_version: int,
    reason: str | None = None,
) -> None:
    """Approves or rejects a plan; one approved for today or earlier is in force at once.

    Raises: Forbidden without the right there or for one's own plan; NotFound; Stale; Conflict in
    another state or when the grids have changed since; Refused when the plan breaks a rule by now.
    """
    step = STEPS[name]
    with owner_transaction(engine, login=reader.login) as connection:
        if name == "approve":
            connection.exec_driver_sql(_LOCK_GRIDS)
        # The owner sees everything, so what the reader may not see is not there.
        if not reader.covers(Right.BASE_READ, read_row(connection, plan_id).area_code):
            raise NotFound(f"no plan {plan_id}")
        plan = read_plan(connection, plan_id, lock=True)
        check_step(step, reader, plan, row_version)
        told = checked_reason(step, reason)
        values = {"id": plan_id, "reason": told, "who": reader.login}
        if name == "reject":
            connection.execute(_DECIDE, {**values, "state": REJECTED})
            return
        check_plan(connection, plan)
        connection.execute(_DECIDE, {**values, "state": APPROVED})
        today = connection.execute(text("SELECT core.today()")).scalar_one()
        if (plan.row.effective_on or today) <= today:
            put_in_force(connection, layers, plan, today, reader.login)


def put_due_plans_in_force(engine: Engine, layers: Sequence[Layer]) -> list[int]:
    """Puts approved plans in force whose day has come; each in a transaction of its own.

    One that no longer fits goes back with the reason. Returns the plans that came into force.
    """
    with owner_transaction(engine) as connection:
        due = connection.execute(_DUE).scalars().all()
    return [plan_id for plan_id in due if _put_due(engine, layers, plan_id)]


def _put_due(engine: Engine, layers: Sequence[Layer], plan_id: int) -> bool:
    with owner_transaction(engine) as connection:
        connection.exec_driver_sql(_LOCK_GRIDS)
        plan = read_plan(connection, plan_id, lock=True)
        if plan.row.state != APPROVED:
            return False  # another process was faster
        who = plan.row.decided_by or "system"
        connection.execute(text("SELECT set_config('wangge.login', :who, true)"), {"who": who})
        try:
            check_plan(connection, plan)
        except (Conflict, Refused) as error:
            values = {"id": plan_id, "state": REJECTED, "reason": str(error), "who": "system"}
            connection.execute(_DECIDE, values)
            return False
        today = connection.execute(text("SELECT core.today()")).scalar_one()
        put_in_force(connection, layers, plan, today, who)
    return True


def put_in_force(
    connection: Connection, layers: Sequence[Layer], plan: OpenPlan, day: date, actor: str
) -> None:
    """Grids, rows, assignments and grants follow a plan that the caller has locked and checked."""
    done = put_grids_in_force(connection, layers, plan, day)
    followed = hand_over(connection, plan.row.id, day, actor)
    outcome = {**asdict(done), **asdict(followed)}
    connection.execute(
        _FINISH,
        {"id": plan.row.id, "state": IN_FORCE, "day": day, "outcome": json.dumps(outcome)},
    )
