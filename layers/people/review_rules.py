"""Rules of proposals: who may take which step, and what a proposal changes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from layers.core.errors import Conflict, Fault, Forbidden, Invalid
from layers.core.scope import Reader
from layers.people.proposal import (
    ACCEPTED,
    PENDING,
    RETURNED,
    SUPERSEDED,
    WITHDRAWN,
    Proposal,
    State,
)

StepName = Literal["accept", "return", "withdraw", "replace"]

SHORTEST_REASON, LONGEST_REASON = 2, 500


@dataclass(frozen=True)
class Step:
    """What may be done with a proposal: from which states to which, and by whom."""

    name: StepName
    before: tuple[State, ...]
    after: State
    by_proposer: bool = False
    needs_reason: bool = False


STEPS: Mapping[StepName, Step] = {
    step.name: step
    for step in (
        Step("accept", (PENDING,), ACCEPTED),
        Step("return", (PENDING,), RETURNED, needs_reason=True),
        Step("withdraw", (PENDING,), WITHDRAWN, by_proposer=True),
        Step("replace", (PENDING, RETURNED), SUPERSEDED, by_proposer=True),
    )
}


def possible_steps(reader: Reader, proposal: Proposal) -> list[StepName]:
    """Names of the steps the reader may take now; buttons are made from them."""
    return [step.name for step in STEPS.values() if _obstacle(step, reader, proposal) is None]


def check_step(step: Step, reader: Reader, proposal: Proposal) -> None:
    """Nothing when the reader may take the step now.

    Raises: Forbidden for another's proposal, for one's own decision or without the right there;
    Conflict in another state.
    """
    obstacle = _obstacle(step, reader, proposal)
    if obstacle is not None:
        raise obstacle


def _obstacle(step: Step, reader: Reader, proposal: Proposal) -> Forbidden | Conflict | None:
    is_own = reader.login == proposal.proposed_by
    if step.by_proposer and not is_own:
        return Forbidden(f"{step.name}: only who handed a proposal in does that")
    if not step.by_proposer and is_own:
        return Forbidden("whoever hands a proposal in does not decide on it")
    right = proposal.about.write
    if not step.by_proposer and not reader.covers(right, proposal.area_code):
        return Forbidden(f"deciding needs the right {right} in {proposal.area_code or 'no area'}")
    if proposal.state not in step.before:
        return Conflict(
            f"a proposal that is {proposal.state} cannot be taken to {step.name}; "
            f"possible when {' or '.join(step.before)}"
        )
    return None


def checked_reason(step: Step, reason: str | None) -> str | None:
    """The reason without blanks around it.

    Raises: Invalid when the step needs one and it is missing, or when it is too long.
    """
    told = (reason or "").strip()
    if step.needs_reason and len(told) < SHORTEST_REASON:
        raise Invalid([Fault("reason", f"at least {SHORTEST_REASON} characters expected")])
    if len(told) > LONGEST_REASON:
        raise Invalid([Fault("reason", f"at most {LONGEST_REASON} characters expected")])
    return told or None


@dataclass(frozen=True)
class FieldDifference:
    """One field: before, as proposed, as accepted when that was corrected, and as it is now.

    `is_conflict` tells that somebody else has changed the field since it was proposed.
    """

    field: str
    before: Any
    after: Any
    accepted: Any
    now: Any
    is_corrected: bool
    is_conflict: bool


def differences(proposal: Proposal, now: Mapping[str, Any] | None) -> list[FieldDifference]:
    """The fields a proposal changes, in the layer's order; `now` is the row as it is, if it is.

    Every sensitive field handed in counts as changed: equal masks may hide different values.
    """
    fields = [
        name
        for name, info in proposal.about.fields.items()
        if not info.read_only and _is_touched(proposal, name)
    ]
    return [_difference(proposal, name, now) for name in fields]


def _is_touched(proposal: Proposal, name: str) -> bool:
    if proposal.operation == "delete":
        return proposal.before.get(name) is not None
    if proposal.operation == "create":
        return proposal.values.get(name) is not None or name in proposal.correction
    return name in proposal.values or name in proposal.correction


def _difference(proposal: Proposal, name: str, now: Mapping[str, Any] | None) -> FieldDifference:
    before = proposal.before.get(name)
    after = proposal.values.get(name, before) if proposal.operation != "delete" else None
    is_open = proposal.state == PENDING and now is not None
    current = now.get(name) if now is not None and is_open else before
    return FieldDifference(
        field=name,
        before=before,
        after=after,
        accepted=proposal.correction.get(name, after),
        now=current,
        is_corrected=name in proposal.correction,
        is_conflict=is_open and current != before,
    )


def changed_values(
    given: Mapping[str, Any], before: Mapping[str, Any], sensitive: tuple[str, ...]
) -> dict[str, Any]:
    """What of the given values differs from the row; sensitive ones always count."""
    return {
        name: value
        for name, value in given.items()
        if name in sensitive or before.get(name) != value
    }
