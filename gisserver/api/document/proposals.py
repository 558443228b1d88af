"""Proposals: handed in, shown with their difference, decided on."""

from __future__ import annotations

from gisserver.api.document.operation import ONE, QUOTA, READ, WRITE, Operation, Parameter
from gisserver.api.document.shapes import (
    ANY,
    FLAG,
    MOMENT,
    NUMBER,
    TEXT,
    WHOLE,
    Schema,
    by_name,
    many,
    or_null,
    ref,
    thing,
)
from layers.people.proposal import ACTIONS, OPEN_TO_PROPOSALS, STATES
from layers.people.review_rules import STEPS

_PROPOSALS = "/api/proposals"
_PROPOSAL = "/api/proposals/{proposal_id}"


def _step(name: str, path: str, summary: str, body: str) -> Operation:
    return Operation(
        "post",
        f"{_PROPOSAL}/{path}",
        name,
        "people",
        summary,
        answer="Proposal",
        body=body,
        problems=WRITE,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "get",
        _PROPOSALS,
        "proposals",
        "people",
        "Proposals one handed in or may decide on, newest first",
        parameters=(
            Parameter("state", description=f"One of {', '.join(STATES)}"),
            Parameter("layer", description=f"One of {', '.join(OPEN_TO_PROPOSALS)}"),
            Parameter("feature", "integer", "Only about this row", minimum=1),
            Parameter("mine", "boolean", "Only own ones, or only those of others"),
            Parameter("limit", "integer", "Most rows of one page", minimum=1, maximum=200),
            Parameter("after", "integer", "`next` of the page before", minimum=1),
        ),
        answer="ProposalRows",
        problems=ONE,
    ),
    Operation(
        "post",
        _PROPOSALS,
        "propose",
        "people",
        "Hand a change in, once for each Idempotency-Key; its faults are those of writing it",
        answer="Proposal",
        body="NewProposal",
        status=201,
        problems=WRITE,
    ),
    Operation(
        "get",
        f"{_PROPOSALS}/figures",
        "proposalFigures",
        "people",
        "Proposals by state, and hours from hand-in to decision over 30 days",
        answer="ProposalFigures",
        problems=READ,
    ),
    Operation(
        "post",
        f"{_PROPOSALS}/decide",
        "decideProposals",
        "people",
        "Accept or return up to 200 proposals; what became of each",
        answer="DecidedProposals",
        body="ProposalDecisions",
        problems=READ,
    ),
    Operation(
        "get",
        _PROPOSAL,
        "proposal",
        "people",
        "A proposal with the difference it makes, masked, and possible steps",
        answer="Proposal",
        problems=ONE,
    ),
    Operation(
        "post",
        f"{_PROPOSAL}/reveal",
        "revealProposed",
        "people",
        "Show one value that waits to be decided on, for a reason; written to the audit log first",
        body="ProposalReveal",
        answer="Revealed",
        problems=(*WRITE, QUOTA),
    ),
    _step("acceptProposal", "accept", "Write what is proposed, or corrected", "ProposalAcceptance"),
    _step("returnProposal", "return", "Give it back with the reason", "ProposalReturn"),
    _step("withdrawProposal", "withdraw", "Take one's own proposal back", "ProposalWithdrawal"),
)

_LAYER: Schema = TEXT | {"enum": list(OPEN_TO_PROPOSALS)}
_ACTION: Schema = TEXT | {"enum": list(ACTIONS)}
_STATE: Schema = TEXT | {"enum": list(STATES)}
_ROW: dict[str, Schema] = {
    "id": WHOLE,
    "layer": _LAYER,
    "feature_id": or_null(WHOLE),
    "operation": _ACTION,
    "area_code": TEXT,
    "state": _STATE,
    "label": or_null(TEXT),
    "fields": many(TEXT),
    "reason": or_null(TEXT),
    "proposed_by": TEXT,
    "proposed_at": MOMENT,
    "decision": or_null(TEXT),
    "decided_by": or_null(TEXT),
    "decided_at": or_null(MOMENT),
    "replaces": or_null(WHOLE),
    "is_corrected": FLAG,
    "is_mine": FLAG,
    "steps": many(TEXT | {"enum": list(STEPS)}),
}
_PROBLEM = thing(status=WHOLE, title=TEXT, detail=TEXT, faults=many(thing(field=TEXT, reason=TEXT)))

SCHEMAS: dict[str, Schema] = {
    "ProposalRow": thing(**_ROW),
    "ProposalRows": thing(items=many(ref("ProposalRow")), next=or_null(TEXT)),
    "FieldDifference": thing(
        field=TEXT,
        before=ANY,
        after=ANY,
        accepted=ANY,
        now=ANY,
        is_corrected=FLAG,
        is_conflict=FLAG,
    ),
    "Proposal": thing(
        **_ROW,
        row_version=or_null(WHOLE),
        current_version=or_null(WHOLE),
        is_stale=FLAG,
        is_gone=FLAG,
        values=by_name(ANY),
        before=by_name(ANY),
        also=many(
            thing(layer=TEXT, operation=_ACTION, feature_id=or_null(WHOLE), values=by_name(ANY))
        ),
        differences=many(ref("FieldDifference")),
    ),
    "NewProposal": thing(
        {
            "feature_id": or_null(WHOLE),
            "values": by_name(ANY),
            "row_version": or_null(WHOLE),
            "reason": or_null(TEXT),
            "replaces": or_null(WHOLE),
        },
        layer=_LAYER,
        operation=_ACTION,
    ),
    "ProposalAcceptance": thing(
        {"values": by_name(ANY), "row_version": or_null(WHOLE), "reason": or_null(TEXT)}
    ),
    "ProposalReveal": thing(field=TEXT, reason=TEXT | {"minLength": 4, "maxLength": 500}),
    "ProposalReturn": thing(reason=TEXT),
    "ProposalWithdrawal": thing(),
    "ProposalDecisions": thing(
        {"reason": or_null(TEXT)},
        ids=many(WHOLE) | {"minItems": 1, "maxItems": 200},
        step=TEXT | {"enum": ["accept", "return"]},
    ),
    "DecidedProposals": thing(items=many(thing(id=WHOLE, is_done=FLAG, problem=or_null(_PROBLEM)))),
    "ProposalFigures": thing(
        states=by_name(WHOLE),
        mine=by_name(WHOLE),
        days=WHOLE,
        decided=WHOLE,
        median_hours=or_null(NUMBER),
        slow_hours=or_null(NUMBER),
        oldest_hours=or_null(NUMBER),
    ),
}
