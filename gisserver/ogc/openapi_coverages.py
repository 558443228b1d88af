"""What the OpenAPI document says of coverages and maps."""

from __future__ import annotations

from collections.abc import Sequence

from gisserver.coverages.asked import LARGEST_SIDE as MOST_CELLS
from gisserver.coverages.coveragejson import MOST_VALUES as MOST_WRITTEN_OUT
from gisserver.coverages.cutting import MOST_VALUES
from gisserver.coverages.views import LARGEST_SIDE, MOST_PIXELS
from gisserver.ogc.coverage_collections import Coverage, parameters_of
from gisserver.ogc.coverage_documents import COVERAGE_FORMS, MAP_FORMS
from gisserver.ogc.coverages import SCHEMA_FORMS
from gisserver.ogc.maps import SMALLEST_SCALE, map_parameters
from gisserver.ogc.media_types import DOCUMENT_FORMS
from gisserver.ogc.openapi_words import Words, in_path, operation, query
from layers.analysis.heat.frames import Step
from layers.analysis.heat.surface import RADIUS

TAG = "coverages"
LIMITS: Words = {
    "coverages": {"maxValues": MOST_VALUES, "maxValuesCoverageJson": MOST_WRITTEN_OUT},
    "maps": {"maxWidth": LARGEST_SIDE, "maxHeight": LARGEST_SIDE, "maxPixels": MOST_PIXELS},
}
_TEXT: Words = {"type": "string"}
_NUMBERS: Words = {
    "type": "array",
    "items": {"type": "number"},
    "minItems": 4,
    "maxItems": 6,
}
_SCHEMAS: dict[str, Words] = {
    "bbox": _NUMBERS,
    "center": {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
    "subset": {"type": "array", "items": _TEXT},
    "scale-factor": {"type": "number", "exclusiveMinimum": True, "minimum": 0},
    "scale-denominator": {"type": "number", "minimum": SMALLEST_SCALE},
    "radius": {"type": "number", "minimum": RADIUS[0], "maximum": RADIUS[1], "default": 400},
    "step": {"type": "string", "enum": [each.value for each in Step]},
    "transparent": {"type": "boolean", "default": True},
    "void-transparent": {"type": "boolean", "default": True},
    "bgcolor": {"type": "string", "default": "0xFFFFFF"},
    "void-color": {"type": "string", "default": "0xFFFFFF"},
}


def coverage_paths(coverages: Sequence[Coverage]) -> Words:
    """Paths by address for a reader who sees these coverages."""
    if not coverages:
        return {}
    names = [each.name for each in coverages]
    collection = in_path("collectionId", {"type": "string", "enum": names})
    here = "/collections/{collectionId}"
    paths: Words = {}
    for each in coverages:
        words = " ".join(each.title)
        describe = operation(f"describe_{each.name}", TAG, words, [], DOCUMENT_FORMS)
        schema = operation(f"get_{each.name}_schema", TAG, f"{words} Schema", [], SCHEMA_FORMS)
        paths[f"/collections/{each.name}"] = {"get": describe}
        paths[f"/collections/{each.name}/schema"] = {"get": schema}
    exported = [each for each in coverages if each.can_export]
    if exported:
        of_these = in_path(
            "collectionId", {"type": "string", "enum": [each.name for each in exported]}
        )
        parameters = _queries(exported, [parameters_of(each) for each in exported], MOST_CELLS)
        get = operation(
            "collection.getCoverage",
            TAG,
            "数值 Its values",
            [of_these, *parameters],
            COVERAGE_FORMS,
        )
        paths[f"{here}/coverage"] = {"get": _of_bytes(get, "413", "403")}
    parameters = _queries(coverages, [map_parameters(each) for each in coverages], LARGEST_SIDE)
    get = operation(
        "coverage.collection.getMap", TAG, "地图 A map of it", [collection, *parameters], MAP_FORMS
    )
    paths[f"{here}/map"] = {"get": _of_bytes(get, "413")}
    return paths


def _queries(
    coverages: Sequence[Coverage], allowed: Sequence[Sequence[str]], most: int
) -> list[Words]:
    """Each parameter once, with those that take it where not all do."""
    names = list(dict.fromkeys(name for each in allowed for name in each if name != "f"))
    found = []
    for name in names:
        takers = [
            each.name for each, known in zip(coverages, allowed, strict=True) if name in known
        ]
        words = query(name, _SCHEMAS.get(name, _size(most) if name in _SIZES else _TEXT))
        if name == "subset":
            words |= {"style": "form", "explode": True}
        elif words["schema"].get("type") == "array":
            words |= {"style": "form", "explode": False}
        if len(takers) < len(coverages):
            words["description"] = f"只用于 Only of: {', '.join(takers)}"
        found.append(words)
    return found


_SIZES = ("width", "height")


def _size(most: int) -> Words:
    return {"type": "integer", "minimum": 1, "maximum": most}


def _of_bytes(get: Words, *more: str) -> Words:
    """Of an answer in no language, which may be empty, known or too large."""
    words = {
        "204": "此处没有数据 Nothing is there",
        "304": "没有变化 The client's copy still holds",
        "403": "无权导出数值 Numbers of heat need the right data:export",
        "413": "过大，答复会说明上限 Too large; the answer tells what is allowed",
    }
    get["parameters"] = [each for each in get["parameters"] if each["name"] != "lang"]
    for status in ("204", "304", *more):
        get["responses"][status] = {"description": words[status]}
    return get
