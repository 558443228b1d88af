"""Reporting an incident: similar cases, conditions, saving or joining, who told and photos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection, text

from gisserver.api.photo_form import picture_answer, sent_with_photos
from gisserver.api.report_body import (
    condition_code,
    coordinate,
    needed_fields,
    reporters,
    seen_cases,
)
from gisserver.context import current_reader, one_trip, reader_connection, require, services
from gisserver.errors import problem
from gisserver.once import done_once, tell_replayed
from gisserver.parameters import number, required, take_parameters
from layers.core.errors import Fault, Invalid, NotFound
from layers.core.rights import Right
from layers.incidents.deadlines import deadlines_of
from layers.incidents.photo import PhotoRow, add_photos, find_photos
from layers.incidents.report import Report, Saved, SimilarFound, join_report, save_report
from layers.incidents.similar import Similar, find_similar

blueprint = Blueprint("reports", __name__, url_prefix="/api/incidents")

FIELDS = (
    "category",
    "description",
    "place",
    "report_source",
    "people_affected",
    "scale",
    "occurred_at",
)
MEMBERS = (*FIELDS, "lon", "lat", "condition", "reporters", "seen")
JOINED = ("report_source", "description", "reporters")


@blueprint.get("/nearby")
def nearby() -> Response:
    """Open cases of a category near a place that may be the same matter, nearest first."""
    values = take_parameters(request, ("lon", "lat", "category"))
    lon, lat = _place(values)
    with reader_connection() as connection:
        found = find_similar(connection, current_reader(), required(values, "category"), lon, lat)
    return jsonify({"items": [_similar(each) for each in found]})


_CONDITIONS = (
    "SELECT c.code, c.name_zh, c.name_en, c.limit_value, c.limit_unit, c.limit_seconds, "
    "c.closing_zh, c.closing_en, d.warn_at, d.due_at FROM incidents.condition AS c JOIN ("
    + deadlines_of(
        "SELECT code AS key, now() AS start, code AS condition, "
        "'{}'::tstzmultirange AS pauses, 0 AS extra_days "
        "FROM incidents.condition WHERE category IN (%(category)s, left(%(category)s, -2))"
    )
    + ") AS d ON d.key = c.code WHERE c.valid_to IS NULL ORDER BY c.position"
)


@blueprint.get("/conditions")
def conditions() -> Response:
    """Registration conditions of a category, each with its limit and what it would be due now."""
    values = take_parameters(request, ("category",))
    require(Right.INCIDENTS_READ)
    rows = one_trip().exec_driver_sql(_CONDITIONS, {"category": required(values, "category")})
    return jsonify({"items": [dict(row._mapping) for row in rows]})


@blueprint.post("")
def create() -> tuple[Response, int] | Response:
    """Save a report as a new case; with an Idempotency-Key, once however often it is sent."""
    take_parameters(request)
    body, pictures, fingerprint = sent_with_photos("report", MEMBERS)
    lon, lat = coordinate(body, "lon", 180), coordinate(body, "lat", 90)
    report = Report(
        lon,
        lat,
        {name: body[name] for name in FIELDS if name in body} | needed_fields(body),
        condition_code(body),
        reporters(body),
        pictures,
        seen_cases(body),
    )

    def save(connection: Connection) -> Saved:
        return save_report(connection, current_reader(), report, services().tools)

    try:
        return _answer(*_once(save, fingerprint))
    except SimilarFound as error:
        similar = [_similar(each) for each in error.similar]
        return problem(409, "Perhaps there already", str(error), similar=similar)


@blueprint.post("/<int:incident_id>/reports")
def join(incident_id: int) -> tuple[Response, int]:
    """Join a report to an open case: its reporters and photos are kept with those there are."""
    take_parameters(request)
    body, pictures, fingerprint = sent_with_photos("report", JOINED)
    report = Report(0, 0, body, None, reporters(body), pictures)

    def save(connection: Connection) -> Saved:
        reader, tools = current_reader(), services().tools
        return join_report(connection, reader, incident_id, report, tools)

    return _answer(*_once(save, fingerprint + b"%d" % incident_id))


_REPORTERS = text(
    "SELECT id, row_version, name, phone, report_source, description, reported_at, reported_by "
    "FROM incidents.reporter WHERE incident_id = :id ORDER BY id"
)


@blueprint.get("/<int:incident_id>/reports")
def reports(incident_id: int) -> Response:
    """Who told of a case, masked, and its photos, each in the order in which they came."""
    take_parameters(request)
    with reader_connection() as connection:
        _must_exist(connection, incident_id)
        reporters = [
            dict(row._mapping) for row in connection.execute(_REPORTERS, {"id": incident_id})
        ]
        photos = [asdict(photo) for photo in find_photos(connection, incident_id)]
    return jsonify({"reporters": reporters, "photos": photos})


@blueprint.post("/<int:incident_id>/photos")
def add(incident_id: int) -> tuple[Response, int]:
    """Add photos to a case, for instance of what was done; answers all it then has."""
    take_parameters(request)
    _, pictures, _ = sent_with_photos("report", ())
    if not pictures:
        raise Invalid([Fault("photos", "at least one is needed")])
    with reader_connection() as connection:
        _must_exist(connection, incident_id)
        add_photos(connection, incident_id, pictures)
        photos = [asdict(photo) for photo in find_photos(connection, incident_id)]
    return jsonify({"photos": photos}), 201


@blueprint.get("/photos/<int:photo_id>")
def photo(photo_id: int) -> Response:
    """The picture of a photo, a JPEG."""
    return picture_answer(PhotoRow, photo_id, is_small=False)


@blueprint.get("/photos/<int:photo_id>/thumbnail")
def thumbnail(photo_id: int) -> Response:
    """The picture of a photo, small."""
    return picture_answer(PhotoRow, photo_id, is_small=True)


def _must_exist(connection: Connection, incident_id: int) -> None:
    found = connection.execute(
        text("SELECT FROM incidents.incident WHERE id = :id"), {"id": incident_id}
    )
    if found.one_or_none() is None:
        raise NotFound(f"no feature {incident_id} in incidents")


def _once(save: Callable[[Connection], Saved], fingerprint: bytes) -> tuple[dict[str, Any], bool]:
    """What saving answers, and whether it was done before under the same key."""
    with reader_connection() as connection:
        return done_once(connection, fingerprint, lambda: _told(save(connection)))


def _told(saved: Saved) -> dict[str, Any]:
    due = saved.due_at.isoformat() if saved.due_at else None
    return asdict(saved) | {"due_at": due}


def _answer(answer: dict[str, Any], was_done: bool) -> tuple[Response, int]:
    response = jsonify(answer)
    response.headers["Location"] = f"/api/layers/incidents/features/{answer['id']}"
    tell_replayed(response, was_done)
    return response, 200 if answer["joined"] else 201


def _place(values: dict[str, str]) -> tuple[float, float]:
    return (
        number(values, "lon", minimum=-180, maximum=180),
        number(values, "lat", minimum=-90, maximum=90),
    )


def _similar(similar: Similar) -> dict[str, Any]:
    moments = ("reported_at", "warn_at", "due_at", "closed_at", "paused_at")
    told = asdict(similar) | {"distance": round(similar.distance, 1)}
    return told | {
        name: value.isoformat() for name in moments if (value := getattr(similar, name)) is not None
    }
