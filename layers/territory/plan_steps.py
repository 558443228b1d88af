"""The way of a plan: from draft to submission, decision and force. Declared as data.

Steps of those who draw run within their `reader_transaction`; decisions are the owner's
(`layers.organisation.decision`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import shapely
from sqlalchemy import Connection, text

from layers.core.errors import Conflict, Fault, Forbidden, Invalid, Stale
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.territory.coverage import Refused
from layers.territory.drafting import OpenPlan, check_no_other, locked_plan, plan_faults
from layers.territory.plan import (
    APPROVED,
    DISCARDED,
    DRAFT,
    IN_FORCE,
    PLANS,
    REJECTED,
    SUBMITTED,
)

LONGEST_REASON = 500


@dataclass(frozen=True)
class Step:
    """One step: from which states to which, with which right, and whether by another account."""

    name: str
    before: tuple[str, ...]
    after: str
    right: Right
    by_another: bool = False
    needs_reason: bool = False


STEPS: Mapping[str, Step] = {
    step.name: step
    for step in (
        Step("submit", (DRAFT,), SUBMITTED, Right.TERRITORY_WRITE, needs_reason=True),
        Step("withdraw", (SUBMITTED,), DRAFT, Right.TERRITORY_WRITE),
        Step("reopen", (REJECTED,), DRAFT, Right.TERRITORY_WRITE),
        Step("discard", (DRAFT, SUBMITTED, REJECTED), DISCARDED, Right.TERRITORY_WRITE),
        Step("approve", (SUBMITTED,), IN_FORCE, Right.TERRITORY_APPROVE, by_another=True),
        Step(
            "reject",
            (SUBMITTED, APPROVED),
            REJECTED,
            Right.TERRITORY_APPROVE,
            by_another=True,
            needs_reason=True,
        ),
    )
}
DECISIONS = frozenset({"approve", "reject"})


def possible_steps(reader: Reader, plan: OpenPlan) -> list[str]:
    """Names of the steps the reader may take now; buttons are made from them."""
    return [
        step.name
        for step in STEPS.values()
        if reader.covers(step.right, plan.row.area_code) and _obstacle(step, reader, plan) is None
    ]


def check_step(step: Step, reader: Reader, plan: OpenPlan, row_version: int) -> None:
    """Nothing when the reader may take the step now.

    Raises: Forbidden without the right there, or when the decision is the author's own; Stale;
    Conflict in another state.
    """
    if not reader.covers(step.right, plan.row.area_code):
        raise Forbidden(f"this needs the right {step.right} in community {plan.row.area_code}")
    if plan.row.row_version != row_version:
        raise Stale(PLANS.name, plan.row.id, row_version, plan.row.row_version)
    obstacle = _obstacle(step, reader, plan)
    if obstacle is not None:
        raise obstacle


def _obstacle(step: Step, reader: Reader, plan: OpenPlan) -> Forbidden | Conflict | None:
    if plan.row.state not in step.before:
        return Conflict(
            f"a plan that is {plan.row.state} cannot be taken to {step.name}; "
            f"possible when {' or '.join(step.before)}"
        )
    if step.by_another and reader.login in contributors(plan):
        return Forbidden("whoever drew or submitted a plan does not decide on it")
    return None


def contributors(plan: OpenPlan) -> frozenset[str]:
    """Logins of all who began, drew or submitted a plan."""
    drew = {each.actor for each in plan.operations if each.number <= plan.row.position}
    return frozenset({plan.row.author, *drew, plan.row.submitted_by or plan.row.author})


def take_step(
    connection: Connection,
    reader: Reader,
    plan_id: int,
    name: str,
    row_version: int,
    reason: str | None = None,
    effective_on: date | None = None,
) -> None:
    """Submits, withdraws, reopens or discards a plan.

    A submission says why, and from which day on it shall hold (None: from the day of approval).

    Raises: Invalid for a missing reason, a day that is past or a plan that changes nothing;
    Refused with the places that break the rules; Forbidden; Stale; Conflict; NotFound.
    """
    step = STEPS[name]
    plan = locked_plan(connection, reader, step.right, plan_id)
    check_step(step, reader, plan, row_version)
    reason = checked_reason(step, reason)
    values = {"id": plan_id, "state": step.after, "reason": reason, "who": reader.login}
    if name == "submit":
        _check_submission(connection, plan, effective_on)
        connection.execute(_SUBMIT, {**values, "day": effective_on})
    elif name == "reopen":
        check_no_other(connection, plan.row.area_code)
        connection.execute(_BACK, values)
    else:
        connection.execute(_BACK, values)


def checked_reason(step: Step, reason: str | None) -> str | None:
    """The reason without blanks around it.

    Raises: Invalid when the step needs one and it is missing, or when it is too long.
    """
    told = (reason or "").strip()
    if step.needs_reason and len(told) < 2:
        raise Invalid([Fault("reason", "at least 2 characters expected")])
    if len(told) > LONGEST_REASON:
        raise Invalid([Fault("reason", f"at most {LONGEST_REASON} characters expected")])
    return told or None


def check_plan(connection: Connection, plan: OpenPlan) -> None:
    """Nothing when the plan could come into force as it is.

    Raises: Conflict when the grids have changed since it was begun; Refused with the bad places.
    """
    if plan.is_stale:
        raise Conflict("the grids of the community have changed since this plan was begun")
    fresh = [f for f in plan_faults(connection, plan, plan.draft) if not f.is_inherited]
    if fresh:
        kinds = ", ".join(sorted({fault.kind for fault in fresh}))
        where = shapely.GeometryCollection([fault.where for fault in fresh])
        raise Refused("faults", f"the plan breaks rules: {kinds}", where)


_SUBMIT = text(
    "UPDATE territory.plan SET state = :state, reason = :reason, effective_on = :day, "
    "submitted_by = :who, submitted_at = now() WHERE id = :id"
)
_BACK = text("UPDATE territory.plan SET state = :state WHERE id = :id")


def _check_submission(connection: Connection, plan: OpenPlan, day: date | None) -> None:
    today = connection.execute(text("SELECT core.today()")).scalar_one()
    if day is not None and day < today:
        raise Invalid([Fault("effective_on", f"{today} or later expected")])
    if _is_unchanged(plan):
        raise Invalid([Fault("", "the plan changes nothing")])
    check_plan(connection, plan)


def _is_unchanged(plan: OpenPlan) -> bool:
    """Whether all is as it was; a community without grids gets its first one without drawing."""
    base = plan.base.pieces
    return base == plan.draft.pieces and all(piece.base_id for piece in base.values())
