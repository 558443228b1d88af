"""What a feature in a tile carries, as JSON Schema: the truth about `tile_fields`."""

from __future__ import annotations

from typing import Any

from layers.core.layer import Layer
from layers.core.model import field_kind
from layers.core.schema import JSON_TYPES
from layers.core.tiles import is_named_area

_SECONDS = ("自 1970-01-01T00:00:00Z 起的秒数", "seconds since 1970-01-01T00:00:00Z")
_LABEL_HERE = (
    ("注记在此", "Label here"),
    (
        "面的注记只在其外框中点所在的瓦片中书写，其余瓦片为 false",
        "false in every tile but the one that holds the middle of the area's box",
    ),
)
_DIMENSIONS = {"Point": 0, "LineString": 1, "MultiLineString": 1, "Polygon": 2, "MultiPolygon": 2}


def tile_properties(layer: Layer, language: int = 0) -> dict[str, dict[str, Any]]:
    """JSON Schema of each property; language 0 Chinese, 1 English.

    Below the zoom of all detail a tile holds only those that its style reads.
    """
    found: dict[str, dict[str, Any]] = {}
    for name in layer.tile_fields:
        info, kind = layer.fields[name], field_kind(layer.column(name))
        words = JSON_TYPES[kind]
        if kind == "datetime":
            words = {"type": "number", "description": _SECONDS[language]}
        found[name] = {**words, "title": info.title[language]}
        if info.unit:
            found[name]["uom"] = info.unit
    if is_named_area(layer, layer.paint):
        title, about = (words[language] for words in _LABEL_HERE)
        found["label_here"] = {"type": "boolean", "title": title, "description": about}
    return found


def geometry_dimension(layer: Layer) -> int:
    """0 for points, 1 for lines, 2 for areas.

    Raises: KeyError for a layer without geometry.
    """
    return _DIMENSIONS[layer.geometry_kind or ""]
