"""The OpenAPI document's words on filtering, sorting, cutting and searching."""

from collections.abc import Sequence
from typing import Any

from gisserver.ogc.configuration import DEFAULT_LIMIT, MAX_LIMIT
from gisserver.ogc.narrowing import (
    SEARCH_MEMBERS,
    equality_names,
    returnable_names,
)
from layers.core.filtering.fields import sortable_names
from layers.core.filtering.tree import LANGUAGES
from layers.core.layer import Layer
from layers.core.output_system import CRS84


def with_narrowing(document: dict[str, Any], layers: Sequence[Layer]) -> dict[str, Any]:
    """The document with what may be asked of each collection's items, and its search."""
    for layer in layers:
        items = document["paths"].get(f"/collections/{layer.name}/items", {}).get("get")
        if items is None:
            continue
        items["parameters"] = [
            each
            for each in items["parameters"]
            if each.get("name") not in layer.sensitive_fields
            and not str(each.get("$ref", "")).startswith("https:")
            and not str(each.get("$ref", "")).endswith("vendorSpecificParameters")
        ]
        items["parameters"] += [*_filter_parameters(), *_cut_parameters(layer)]
        named = {each.get("name") for each in items["parameters"]}
        items["parameters"] += [
            _parameter(name, {"type": "string"})
            for name in equality_names(layer)
            if name not in named
        ]
        items["parameters"] += [_sort_parameter(layer), _parameter("after", {"type": "string"})]
        single = document["paths"].get(f"/collections/{layer.name}/items/{{featureId}}", {})
        if "get" in single:
            single["get"].setdefault("parameters", []).extend(_cut_parameters(layer))
        document["paths"][f"/collections/{layer.name}/search"] = {"post": _search(layer)}
    return document


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


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    made = {"name": name, "in": "query", "required": False, "schema": schema}
    return {**made, "style": "form", "explode": False}


def _search(layer: Layer) -> dict[str, Any]:
    texts = {name: {"type": "string"} for name in SEARCH_MEMBERS}
    limit = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    condition = {"oneOf": [{"type": "object"}, {"type": "boolean"}, {"type": "string"}]}
    numbers = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    members: dict[str, Any] = {
        **texts,
        "filter": condition,
        "filter-lang": {"type": "string", "enum": list(LANGUAGES), "default": LANGUAGES[1]},
        "limit": limit,
        "bbox": numbers,
        "sortby": _sort_parameter(layer)["schema"],
        "properties": _names(returnable_names(layer)),
        "skipGeometry": {"type": "boolean", "default": False},
    }
    body = {"type": "object", "properties": members, "additionalProperties": False}
    problem = {"description": "refused", "content": {"application/problem+json": {"schema": {}}}}
    found = {"description": "features", "content": {"application/geo+json": {"schema": {}}}}
    return {
        "summary": f"Search {layer.title[0]} {layer.title[1]}",
        "tags": [layer.name],
        "operationId": f"search_{layer.name}",
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {"200": found, "400": problem, "401": problem, "404": problem},
    }
