"""Inputs that several processes take.

`format` names what a form may ask with: an area code, an interval, conditions of the layer asked
for, or of the one that `x-layer` names where the process has but one.
"""

from __future__ import annotations

from typing import Any

from gisserver.heat.reading import COUNTED, MOST_VALUES
from gisserver.parameters import LONGEST_AREA_CODE
from gisserver.processes.declaration import Input

_GEOMETRIES = (
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
)

DATETIME = Input(
    ("时间", "Time"),
    {"type": "string", "pattern": "/", "maxLength": 80, "format": "interval"},
    (
        "RFC 3339 的 开始/结束，.. 表示不限",
        "RFC 3339 start/end, the end left out; .. for open",
    ),
)
AREA = Input(
    ("区域", "Area"),
    {
        "type": "string",
        "pattern": "^[0-9]*$",
        "maxLength": LONGEST_AREA_CODE,
        "format": "area-code",
    },
    ("区划或网格代码的前几位", "The digits an area code begins with"),
)
BBOX = Input(
    ("范围", "Box"),
    {
        "type": "array",
        "items": {"type": "number"},
        "minItems": 4,
        "maxItems": 4,
        "format": "ogc-bbox",
    },
    (
        "经纬度 西、南、东、北；或 {bbox, crs}",
        "West, south, east, north in degrees; or {bbox, crs}",
    ),
    kind="bbox",
)
WHERE = Input(
    ("条件", "Conditions"),
    {
        "type": "object",
        "additionalProperties": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "maxItems": MOST_VALUES,
        },
        "maxProperties": 20,
        "format": "conditions",
    },
    (
        "属性名 → 可取的值；有下级的代码连下级一起算",
        "Property → values of which one is enough; a code stands for those below it",
    ),
)
WHERE_OF_INCIDENTS = Input(WHERE.title, {**WHERE.schema, "x-layer": "incidents"}, WHERE.description)
WEIGHT = Input(
    ("权重", "Weight"),
    {"type": "string", "maxLength": 60, "format": "numeric-property"},
    ("数值属性，楼栋可用 residents", "A numeric property; of buildings also residents"),
)
LAYER = Input(
    ("图层", "Layer"),
    {"type": "string", "enum": list(COUNTED)},
    is_required=True,
)


def features_schema(*kinds: str) -> dict[str, Any]:
    """Schema of GeoJSON: geometries of these kinds, a Feature of one, or a FeatureCollection."""
    kinds = kinds or _GEOMETRIES
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": [*kinds, "Feature", "FeatureCollection"]}},
        "format": "geojson-feature-collection",
    }
