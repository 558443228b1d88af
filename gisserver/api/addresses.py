"""Standard addresses: what texts mean, and the queue of those that people have to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gisserver.context import current_reader, reader_connection
from gisserver.errors import BadRequest
from gisserver.parameters import (
    LARGEST_ID,
    area_prefix,
    integer,
    json_body,
    take_parameters,
    text_member,
    whole_member,
)
from layers.core.values import is_storable
from layers.housing.address import Address, compose
from layers.housing.address_alias import LONGEST_NAME, add_alias, delete_alias, list_aliases
from layers.housing.address_match import Match, match_addresses
from layers.housing.address_review import (
    LONGEST_SOURCE,
    PENDING,
    STATES,
    Review,
    count_reviews,
    decide_review,
    list_reviews,
    queue_matches,
)
from layers.housing.address_text import LONGEST

blueprint = Blueprint("addresses", __name__, url_prefix="/api/addresses")

MOST_TEXTS = 500
USUAL_LIMIT, MOST_ROWS = 100, 1000


@blueprint.post("/match")
def match() -> Response:
    """The parts of each text and the building and room it means; nothing is kept."""
    take_parameters(request)
    texts = _texts(json_body(request, ("texts",)))
    with reader_connection() as connection:
        found = match_addresses(connection, current_reader(), texts)
    return jsonify({"items": [_match(each) for each in found]})


@blueprint.get("/queue")
def queue() -> Response:
    """Texts to be looked at, by id; `state` is pending unless another is asked. All are counted."""
    values = take_parameters(request, ("state", "area", "after", "limit"))
    state = values.get("state", PENDING)
    if state not in STATES:
        raise BadRequest(f"state: one of {', '.join(STATES)} expected", allowed=STATES)
    limit = integer(values, "limit", USUAL_LIMIT, minimum=1, maximum=MOST_ROWS)
    after = integer(values, "after", 0, minimum=0, maximum=LARGEST_ID)
    area = area_prefix(values)
    with reader_connection() as connection:
        found = list_reviews(connection, current_reader(), state, area, after, limit + 1)
        counts = count_reviews(connection, current_reader(), area)
    kept = found[:limit]
    more = len(found) > limit
    items = [_review(each) for each in kept]
    return jsonify({"items": items, "next": kept[-1].id if more else None, "counts": counts})


@blueprint.post("/queue")
def put_in() -> Response:
    """Match texts of one source and queue the unsure ones; each text waits once."""
    take_parameters(request)
    body = json_body(request, ("texts", "source"))
    texts, source = _texts(body), text_member(body, "source", maximum=LONGEST_SOURCE)
    with reader_connection() as connection:
        found = match_addresses(connection, current_reader(), texts)
        queued = queue_matches(connection, current_reader(), found, source)
    counts = {verdict: sum(each.verdict == verdict for each in found) for verdict in _VERDICTS}
    return jsonify({"queued": queued, **counts})


@blueprint.post("/queue/<int:review_id>")
def decide(review_id: int) -> Response:
    """Accept a text as a building or room, or reject it."""
    take_parameters(request)
    body = json_body(request, ("state", "building_id", "dwelling_id"))
    state = text_member(body, "state")
    building, dwelling = whole_member(body, "building_id"), whole_member(body, "dwelling_id")
    with reader_connection() as connection:
        decided = decide_review(connection, current_reader(), review_id, state, building, dwelling)
    return jsonify(_review(decided))


@blueprint.get("/aliases")
def aliases() -> Response:
    """Old names, nicknames and short forms; `name` asks for those of one place."""
    values = take_parameters(request, ("name",))
    with reader_connection() as connection:
        found = list_aliases(connection, current_reader(), values.get("name"))
    return jsonify({"items": [each._asdict() for each in found]})


@blueprint.post("/aliases")
def add() -> Response:
    """Add an old name, nickname or short form of a place."""
    take_parameters(request)
    body = json_body(request, ("kind", "alias", "name", "reason", "area_code"))
    kind, reason = text_member(body, "kind"), text_member(body, "reason")
    alias = text_member(body, "alias", maximum=LONGEST_NAME)
    name = text_member(body, "name", maximum=LONGEST_NAME)
    area = area_prefix({"area_code": text_member(body, "area_code")}, "area_code")
    with reader_connection() as connection:
        made = add_alias(
            connection,
            current_reader(),
            kind=kind,
            alias=alias,
            name=name,
            reason=reason,
            area_code=area,
        )
    response = jsonify(made._asdict())
    response.status_code = 201
    return response


@blueprint.delete("/aliases/<int:alias_id>")
def remove(alias_id: int) -> Response:
    """Remove an old name, nickname or short form."""
    take_parameters(request)
    with reader_connection() as connection:
        delete_alias(connection, current_reader(), alias_id)
    return Response(status=204)


_VERDICTS = ("sure", "unsure", "none")


def _match(match: Match) -> dict[str, Any]:
    told = asdict(match)
    return told | {"address": _address(match.address), "canonical": compose(match.address)}


def _address(address: Address) -> dict[str, Any]:
    return {name: asdict(part) if part else None for name, part in address}


def _review(review: Review) -> dict[str, Any]:
    decided = review.decided_at.isoformat() if review.decided_at else None
    return review._asdict() | {
        "created_at": review.created_at.isoformat(),
        "decided_at": decided,
    }


def _texts(body: Mapping[str, Any]) -> list[str]:
    """The texts sent; raises BadRequest."""
    texts = body.get("texts")
    if not isinstance(texts, list) or not 1 <= len(texts) <= MOST_TEXTS:
        raise BadRequest(f"texts: a list of 1 to {MOST_TEXTS} addresses is needed")
    for text in texts:
        if not isinstance(text, str) or len(text) > LONGEST or not is_storable(text):
            raise BadRequest(f"texts: texts of up to {LONGEST} characters expected")
    return texts
