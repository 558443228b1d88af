"""Process `count_in_polygons`: places or residents of each polygon sent."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gisserver.errors import BadRequest
from gisserver.heat.reading import counted_layer, places_of
from gisserver.processes.declaration import (
    Asker,
    Input,
    Output,
    Process,
    Result,
    Work,
)
from gisserver.processes.shapes import Sent, shapes_sent
from gisserver.processes.words import DATETIME, LAYER, WEIGHT, WHERE, features_schema
from layers.analysis.polygon_counts import Count, PolygonQuestion, count_in_polygons
from layers.core.rights import Right

_AREAS = ("Polygon", "MultiPolygon")


class _Asked(NamedTuple):
    question: PolygonQuestion
    sent: Sequence[Sent]


def _read(inputs: Mapping[str, Any], asker: Asker) -> _Asked:
    places = places_of(counted_layer(inputs["layer"]), inputs)
    sent = shapes_sent(inputs["polygons"], "polygons", _AREAS)
    if not sent:
        raise BadRequest("polygons: at least one polygon is needed")
    question = PolygonQuestion(places, [each.shape for each in sent], inputs.get("weight"))
    return _Asked(question, sent)


def _run(work: Work, asked: _Asked, media_type: str) -> Result:
    counts = count_in_polygons(work.connection, work.reader, asked.question, work.tell)
    features = [_feature(sent, count) for sent, count in zip(asked.sent, counts, strict=True)]
    body = {"type": "FeatureCollection", "features": features}
    return Result(json.dumps(body, ensure_ascii=False).encode(), media_type)


def _feature(sent: Sent, count: Count) -> dict[str, Any]:
    """The feature as it was sent, with what was counted in place of properties of the same name."""
    per_km2 = count.per_km2
    told = {
        "count": count.places,
        "weight": count.weight,
        "ground_m2": round(count.ground, 1),
        "per_km2": None if per_km2 is None else round(per_km2, 3),
    }
    return {**sent.feature, "properties": {**sent.feature["properties"], **told}}


COUNT_IN_POLYGONS = Process(
    name="count_in_polygons",
    title=("多边形内计数", "Count in polygons"),
    description=(
        "每个多边形内有多少地点或居民（按地点的面上点，与落格一致）。居民只给 5 的整数倍，"
        "少于 5 人不给；您无权查看的不计入。多边形可直接发送，也可用本平台要素的链接（如网格）。",
        "How many places or residents each polygon holds, by their point on surface as areas are "
        "given. Residents in whole fives, none below five; what you may not see is not counted. "
        "Polygons are sent, or linked from items of a collection here, such as grids.",
    ),
    rights=(Right.BASE_READ,),
    inputs={
        "polygons": Input(
            ("多边形", "Polygons"),
            features_schema(*_AREAS),
            ("GeoJSON（CRS84）或要素链接", "GeoJSON (CRS84), or a link to items"),
            is_required=True,
            kind="features",
        ),
        "layer": LAYER,
        "weight": WEIGHT,
        "datetime": DATETIME,
        "where": WHERE,
    },
    output=Output("counts", ("计数", "Counts")),
    read=_read,
    run=_run,
)
