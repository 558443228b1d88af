"""A case: its page with the steps open to the reader, taking one, whom it may be dispatched to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, text

from gisserver.api.photo_form import sent_with_photos
from gisserver.context import current_reader, reader_connection, services
from gisserver.errors import STATUS, BadRequest, problem
from gisserver.parameters import take_parameters, text_member
from layers.core.errors import Stale
from layers.incidents.candidates import find_candidates
from layers.incidents.case import CasePage, TakenStep, find_case_page
from layers.incidents.flow import Need, Step, Title
from layers.incidents.incident import INCIDENTS
from layers.incidents.take_step import take_step
from layers.incidents.workflow import BY_NAME, REPORT, STAGES, STATES

blueprint = Blueprint("cases", __name__, url_prefix="/api/incidents")

_CONDITIONS = text(
    "SELECT code AS value, name_zh AS zh, name_en AS en, limit_value, limit_unit "
    "FROM incidents.condition WHERE category IN (:category, left(:category, -2)) "
    "AND (valid_to IS NULL OR valid_to > core.today()) ORDER BY category DESC, position"
)


@blueprint.get("/<int:incident_id>/case")
def case(incident_id: int) -> Response:
    """A case: incident, who is in charge, every step so far, and the steps open to who asks."""
    take_parameters(request)
    with reader_connection() as connection:
        return jsonify(_page(connection, incident_id))


@blueprint.post("/<int:incident_id>/steps")
def step(incident_id: int) -> tuple[Response, int] | Response:
    """Take a step of the case as it was at `row_version`, its photos with it; answers the case."""
    take_parameters(request)
    body, pictures, _ = sent_with_photos("step", ("step", "row_version", "inputs"))
    name, version, inputs = text_member(body, "step"), body.get("row_version"), body.get("inputs")
    if not isinstance(version, int) or isinstance(version, bool):
        raise BadRequest("row_version: the version the step is based on is needed")
    if not isinstance(inputs, dict | None):
        raise BadRequest("inputs: an object of values by the names of the step's needs is expected")
    reader, codes = current_reader(), services().codes
    try:
        with reader_connection() as connection:
            take_step(connection, reader, incident_id, name, version, inputs or {}, codes, pictures)
            return jsonify(_page(connection, incident_id)), 201
    except Stale as error:
        return _stale(incident_id, error)


@blueprint.get("/<int:incident_id>/units")
def units(incident_id: int) -> Response:
    """Units whose area holds the case, with their staff there, the likeliest first."""
    take_parameters(request)
    with reader_connection() as connection:
        found = find_candidates(connection, current_reader(), incident_id)
    return jsonify({"items": [asdict(each) for each in found]})


@blueprint.get("/flow")
def flow() -> Response:
    """The seven stages, the state each holds and what the steps are called."""
    take_parameters(request)
    titles = {name: both(each.title) for name, each in BY_NAME.items()}
    return jsonify(
        {
            "stages": [{"stage": stage, **both(title)} for stage, title in STAGES.items()],
            "states": dict(STATES),
            "steps": {"report": both(REPORT)} | titles,
        }
    )


def both(title: Title) -> dict[str, str]:
    """A title in both languages."""
    return {"zh": title[0], "en": title[1]}


def _stale(incident_id: int, error: Stale) -> Response:
    with reader_connection() as connection:
        page = _page(connection, incident_id)
    status, title = STATUS[Stale]
    members: dict[str, Any] = {"asked": error.asked, "current": error.current, "case": page}
    return problem(status, title, str(error), **members)


def _page(connection: Connection, incident_id: int) -> dict[str, Any]:
    reader, codes = current_reader(), services().codes
    page = find_case_page(connection, reader, incident_id, codes)
    incident = json.loads(page.feature.feature)
    incident["editable"] = (
        reader.covers(INCIDENTS.write, page.feature.area_code)
        and incident["properties"]["state"] != "archived"
    )
    return {
        "incident": incident,
        "now": page.now.isoformat(),
        "unit": page.unit,
        "handler": page.handler,
        "owner": page.owner,
        "steps": [_taken(each) for each in page.steps],
        "open": list(_open(connection, page, incident["properties"]["category"])),
    }


def _taken(taken: TakenStep) -> dict[str, Any]:
    found = asdict(taken)
    step = BY_NAME.get(taken.step)
    found["at"] = taken.at.isoformat()
    found["title"] = both(step.title if step else REPORT)
    return found


def _open(connection: Connection, page: CasePage, category: str) -> Iterable[dict[str, Any]]:
    options: dict[str, Any] = {"closing": [{"value": code} for code in page.closing_conditions]}
    if any(need.kind == "condition" for each in page.open for need in each.needs):
        rows = connection.execute(_CONDITIONS, {"category": category}).mappings()
        options["condition"] = [dict(row) for row in rows]
    return (step_json(each, options) for each in page.open)


def step_json(step: Step, options: dict[str, Any]) -> dict[str, Any]:
    """A step as a button and its form need it; `options` are those of a kind of need."""
    return {
        "name": step.name,
        "title": both(step.title),
        "is_main": step.is_main,
        "is_grave": step.is_grave,
        "to_state": step.to_state,
        "takes_photos": step.takes_photos,
        "needs": [_need(each, options.get(each.kind)) for each in step.needs],
    }


def _need(need: Need, options: Any) -> dict[str, Any]:
    return {
        "name": need.name,
        "kind": need.kind,
        "title": both(need.title),
        "is_required": need.is_required,
        "codes": need.codes,
        "minimum": need.minimum,
        "maximum": need.maximum,
        "only_if": list(need.only_if) if need.only_if else None,
        "options": options,
    }
