"""Process `compare_periods`: incidents of each area in two periods."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gisserver.errors import BadRequest
from gisserver.heat.reading import places_of
from gisserver.parameters import interval
from gisserver.processes.declaration import Asker, Input, Output, Process, Result, Work
from gisserver.processes.words import AREA, DATETIME, WHERE_OF_INCIDENTS
from layers.analysis.period_change import (
    LEVELS,
    AreaChange,
    ChangeQuestion,
    Period,
    find_changes,
)
from layers.core.rights import Right
from layers.incidents.incident import INCIDENTS


def _read(inputs: Mapping[str, Any], asker: Asker) -> ChangeQuestion:
    return ChangeQuestion(
        places_of(INCIDENTS, {name: inputs[name] for name in ("area", "where") if name in inputs}),
        _period(inputs, "first"),
        _period(inputs, "second"),
        inputs["level"],
    )


def _period(inputs: Mapping[str, Any], name: str) -> Period:
    since, until = interval(inputs, name) or (None, None)
    if since is None or until is None:
        raise BadRequest(f"{name}: start/end expected, both of them")
    return Period(since, until)


def _run(work: Work, question: ChangeQuestion, media_type: str) -> Result:
    found = find_changes(work.connection, work.reader, question)
    features = ",".join(_feature(each) for each in found)
    return Result(f'{{"type":"FeatureCollection","features":[{features}]}}'.encode(), media_type)


def _feature(area: AreaChange) -> str:
    change = area.change
    told = {
        "code": area.code,
        "name": area.name,
        "first": area.first,
        "second": area.second,
        "first_per_30_days": round(area.first_rate, 3),
        "second_per_30_days": round(area.second_rate, 3),
        "change": None if change is None else round(change, 4),
        "is_significant": area.is_significant,
    }
    return (
        f'{{"type":"Feature","id":{json.dumps(area.code)},"geometry":{area.geometry or "null"},'
        f'"properties":{json.dumps(told, ensure_ascii=False)}}}'
    )


COMPARE_PERIODS = Process(
    name="compare_periods",
    title=("两个时期的变化", "Change between two periods"),
    description=(
        "各街镇、社区或网格在两个时期的事件数、每 30 天的数量与变化，以及变化是否超出偶然（95%）。",
        "Incidents of each street, community or grid in two periods, for 30 days, with the change "
        "and whether it is more than chance (95 %).",
    ),
    rights=(Right.INCIDENTS_READ, Right.BASE_READ),
    inputs={
        "first": Input(
            ("前一时期", "First period"), DATETIME.schema, DATETIME.description, is_required=True
        ),
        "second": Input(
            ("后一时期", "Second period"), DATETIME.schema, DATETIME.description, is_required=True
        ),
        "level": Input(
            ("层级", "Level"),
            {"type": "string", "enum": list(LEVELS), "default": "community"},
            ("街镇、社区或网格", "Street, community or grid"),
        ),
        "area": AREA,
        "where": WHERE_OF_INCIDENTS,
    },
    output=Output("changes", ("变化", "Changes")),
    read=_read,
    run=_run,
)
