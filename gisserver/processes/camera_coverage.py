"""Process `camera_coverage`: ground in sight of cameras, by grid."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import shapely

from gisserver.parameters import area_prefix, degrees_box
from gisserver.processes.declaration import Asker, Input, Output, Process, Result, Work
from gisserver.processes.words import AREA, BBOX
from layers.analysis.camera_coverage import (
    USUAL_RANGE,
    USUAL_VIEW,
    Coverage,
    CoverageQuestion,
    GridCoverage,
    find_coverage,
)
from layers.core.rights import Right

_SEVENTH = 1e-7


def _read(inputs: Mapping[str, Any], asker: Asker) -> CoverageQuestion:
    box = inputs.get("bbox")
    return CoverageQuestion(
        area=area_prefix(inputs),
        bbox=None if box is None else degrees_box((box[0], box[1], box[2], box[3])),
        usual_range=float(inputs["usual_range"]),
        usual_view=float(inputs["usual_field_of_view"]),
        with_buildings=inputs["with_buildings"],
    )


def _run(work: Work, question: CoverageQuestion, media_type: str) -> Result:
    found = find_coverage(work.connection, work.reader, question, work.tell)
    return Result(_text(found).encode(), media_type)


def _text(found: Coverage) -> str:
    """The grids, and last the ground seen as a feature of its own, without an area."""
    seen = shapely.to_geojson(shapely.set_precision(found.seen, _SEVENTH))
    together = (
        f'{{"type":"Feature","id":"seen","geometry":{seen},'
        f'"properties":{json.dumps({"kind": "seen", "cameras": found.cameras})}}}'
    )
    features = ",".join([*(_feature(grid) for grid in found.grids), together])
    return f'{{"type":"FeatureCollection","features":[{features}]}}'


def _feature(grid: GridCoverage) -> str:
    told = {
        "kind": "grid",
        "code": grid.code,
        "name": grid.name,
        "cameras": grid.cameras,
        "ground_m2": round(grid.ground, 1),
        "seen_m2": round(grid.seen, 1),
        "share": round(grid.share, 4),
    }
    return (
        f'{{"type":"Feature","id":{json.dumps(grid.code)},"geometry":{grid.geometry},'
        f'"properties":{json.dumps(told, ensure_ascii=False)}}}'
    )


CAMERA_COVERAGE = Process(
    name="camera_coverage",
    title=("摄像机覆盖", "Camera coverage"),
    description=(
        "室外摄像机按朝向、视场角与可视距离看得到的地面（楼栋遮挡其后），及各网格被覆盖的比例。不计高度。",
        "Ground that outdoor cameras can see by heading, field of view and range (buildings hide "
        "what is behind them), and the share of each grid. Heights are not reckoned with.",
    ),
    rights=(Right.PLACES_READ, Right.BASE_READ),
    inputs={
        "area": AREA,
        "bbox": BBOX,
        "usual_range": Input(
            ("未填可视距离时", "Range where none is known"),
            {"type": "number", "minimum": 1, "maximum": 5000, "default": USUAL_RANGE},
            ("米", "Metres"),
        ),
        "usual_field_of_view": Input(
            ("未填视场角时", "Field of view where none is known"),
            {"type": "number", "minimum": 1, "maximum": 360, "default": USUAL_VIEW},
            ("度", "Degrees"),
        ),
        "with_buildings": Input(
            ("楼栋遮挡", "Buildings hide"), {"type": "boolean", "default": True}
        ),
    },
    output=Output("coverage", ("覆盖", "Coverage")),
    read=_read,
    run=_run,
)
