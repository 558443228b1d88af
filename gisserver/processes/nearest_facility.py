"""Process `nearest_facility`: the nearest facility of each place along roads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import shapely

from gisserver.processes.declaration import Asker, Input, Output, Process, Result, Work
from gisserver.processes.roads import (
    ACCESS,
    MODE,
    UNIT,
    direction_input,
    key_of,
    name_of,
    places_input,
    places_sent,
    points_of,
    travel_of,
)
from gisserver.processes.shapes import Sent
from layers.analysis.roads.nearest import Found, NearestQuestion, find_nearest
from layers.core.rights import Right


class _Asked(NamedTuple):
    question: NearestQuestion
    origins: Sequence[Sent]
    facilities: Sequence[Sent]


def _read(inputs: Mapping[str, Any], asker: Asker) -> _Asked:
    origins, facilities = (places_sent(inputs, name) for name in ("origins", "facilities"))
    question = NearestQuestion(
        origins=points_of(origins),
        facilities=points_of(facilities),
        most=float(inputs["most"]),
        travel=travel_of(inputs, asker),
        with_routes=inputs["with_routes"],
    )
    return _Asked(question, origins, facilities)


def _run(work: Work, asked: _Asked, media_type: str) -> Result:
    found = find_nearest(work.connection, work.reader, asked.question, work.tell)
    features = [_feature(asked, number, each) for number, each in enumerate(found)]
    body = {"type": "FeatureCollection", "features": features}
    return Result(json.dumps(body, ensure_ascii=False).encode(), media_type)


def _feature(asked: _Asked, number: int, found: Found) -> dict[str, Any]:
    """The origin as it was sent, or its route, with the facility in place of such properties."""
    feature = asked.origins[number].feature
    geometry = feature["geometry"]
    if asked.question.with_routes:
        geometry = _line(found)
    told: dict[str, Any] = dict.fromkeys(
        ("facility", "facility_name", "distance_m", "minutes", "facility_access_m")
    )
    told["access_m"] = _metres(found.access)
    told["reason"] = found.reason
    if found.facility is not None:
        told |= {
            "facility": key_of(asked.facilities, found.facility),
            "facility_name": name_of(asked.facilities[found.facility]),
            "distance_m": _metres(found.metres),
            "minutes": round(found.minutes, 2),
            "facility_access_m": _metres(found.facility_access),
        }
    return {
        **feature,
        "id": key_of(asked.origins, number),
        "geometry": geometry,
        "properties": {**feature["properties"], **told},
    }


def _line(found: Found) -> Any:
    if found.route is None:
        return None
    # Not set_precision: that would leave nothing of a way of a centimetre.
    points = shapely.get_coordinates(found.route).round(7).tolist()
    return {"type": "LineString", "coordinates": points}


def _metres(given: float | None) -> float | None:
    return None if given is None else round(given, 1)


NEAREST_FACILITY = Process(
    name="nearest_facility",
    title=("最近设施", "Nearest facility"),
    description=(
        "每个地点沿道路最近的设施：距离、时间、到道路的直线距离，可带路线；到不了的给出原因"
        "（no_road 附近没有道路，no_facility 限度内没有设施）。",
        "The nearest facility of each place along roads: distance, time, straight way to the "
        "road, with the route if wanted; or why there is none (no_road: none nearby; no_facility: "
        "none within the limit).",
    ),
    rights=(Right.BASE_READ,),
    inputs={
        "origins": places_input(("地点", "Places")),
        "facilities": places_input(("设施", "Facilities")),
        "most": Input(
            ("限度", "Limit"),
            {"type": "number", "exclusiveMinimum": 0, "default": 30},
            ("分钟或米", "Minutes or metres"),
        ),
        "unit": UNIT,
        "mode": MODE,
        "direction": direction_input("to_facilities"),
        "access": ACCESS,
        "with_routes": Input(
            ("带路线", "With routes"),
            {"type": "boolean", "default": False},
            ("几何为路线而非地点", "The geometry is the route in place of the place"),
        ),
    },
    output=Output("nearest", ("最近设施", "Nearest facilities")),
    read=_read,
    run=_run,
)
