"""Process `heat_surface`: heat of a layer's places as numbers or as a GeoTIFF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gisserver.heat.answers import surface_json
from gisserver.heat.raster import LOCAL, MERCATOR, SYSTEMS, surface_tiff
from gisserver.heat.reading import counted_layer, places_of
from gisserver.processes.declaration import (
    GEOTIFF,
    JSON,
    Asker,
    Input,
    Output,
    Process,
    Result,
    Work,
)
from gisserver.processes.words import AREA, BBOX, DATETIME, LAYER, WEIGHT, WHERE
from layers.analysis.heat.frames import Step
from layers.analysis.heat.surface import RADIUS, HeatQuestion, find_heat
from layers.core.looks import record_in_each_area
from layers.core.rights import Right


def _read(inputs: Mapping[str, Any], asker: Asker) -> tuple[HeatQuestion, str, dict[str, Any]]:
    step = inputs.get("step")
    question = HeatQuestion(
        places_of(counted_layer(inputs["layer"]), inputs),
        float(inputs["radius"]),
        inputs.get("weight"),
        None if step is None else Step(step),
    )
    return question, inputs["crs"], dict(inputs)


def _run(work: Work, asked: tuple[HeatQuestion, str, dict[str, Any]], media_type: str) -> Result:
    question, system, inputs = asked
    found = find_heat(work.connection, work.reader.only_where(Right.DATA_EXPORT), question)
    work.tell(80, "")
    is_raster = media_type == GEOTIFF
    content = surface_tiff(found, system) if is_raster else surface_json(found).encode()
    layer, detail = question.places.layer, {"heat": inputs}
    record_in_each_area(work.connection, work.reader, layer, "export", Right.DATA_EXPORT, detail)
    return Result(content, media_type)


HEAT_SURFACE = Process(
    name="heat_surface",
    title=("热力面", "Heat surface"),
    description=(
        "以米为半径的核密度面：每平方公里（事件另按每 30 天）的数量；人口以 5 人为单位。"
        "导出写入审计日志。",
        "Kernel density with a radius in metres: so many per km², and per 30 days of what happens; "
        "persons in whole fives. Written to the audit log as an export.",
    ),
    rights=(Right.DATA_EXPORT,),
    inputs={
        "layer": LAYER,
        "radius": Input(
            ("半径", "Radius"),
            {"type": "number", "minimum": RADIUS[0], "maximum": RADIUS[1]},
            ("米", "Metres"),
            is_required=True,
        ),
        "weight": WEIGHT,
        "step": Input(
            ("分段", "Step"),
            {"type": "string", "enum": [each.value for each in Step]},
            ("每段时间一个波段", "A band for each step of the time"),
        ),
        "datetime": DATETIME,
        "area": AREA,
        "bbox": BBOX,
        "where": WHERE,
        "crs": Input(
            ("坐标系", "Reference system"),
            {"type": "string", "enum": list(SYSTEMS), "default": MERCATOR},
            (
                f"GeoTIFF 的坐标系；{LOCAL} 为当地 CGCS2000 三度带",
                f"Of the GeoTIFF; {LOCAL} is the zone of CGCS2000",
            ),
        ),
    },
    output=Output(
        "surface",
        ("热力面", "Surface"),
        {
            GEOTIFF: {"type": "string", "contentEncoding": "binary", "contentMediaType": GEOTIFF},
            JSON: {"type": "object", "contentMediaType": JSON},
        },
    ),
    read=_read,
    run=_run,
)
