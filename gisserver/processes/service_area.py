"""Process `service_area`: ground that facilities serve along roads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry

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
from layers.analysis.heat.places import Places
from layers.analysis.polygon_counts import PolygonQuestion, count_in_polygons
from layers.analysis.roads.service_area import (
    LARGEST_BESIDE,
    MOST_LIMITS,
    USUAL_BESIDE,
    AreaQuestion,
    Served,
    ServiceArea,
    find_service_areas,
)
from layers.core.errors import Forbidden
from layers.core.rights import Right
from layers.people.person import PERSONS

_SEVENTH = 1e-7


class _Asked(NamedTuple):
    question: AreaQuestion
    sent: Sequence[Sent]
    with_residents: bool


def _read(inputs: Mapping[str, Any], asker: Asker) -> _Asked:
    with_residents = inputs["with_residents"]
    if with_residents and not asker.reader.areas_to_read(PERSONS):
        raise Forbidden(f"with_residents needs the right {Right.PEOPLE_READ}")
    sent = places_sent(inputs, "facilities")
    question = AreaQuestion(
        facilities=points_of(sent),
        limits=[float(each) for each in inputs["limits"]],
        travel=travel_of(inputs, asker),
        beside=float(inputs["beside"]),
        apart=inputs["apart"],
    )
    return _Asked(question, sent, with_residents)


def _run(work: Work, asked: _Asked, media_type: str) -> Result:
    found = find_service_areas(work.connection, work.reader, asked.question, work.tell)
    shapes = [shapely.set_precision(each.ground, _SEVENTH) for each in found.areas]
    residents = _residents(work, shapes) if asked.with_residents else {}
    features = [
        _feature(asked, found, area, shape, residents.get(number))
        for number, (area, shape) in enumerate(zip(found.areas, shapes, strict=True))
    ]
    features += [
        _not_served(asked.sent, number)
        for number, access in enumerate(found.access)
        if access is None
    ]
    return Result(
        f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}'.encode(), media_type
    )


def _residents(work: Work, shapes: Sequence[BaseGeometry]) -> dict[int, dict[str, int | None]]:
    """Residents of each area by its number, in whole fives; empty areas have none."""
    numbers = [number for number, shape in enumerate(shapes) if not shape.is_empty]
    if not numbers:
        return {}
    question = PolygonQuestion(Places(PERSONS), [shapes[number] for number in numbers])
    counts = count_in_polygons(work.connection, work.reader, question, work.tell)
    return {
        number: {"residents": count.places} for number, count in zip(numbers, counts, strict=True)
    }


def _feature(
    asked: _Asked,
    found: Served,
    area: ServiceArea,
    shape: BaseGeometry,
    residents: Mapping[str, Any] | None,
) -> str:
    told: dict[str, Any] = {"kind": "area", "limit": area.limit, "unit": asked.question.travel.unit}
    if area.facility is None:
        told["facilities"] = sum(each is not None for each in found.access)
    else:
        told |= _facility(asked.sent, area.facility)
        told["access_m"] = round(found.access[area.facility] or 0.0, 1)
    told |= {"road_m": round(area.road, 1), **(residents or {})}
    if asked.with_residents:
        told.setdefault("residents", None)
    return _geojson(shapely.to_geojson(shape), told)


def _not_served(sent: Sequence[Sent], number: int) -> str:
    told = {"kind": "facility", **_facility(sent, number), "reason": "no_road"}
    return _geojson(json.dumps(sent[number].feature["geometry"]), told)


def _facility(sent: Sequence[Sent], number: int) -> dict[str, Any]:
    return {"facility": key_of(sent, number), "facility_name": name_of(sent[number])}


def _geojson(geometry: str, properties: Mapping[str, Any]) -> str:
    told = json.dumps(properties, ensure_ascii=False)
    return f'{{"type":"Feature","geometry":{geometry},"properties":{told}}}'


SERVICE_AREA = Process(
    name="service_area",
    title=("服务范围", "Service area"),
    description=(
        "从设施沿道路在若干分钟或米之内到得了的地面：到限为止的道路（可在路段中间）及其两侧。"
        "附近没有道路的设施单独列出。道路在共同折点或端点处相接，没有共同折点的交叉（如桥）不相通。",
        "Ground reached from facilities along roads within minutes or metres: the roads up to "
        "where the limit is spent, and what lies beside them. Facilities without a road nearby "
        "are listed. Roads meet where they have a vertex in common or end on another; lines that "
        "merely cross, such as bridges, do not.",
    ),
    rights=(Right.BASE_READ,),
    inputs={
        "facilities": places_input(("设施", "Facilities")),
        "limits": Input(
            ("限度", "Limits"),
            {
                "type": "array",
                "items": {"type": "number", "exclusiveMinimum": 0},
                "minItems": 1,
                "maxItems": MOST_LIMITS,
                "default": [5, 10, 15],
            },
            ("分钟或米", "Minutes or metres"),
        ),
        "unit": UNIT,
        "mode": MODE,
        "direction": direction_input("from_facilities"),
        "access": ACCESS,
        "beside": Input(
            ("道路两侧宽度", "Width beside roads"),
            {
                "type": "number",
                "minimum": 1,
                "maximum": LARGEST_BESIDE,
                "default": USUAL_BESIDE,
            },
            ("每侧多少米", "Metres to each side"),
        ),
        "apart": Input(
            ("各设施分开", "Each facility apart"), {"type": "boolean", "default": False}
        ),
        "with_residents": Input(
            ("范围内居民", "Residents within"),
            {"type": "boolean", "default": False},
            ("只给 5 的整数倍，少于 5 人不给", "In whole fives, none below five"),
        ),
    },
    output=Output("areas", ("服务范围", "Service areas")),
    read=_read,
    run=_run,
)
