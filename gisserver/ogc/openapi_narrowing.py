"""The OpenAPI document's words on filtering, sorting, cutting and searching."""

from collections.abc import Mapping, Sequence
from typing import Any

from gisserver.ogc.media_types import GEOJSON
from gisserver.ogc.narrowing import (
    SEARCH_MEMBERS,
    equality_names,
    returnable_names,
)
from gisserver.ogc.openapi_features import BOX, LIMIT
from gisserver.ogc.openapi_words import refusals
from layers.core.filtering.fields import sortable_names
from layers.core.filtering.tree import LANGUAGES
from layers.core.layer import Layer
from layers.core.model import field_kind
from layers.core.output_system import CRS84
from layers.core.schema import JSON_TYPES


def with_narrowing(document: dict[str, Any], layers: Sequence[Layer]) -> dict[str, Any]:
    """The document with what may be asked of each collection's items, and its search."""
    for layer in layers:
        items = document["paths"].get(f"/collections/{layer.name}/items", {}).get("get")
        if items is None:
            continue
        items["parameters"] += [*_filter_parameters(), *_cut_parameters(layer)]
        named = {each.get("name") for each in items["parameters"]}
        items["parameters"] += [
            _parameter(name, _kind(layer, name))
            for name in equality_names(layer)
            if name not in named
        ]
        items["parameters"] += [_sort_parameter(layer), _parameter("after", {"type": "string"})]
        single = document["paths"].get(f"/collections/{layer.name}/items/{{featureId}}", {})
        if "get" in single:
            single["get"].setdefault("parameters", []).extend(_cut_parameters(layer))
        document["paths"][f"/collections/{layer.name}/search"] = {"post": _search(layer)}
    return document


def _kind(layer: Layer, name: str) -> Mapping[str, Any]:
    """The type of a property; what is no field of the layer is its id or version."""
    known = name in layer.fields
    return JSON_TYPES[field_kind(layer.column(name))] if known else JSON_TYPES["integer"]


def _filter_parameters() -> list[dict[str, Any]]:
    languages = {"type": "string", "enum": list(LANGUAGES), "default": LANGUAGES[0]}
    crs = {"type": "string", "format": "uri", "default": CRS84.uri}
    return [
        _parameter("filter", {"type": "string"}),
        _parameter("filter-lang", languages),
        _parameter("filter-crs", crs),
    ]


def _cut_parameters(layer: Layer) -> list[dict[str, Any]]:
    return [
        _parameter("properties", _names(returnable_names(layer))),
        _parameter("skipGeometry", {"type": "boolean", "default": False}),
    ]


def _sort_parameter(layer: Layer) -> dict[str, Any]:
    directed = [f"{sign}{name}" for name in sortable_names(layer) for sign in ("", "+", "-")]
    return _parameter("sortby", _names(directed))


def _names(names: Sequence[str]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": {"type": "string", "enum": list(names)}}


def _parameter(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    made = {"name": name, "in": "query", "required": False, "schema": schema}
    return {**made, "style": "form", "explode": False}


def _search(layer: Layer) -> dict[str, Any]:
    texts = {name: {"type": "string"} for name in SEARCH_MEMBERS}
    condition = {"oneOf": [{"type": "object"}, {"type": "boolean"}, {"type": "string"}]}
    members: dict[str, Any] = {
        **texts,
        "filter": condition,
        "filter-lang": {"type": "string", "enum": list(LANGUAGES), "default": LANGUAGES[1]},
        "limit": LIMIT,
        "bbox": BOX,
        "sortby": _sort_parameter(layer)["schema"],
        "properties": _names(returnable_names(layer)),
        "skipGeometry": {"type": "boolean", "default": False},
    }
    body = {"type": "object", "properties": members, "additionalProperties": False}
    schema = {"schema": {"$ref": f"#/components/schemas/{layer.name}.features"}}
    found = {"description": "要素 Features", "content": {GEOJSON: schema}}
    return {
        "summary": f"Search {layer.title[0]} {layer.title[1]}",
        "tags": [layer.name],
        "operationId": f"search_{layer.name}",
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": found, **refusals("400", "401", "403", "404", "429", "503")},
    }
