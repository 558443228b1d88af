"""Proposals: changes handed in, listed, shown with their difference, and decided on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, cast

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gisserver.context import counted_connection, current_reader, reader_connection, services
from gisserver.errors import SQL_STATUS, STATUS, BadRequest, problem
from gisserver.once import done_once, tell_replayed
from gisserver.parameters import (
    LARGEST_ID,
    LARGEST_VERSION,
    integer,
    json_body,
    take_parameters,
    text_member,
    whole_member,
)
from layers.core.change import Action
from layers.core.errors import Invalid, LayerError, Stale
from layers.core.looks import record_in_each_area
from layers.core.scope import Reader
from layers.people.person import PERSONS
from layers.people.proposal import ACTIONS, STATES, Draft, Proposal, State, open_layer
from layers.people.proposal_list import (
    Wanted,
    current_row,
    find_proposals,
    get_proposal,
    review_figures,
)
from layers.people.proposed_value import reveal_proposed
from layers.people.review import accept, give_back, propose, withdraw
from layers.people.review_rules import LONGEST_REASON, differences, possible_steps

blueprint = Blueprint("proposals", __name__, url_prefix="/api/proposals")

MOST_ROWS = 200
MOST_DECIDED = 200
WHOSE = ("true", "false")
DECISIONS = ("accept", "return")
HAND_IN = ("layer", "operation", "feature_id", "values", "row_version", "reason", "replaces")


@blueprint.get("")
def proposals() -> Response:
    """Proposals that the reader handed in or may decide on, newest first."""
    values = take_parameters(request, ("state", "layer", "feature", "mine", "limit", "after"))
    wanted = _wanted(values)
    limit = integer(values, "limit", 50, minimum=1, maximum=MOST_ROWS)
    after = integer(values, "after", 0, minimum=1, maximum=LARGEST_ID)
    reader = current_reader()
    with reader_connection() as connection:
        page = find_proposals(connection, reader, wanted, limit, after or None)
        others = [each for each in page.rows if each.proposed_by != reader.login]
        if any(each.about.is_personal for each in others):
            detail = {"asked": values, "proposals": len(others)}
            record_in_each_area(connection, reader, PERSONS, "list", PERSONS.read, detail)
    following = None if page.next_after is None else str(page.next_after)
    return jsonify({"items": [_row(reader, each) for each in page.rows], "next": following})


@blueprint.post("")
def hand_in() -> tuple[Response, int]:
    """Hand a change in; with an Idempotency-Key, once however often it is sent."""
    take_parameters(request)
    draft = _draft(json_body(request, HAND_IN))
    reader = current_reader()
    # Keyed: a plain hash of what holds an ID number could be guessed.
    fingerprint = services().sealer.blind("proposal", request.get_data(as_text=True))
    with reader_connection() as connection:
        answer, was_done = done_once(
            connection,
            fingerprint,
            lambda: {"id": propose(connection, draft, reader, services().tools)},
        )
        told = _told(connection, reader, answer["id"])
    response = jsonify(told)
    response.headers["Location"] = f"/api/proposals/{answer['id']}"
    tell_replayed(response, was_done)
    return response, 201


@blueprint.get("/figures")
def figures() -> Response:
    """Proposals by state and how long decisions took in the last 30 days."""
    take_parameters(request)
    with reader_connection() as connection:
        return jsonify(asdict(review_figures(connection, current_reader())))


@blueprint.get("/<int:proposal_id>")
def proposal(proposal_id: int) -> Response:
    """A proposal with the difference it makes, sensitive values masked, and possible steps."""
    take_parameters(request)
    with reader_connection() as connection:
        return jsonify(_told(connection, current_reader(), proposal_id))


@blueprint.post("/<int:proposal_id>/accept")
def accept_one(proposal_id: int) -> Response:
    """Write what is proposed, corrected by `values`, over the version seen if that is named."""
    take_parameters(request)
    body = json_body(request, ("values", "row_version", "reason"))
    correction, reason = _members(body, "values"), _reason(body)
    version = whole_member(body, "row_version", maximum=LARGEST_VERSION)

    def take(connection: Connection, reader: Reader) -> None:
        accept(
            connection,
            proposal_id,
            reader,
            services().tools,
            correction=correction,
            row_version=version,
            decision=reason,
        )

    return _step(proposal_id, take)


@blueprint.post("/<int:proposal_id>/return")
def return_one(proposal_id: int) -> Response:
    """Give a proposal back to who handed it in, with the reason."""
    take_parameters(request)
    reason = _reason(json_body(request, ("reason",)))
    return _step(proposal_id, lambda c, r: give_back(c, proposal_id, r, reason))


@blueprint.post("/<int:proposal_id>/withdraw")
def withdraw_one(proposal_id: int) -> Response:
    """Take one's own proposal back."""
    take_parameters(request)
    json_body(request, ())
    return _step(proposal_id, lambda c, r: withdraw(c, proposal_id, r))


@blueprint.post("/<int:proposal_id>/reveal")
def reveal(proposal_id: int) -> Response:
    """The open text of one value of an open proposal, for a reason; never stored by a cache."""
    take_parameters(request)
    body = json_body(request, ("field", "reason"))
    field, reason = text_member(body, "field"), text_member(body, "reason", maximum=LONGEST_REASON)
    with counted_connection() as connection:
        value = reveal_proposed(
            connection, current_reader(), proposal_id, field, reason, services().sealer
        )
    response = jsonify({"value": value})
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/decide")
def decide() -> Response:
    """Accept or return up to 200 proposals, each in its own transaction; what became of each."""
    take_parameters(request)
    body = json_body(request, ("ids", "step", "reason"))
    step, reason, ids = body.get("step"), _reason(body), _ids(body.get("ids"))
    if step not in DECISIONS:
        raise BadRequest("step: accept or return expected", allowed=DECISIONS)
    if step == "return" and not (reason or "").strip():
        raise BadRequest("reason: returning needs one")
    reader, tools = current_reader(), services().tools

    def take(connection: Connection, each: int) -> None:
        if step == "accept":
            accept(connection, each, reader, tools, decision=reason)
        else:
            give_back(connection, each, reader, reason)

    return jsonify({"items": [_became(each, take) for each in ids]})


