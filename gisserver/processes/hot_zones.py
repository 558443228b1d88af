"""Process `hot_zones`: where incidents crowd, by DBSCAN, against the time before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gisserver.heat.answers import zones_json
from gisserver.heat.reading import places_of
from gisserver.processes.declaration import Asker, Input, Output, Process, Result, Work
from gisserver.processes.words import AREA, BBOX, DATETIME, WHERE_OF_INCIDENTS
from layers.analysis.heat.zones import LEAST_INCIDENTS, REACH, ZoneQuestion, find_zones
from layers.core.rights import Right
from layers.incidents.incident import INCIDENTS


def _read(inputs: Mapping[str, Any], asker: Asker) -> ZoneQuestion:
    places = places_of(INCIDENTS, inputs)
    return ZoneQuestion(places, float(inputs["reach"]), inputs["least"])


def _run(work: Work, question: ZoneQuestion, media_type: str) -> Result:
    found = find_zones(work.connection, work.reader, question)
    return Result(zones_json(found).encode(), media_type)


HOT_ZONES = Process(
    name="hot_zones",
    title=("事件热区", "Hot zones of incidents"),
    description=(
        "DBSCAN：每起事件在 reach 米内（含自身）至少有 least 起的地方；与之前同样长的时间比较。",
        "DBSCAN: where each incident has at least `least`, itself included, within `reach` metres; "
        "compared with the time of the same length before.",
    ),
    rights=(Right.INCIDENTS_READ,),
    inputs={
        "reach": Input(
            ("邻近距离", "Reach"),
            {"type": "number", "minimum": REACH[0], "maximum": REACH[1]},
            ("米", "Metres"),
            is_required=True,
        ),
        "least": Input(
            ("最少事件数", "Least incidents"),
            {"type": "integer", "minimum": LEAST_INCIDENTS[0], "maximum": LEAST_INCIDENTS[1]},
            is_required=True,
        ),
        "datetime": Input(DATETIME.title, DATETIME.schema, DATETIME.description, is_required=True),
        "area": AREA,
        "bbox": BBOX,
        "where": WHERE_OF_INCIDENTS,
    },
    output=Output("zones", ("热区", "Zones")),
    read=_read,
    run=_run,
)
