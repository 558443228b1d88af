"""Spatial questions: rows, shapes and inhabitants of an answer, and questions kept under a name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import shapely
from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, text

from gisserver.context import current_reader, reader_connection, services
from gisserver.errors import BadRequest
from gisserver.parameters import integer, json_body, take_parameters, text_member
from layers.analysis.answer import MOST_ROWS, Answer, Paging, find_answer, find_shapes
from layers.analysis.grouping import group_condition
from layers.analysis.inhabitants import find_inhabitants
from layers.analysis.place import Place, find_place
from layers.analysis.question import Question, read_place, read_question
from layers.analysis.record import record_question
from layers.analysis.saved import (
    LONGEST_NAME,
    Saved,
    delete_saved,
    get_saved,
    list_saved,
    save_question,
)
from layers.catalogue import LAYERS

blueprint = Blueprint("questions", __name__, url_prefix="/api/questions")

GEOJSON = "application/geo+json"
PAGING = ("limit", "after", "sort", "descending", "group")
USUAL_LIMIT = 100
LONGEST_TOKEN = 2_000


@blueprint.post("/answer")
def answer() -> Response:
    """One page of what a question finds; the first page also with counts and outline."""
    take_parameters(request)
    body = json_body(request, ("question", *PAGING))
    return _answer(asked(body.get("question")), _paging(body))


@blueprint.post("/shapes")
def shapes() -> Response:
    """Where all rows of an answer lie, for drawing them."""
    take_parameters(request)
    question = asked(json_body(request, ("question",)).get("question"))
    with reader_connection() as connection:
        place = place_of(connection, question)
        found = find_shapes(connection, question, place, current_reader())
        record_question(connection, question, place, current_reader(), len(found.features))
    return _collection(found.features, complete=found.complete)


@blueprint.post("/place")
def place_shown() -> Response:
    """The ground a question is about, before it is asked: what is drawn, grown by the metres."""
    take_parameters(request)
    body = json_body(request, ("relation", "subject", "metres"))
    relation, subject, metres = read_place(body, LAYERS)
    with reader_connection() as connection:
        place = find_place(connection, current_reader(), subject, relation, metres)
    return jsonify({"outline": _outline(place)})


@blueprint.post("/people")
def people() -> Response:
    """Who lives in the buildings a question finds; written to the audit log."""
    take_parameters(request)
    question = asked(json_body(request, ("question",)).get("question"))
    with reader_connection() as connection:
        place = place_of(connection, question)
        figures = find_inhabitants(connection, question, place, current_reader())
    ages = [band._asdict() for band in figures.ages]
    return jsonify(figures._asdict() | {"ages": ages})


@blueprint.get("")
def saved() -> Response:
    """The questions the reader keeps, and those shared with the reader."""
    take_parameters(request)
    with reader_connection() as connection:
        found = list_saved(connection, current_reader())
    return jsonify({"items": [_saved(each) for each in found]})


@blueprint.post("")
def save() -> Response:
    """Keep a question under a name, shared in an area or with nobody."""
    take_parameters(request)
    body = json_body(request, ("name", "question", "shared_area"))
    area = body.get("shared_area")
    if area is not None and not isinstance(area, str):
        raise BadRequest("shared_area: an area's code or null expected")
    question, name = asked(body.get("question")), text_member(body, "name", maximum=LONGEST_NAME)
    with reader_connection() as connection:
        place_of(connection, question)  # a question that cannot be answered is not kept
        kept = save_question(connection, current_reader(), name, question, area)
    response = jsonify(_saved(kept))
    response.status_code = 201
    response.headers["Location"] = f"/api/questions/{kept.id}"
    return response


@blueprint.get("/<int:saved_id>")
def one(saved_id: int) -> Response:
    """One question kept."""
    take_parameters(request)
    with reader_connection() as connection:
        return jsonify(_saved(get_saved(connection, current_reader(), saved_id)))


@blueprint.delete("/<int:saved_id>")
def delete(saved_id: int) -> Response:
    """Forget a question kept."""
    take_parameters(request)
    with reader_connection() as connection:
        delete_saved(connection, current_reader(), saved_id)
    return Response(status=204)


@blueprint.get("/<int:saved_id>/answer")
def answer_again(saved_id: int) -> Response:
    """Today's answer to a question kept, within the areas of who asks."""
    values = take_parameters(request, PAGING)
    given: dict[str, Any] = dict(values)
    given["limit"] = integer(values, "limit", USUAL_LIMIT, minimum=1, maximum=MOST_ROWS)
    if "descending" in values:
        given["descending"] = {"true": True, "false": False}.get(values["descending"])
    with reader_connection() as connection:
        kept = get_saved(connection, current_reader(), saved_id)
    return _answer(asked(kept.question), _paging(given))


def asked(given: Any) -> Question:
    """The question sent, checked; raises Invalid, Forbidden."""
    return read_question(given, LAYERS, current_reader(), services().codes)


def place_of(connection: Connection, question: Question) -> Place:
    """The ground of a question; raises Invalid, NotFound."""
    reader = current_reader()
    return find_place(connection, reader, question.subject, question.relation, question.metres)


def _answer(question: Question, paging: Paging) -> Response:
    with reader_connection() as connection:
        place = place_of(connection, question)
        found = find_answer(connection, question, place, current_reader(), paging)
        groups = _groups(connection, question, paging, found)
        record_question(connection, question, place, current_reader(), len(found.features))
    members: dict[str, Any] = {"numberReturned": len(found.features), "next": found.next}
    if found.total is not None:
        members["numberMatched"] = found.total
        members["outline"] = _outline(place)
    if groups is not None:
        members["groups"] = groups
    return _collection(found.features, **members)


def _groups(
    connection: Connection, question: Question, paging: Paging, found: Answer
) -> list[dict[str, Any]] | None:
    """Each count with the condition that finds its rows."""
    name = paging.group
    if name is None or found.groups is None:
        return None
    today = connection.execute(text("SELECT core.today()")).scalar_one()
    return [
        {
            "code": code,
            "count": count,
            "condition": group_condition(question.layer, name, code, today),
        }
        for code, count in found.groups
    ]


def _outline(place: Place) -> Any:
    return json.loads(shapely.to_geojson(shapely.set_precision(place.outline, 1e-7)))


def _collection(features: Any, **members: Any) -> Response:
    head = json.dumps({"type": "FeatureCollection", **members}, separators=(",", ":"))
    return Response(f'{head[:-1]},"features":[{",".join(features)}]}}', mimetype=GEOJSON)


def _paging(given: Mapping[str, Any]) -> Paging:
    limit, descending = given.get("limit", USUAL_LIMIT), given.get("descending", False)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MOST_ROWS:
        raise BadRequest(f"limit: 1 to {MOST_ROWS} expected")
    if not isinstance(descending, bool):
        raise BadRequest("descending: true or false expected")
    return Paging(
        sort=_text(given, "sort") or "id",
        descending=descending,
        after=_text(given, "after"),
        limit=limit,
        group=_text(given, "group"),
    )


def _text(given: Mapping[str, Any], name: str) -> str | None:
    value = given.get(name)
    if value is None:
        return None
    return text_member(given, name, maximum=LONGEST_TOKEN)


def _saved(saved: Saved) -> dict[str, Any]:
    return saved._asdict() | {"created_at": saved.created_at.isoformat()}
