"""Who is in charge of which grid, which grids lack somebody, and counts by grid of another day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gisserver.context import current_reader, reader_connection
from gisserver.errors import BadRequest
from gisserver.parameters import LARGEST_ID, day, integer, required, take_parameters
from layers.analysis.grid_counts import count_on_grids
from layers.organisation.charge import find_charges, find_vacancies
from layers.territory.lineage import find_lineage

blueprint = Blueprint("charge", __name__, url_prefix="/api")

AREA = re.compile(r"\d{0,14}")
COMMUNITY = re.compile(r"\d{12}")


@blueprint.get("/assignments")
def assignments() -> Response:
    """Assignments that hold on a day, by grid; `past=true` adds earlier and later ones."""
    values = take_parameters(request, ("area", "on", "grid", "staff", "past"))
    if values.get("past", "false") not in ("true", "false"):
        raise BadRequest("past: true or false expected")
    with reader_connection() as connection:
        found = find_charges(
            connection,
            current_reader(),
            _area(values),
            day(values, "on"),
            grid=_id(values, "grid"),
            staff=_id(values, "staff"),
            past=values.get("past") == "true",
        )
    return jsonify({"items": [each._asdict() for each in found]})


@blueprint.get("/assignments/vacancies")
def vacancies() -> Response:
    """Grids in force that lack a chief or a full-time worker on a day."""
    values = take_parameters(request, ("area", "on"))
    with reader_connection() as connection:
        found = find_vacancies(connection, current_reader(), _area(values), day(values, "on"))
    return jsonify({"items": [each._asdict() for each in found]})


@blueprint.get("/grids/counts")
def counts() -> Response:
    """Grids of a community as they were on a day, with what lay in them, whatever changed since."""
    values = take_parameters(request, ("community", "since", "until", "on"))
    community = required(values, "community")
    if not COMMUNITY.fullmatch(community):
        raise BadRequest("community: 12 digits expected")
    days = {name: day(values, name) for name in ("since", "until", "on")}
    missing = [name for name, day in days.items() if day is None]
    if missing:
        raise BadRequest(f"query parameter {missing[0]!r} is needed")
    with reader_connection() as connection:
        found = count_on_grids(connection, current_reader(), community, **days)  # type: ignore[arg-type]
    return jsonify({"items": [each._asdict() for each in found]})


@blueprint.get("/grids/<int:grid_id>/lineage")
def lineage(grid_id: int) -> Response:
    """What a grid was made of, and what became of it, with shares of land and people."""
    take_parameters(request)
    with reader_connection() as connection:
        before, after = find_lineage(connection, current_reader(), grid_id)
    told = {"before": before, "after": after}
    return jsonify({name: [each._asdict() for each in rows] for name, rows in told.items()})


def _area(values: Mapping[str, str]) -> str:
    area = values.get("area", "")
    if not AREA.fullmatch(area):
        raise BadRequest("area: up to 14 digits of an area code expected")
    return area


def _id(values: Mapping[str, Any], name: str) -> int | None:
    if name not in values:
        return None
    return integer(values, name, 0, minimum=1, maximum=LARGEST_ID)