def _became(proposal_id: int, take: Callable[[Connection, int], None]) -> dict[str, Any]:
    """What became of one of many: a refusal leaves the others as they are."""
    try:
        with reader_connection() as connection:
            take(connection, proposal_id)
    except LayerError as error:
        kind = next(kind for kind in type(error).__mro__ if kind in STATUS)
        status, title = STATUS[kind]
        faults = error.faults if isinstance(error, Invalid) else ()
        told = {"status": status, "title": title, "detail": str(error)}
        told["faults"] = [asdict(fault) for fault in faults]
        return {"id": proposal_id, "is_done": False, "problem": told}
    except DBAPIError as error:
        state = str(getattr(error.orig, "pgcode", None) or "")
        if state not in SQL_STATUS:
            raise
        status, title, detail = SQL_STATUS[state]
        told = {"status": status, "title": title, "detail": detail, "faults": []}
        return {"id": proposal_id, "is_done": False, "problem": told}
    return {"id": proposal_id, "is_done": True, "problem": None}


def _step(proposal_id: int, take: Callable[[Connection, Reader], None]) -> Response:
    reader = current_reader()
    try:
        with reader_connection() as connection:
            take(connection, reader)
            told = _told(connection, reader, proposal_id)
    except Stale as error:
        return _stale(proposal_id, error)
    return jsonify(told)


def _stale(proposal_id: int, error: Stale) -> Response:
    """The refusal with the proposal beside the row as somebody else has left it."""
    with reader_connection() as connection:
        told = _told(connection, current_reader(), proposal_id)
    status, title = STATUS[Stale]
    members: dict[str, Any] = {"asked": error.asked, "current": error.current, "proposal": told}
    return problem(status, title, str(error), **members)


def _told(connection: Connection, reader: Reader, proposal_id: int) -> dict[str, Any]:
    found = get_proposal(connection, reader, proposal_id)
    now = current_row(connection, reader, found)
    is_open = found.state == "pending"
    return _row(reader, found) | {
        "row_version": found.base_version,
        "current_version": now.row_version if now else None,
        "is_stale": is_open and now is not None and now.row_version != found.base_version,
        "is_gone": is_open and now is None and found.operation != "create",
        "values": dict(found.values),
        "before": dict(found.before),
        "also": [
            {name: each[name] for name in ("layer", "operation", "feature_id", "values")}
            for each in found.also
        ],
        "differences": [
            asdict(each) for each in differences(found, now.properties if now else None)
        ],
    }


def _row(reader: Reader, found: Proposal) -> dict[str, Any]:
    told = found._asdict()
    for name in ("values", "before", "base_version", "correction", "also"):
        del told[name]
    return told | {
        "label": found.label,
        "fields": [each.field for each in differences(found, None)],
        "is_corrected": bool(found.correction),
        "is_mine": found.proposed_by == reader.login,
        "steps": possible_steps(reader, found),
    }


def _wanted(values: Mapping[str, str]) -> Wanted:
    state, mine, layer = values.get("state"), values.get("mine"), values.get("layer")
    if state is not None and state not in STATES:
        raise BadRequest(f"state: one of {', '.join(STATES)} expected", allowed=STATES)
    if mine is not None and mine not in WHOSE:
        raise BadRequest("mine: true or false expected", allowed=WHOSE)
    feature = integer(values, "feature", 0, minimum=1, maximum=LARGEST_ID)
    return Wanted(
        state=cast(State | None, state),
        layer=None if layer is None else open_layer(layer).name,
        feature_id=feature or None,
        whose=None if mine is None else "mine" if mine == "true" else "others",
    )


def _draft(body: Mapping[str, Any]) -> Draft:
    layer, operation = open_layer(text_member(body, "layer")), body.get("operation")
    if operation not in ACTIONS:
        raise BadRequest(f"operation: one of {', '.join(ACTIONS)} expected", allowed=ACTIONS)
    feature_id = whole_member(body, "feature_id")
    version = whole_member(body, "row_version", maximum=LARGEST_VERSION)
    is_new = operation == "create"
    if is_new != (feature_id is None) or is_new != (version is None):
        raise BadRequest(
            "feature_id, row_version: both of the row to change, neither for a new one"
        )
    return Draft(
        layer=layer,
        operation=cast(Action, operation),
        feature_id=feature_id,
        values=_members(body, "values"),
        row_version=version,
        reason=_reason(body),
        replaces=whole_member(body, "replaces"),
    )


def _members(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    given = body.get(name)
    if given is not None and not isinstance(given, dict):
        raise BadRequest(f"{name}: an object is expected")
    found: dict[str, Any] = dict(given or {})
    return found


def _reason(body: Mapping[str, Any]) -> str | None:
    if not body.get("reason"):
        return None
    return text_member(body, "reason", maximum=LONGEST_REASON)


def _ids(given: Any) -> list[int]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_DECIDED:
        raise BadRequest(f"ids: 1 to {MOST_DECIDED} numbers of proposals expected")
    for each in given:
        if whole_member({"ids": each}, "ids") is None:
            raise BadRequest("ids: numbers of proposals expected")
    return list(dict.fromkeys(given))
