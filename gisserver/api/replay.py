"""Replay: who moved on a day, and the tracks of chosen staff and vehicles; every look is logged."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from gisserver.context import reader_connection, require
from gisserver.errors import BadRequest
from gisserver.parameters import area_prefix, day_of, required, take_parameters
from layers.core.errors import NotFound
from layers.core.looks import record_in_each_area
from layers.core.rights import Right
from layers.patrol.day_track import (
    Moved,
    Moving,
    Named,
    day_bounds,
    find_moved,
    find_tracks,
    last_day,
)
from layers.patrol.position import POSITIONS
from layers.patrol.replay import Track
from layers.patrol.scene import find_reported, find_shifts_of

blueprint = Blueprint("replay", __name__, url_prefix="/api/positions/replay")

MOST_OBJECTS = 100


@blueprint.get("/objects")
def objects() -> Response:
    """Staff and vehicles that moved on a day (China time) and that the reader may replay."""
    values = take_parameters(request, ("day", "area"))
    require(Right.PATROL_REPLAY)
    day, area = _day(values), area_prefix(values)
    with reader_connection() as connection:
        found, last = find_moved(connection, day, area), last_day(connection)
    return jsonify({"day": day, "last_day": last, "items": [_moved(each) for each in found]})


@blueprint.get("")
def replay() -> Response:
    """Tracks of up to a hundred objects on one day, with shifts and incidents; logged."""
    values = take_parameters(request, ("day", "staff", "vehicle"))
    reader = require(Right.PATROL_REPLAY)
    day = _day(values)
    asked = [*_asked(values, "staff"), *_asked(values, "vehicle")]
    if not 1 <= len(asked) <= MOST_OBJECTS:
        raise BadRequest(f"staff, vehicle: 1 to {MOST_OBJECTS} ids expected, not {len(asked)}")
    with reader_connection() as connection:
        replayed = find_tracks(connection, day, asked)
        unknown = [f"{each.kind} {each.id}" for each in asked if each not in replayed.names]
        if unknown:
            raise NotFound(f"nothing to replay on {day}: {', '.join(unknown)}")
        worked = find_shifts_of(
            connection, day, [each.id for each in asked if each.kind == "staff"]
        )
        reported, total = find_reported(connection, day, replayed.areas)
        detail = {"day": str(day), "objects": [f"{each.kind}:{each.id}" for each in asked]}
        record_in_each_area(connection, reader, POSITIONS, "replay", Right.PATROL_REPLAY, detail)
    since, until = day_bounds(day)
    return jsonify(
        {
            "day": day,
            "since": int(since.timestamp()),
            "until": int(until.timestamp()),
            "tracks": [
                _track(moving, replayed.names[moving], track, since, worked.get(moving.id, ()))
                for moving, track in replayed.tracks.items()
            ],
            "incidents": [
                each._asdict() | {"reported_at": each.reported_at.timestamp()} for each in reported
            ],
            "incidents_total": total,
        }
    )


def _day(values: dict[str, str]) -> date:
    return day_of(required(values, "day"), "day")


def _asked(values: dict[str, str], kind: str) -> list[Moving]:
    given = values.get(kind, "")
    ids = [each for each in given.split(",") if each]
    if not all(each.isascii() and each.isdigit() and len(each) < 19 for each in ids):
        raise BadRequest(f"{kind}: ids with commas between them expected, not {given!r}")
    return [Moving(kind, each) for each in dict.fromkeys(map(int, ids))]


def _moved(each: Moved) -> dict[str, Any]:
    told = each._asdict()
    told["object_kind"], told["object_id"] = told.pop("kind"), told.pop("id")
    for name in ("first_at", "last_at"):
        told[name] = int(told[name].timestamp())
    return told


def _track(
    moved: Moving,
    named: Named,
    track: Track,
    since: datetime,
    worked: Sequence[tuple[datetime, datetime | None]],
) -> dict[str, Any]:
    begins = int(since.timestamp())

    def span(each: Any) -> dict[str, Any]:
        told = asdict(each)
        return told | {"since": begins + each.since, "until": begins + each.until}

    # Shifts of staff only: a vehicle may have the same number.
    shifts = worked if moved.kind == "staff" else ()
    return {
        "object_kind": moved.kind,
        "object_id": moved.id,
        "label": named.label,
        "icon": named.icon,
        "fixes": track.fixes,
        "metres": round(track.metres),
        "first_at": begins + track.since,
        "last_at": begins + track.until,
        "line": b64encode(track.line).decode(),
        "stops": [span(stop) for stop in track.stops],
        "gaps": [span(gap) for gap in track.gaps],
        "shifts": [
            {"since": int(a.timestamp()), "until": int(b.timestamp()) if b else None}
            for a, b in shifts
        ],
    }
