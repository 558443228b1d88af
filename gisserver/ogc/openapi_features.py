"""What the OpenAPI document says of the documents, the collections and their features."""

from __future__ import annotations

from collections.abc import Sequence

from gisserver.ogc.configuration import DEFAULT_LIMIT, MAX_LIMIT
from gisserver.ogc.media_types import DOCUMENT_FORMS, FEATURE_FORMS, SCHEMA_FORMS
from gisserver.ogc.openapi_words import REDIRECT, Words, in_path, operation, query
from layers.core.layer import Layer
from layers.core.model import field_kind
from layers.core.output_system import CRS84
from layers.core.schema import JSON_TYPES

API_TYPE = "application/vnd.oai.openapi+json"
API_FORMS = {"json": f"{API_TYPE};version=3.0", "html": "text/html"}
FEATURE_ID = in_path("featureId", {"type": "integer", "format": "int64", "minimum": 1})
LIMIT: Words = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
BOX: Words = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_SYSTEM: Words = {"type": "string", "format": "uri", "default": CRS84.uri}
_TAG = "server"


def document_paths() -> Words:
    """Paths of the documents about the service."""
    api = operation("getOpenapi", _TAG, "本文档 This document", [], API_FORMS)
    api["responses"]["302"] = REDIRECT
    told = {
        "/": ("getLandingPage", "首页 Landing page", "Landing"),
        "/conformance": ("getConformanceDeclaration", "符合的标准 Conformance", "Conformance"),
        "/collections": ("getCollections", "图层列表 Collections", "Collections"),
    }
    paths: Words = {
        path: {"get": operation(name, _TAG, summary, [], DOCUMENT_FORMS, shape)}
        for path, (name, summary, shape) in told.items()
    }
    return paths | {"/openapi": {"get": api}}


def collection_paths(layers: Sequence[Layer]) -> Words:
    """Paths of each collection, its schemas and its features."""
    paths: Words = {}
    for layer in layers:
        name, address = layer.name, f"/collections/{layer.name}"
        title = f"{layer.title[0]} {layer.title[1]}"
        paths[address] = {
            "get": operation(f"describe_{name}", name, title, [], DOCUMENT_FORMS, "Collection")
        }
        for kind in ("schema", "queryables", "sortables"):
            made = operation(f"{kind}_{name}", name, f"{title}: {kind}", [], SCHEMA_FORMS, "Schema")
            paths[f"{address}/{kind}"] = {"get": made}
        paths[f"{address}/items"] = {"get": _items(layer)}
        one = [FEATURE_ID, query("crs", _SYSTEM)]
        item = operation(f"get_{name}", name, title, one, FEATURE_FORMS, feature_name(layer))
        for status in ("304", "412"):
            item["responses"][status] = {"description": "由条件决定 As its condition says"}
        paths[f"{address}/items/{{featureId}}"] = {"get": item}
    return paths


def _items(layer: Layer) -> Words:
    whole: Words = {"type": "integer", "minimum": 0, "default": 0}
    parameters = [query("limit", LIMIT), query("offset", whole), query("crs", _SYSTEM)]
    if layer.geometry_kind is not None:
        box = {**query("bbox", BOX), "style": "form", "explode": False}
        parameters += [box, query("bbox-crs", _SYSTEM)]
    if layer.time_field is not None:
        parameters.append(query("datetime", {"type": "string"}))
    title = f"{layer.title[0]} {layer.title[1]}"
    return operation(
        f"find_{layer.name}", layer.name, title, parameters, FEATURE_FORMS, f"{layer.name}.features"
    )


def feature_name(layer: Layer) -> str:
    """The name that the schema of the layer's features has among the components."""
    return f"{layer.name}.feature"


def feature_schemas(layers: Sequence[Layer]) -> Words:
    """Schemas of documents, features and problems by name."""
    made: Words = {**_DOCUMENTS}
    for layer in layers:
        made[feature_name(layer)] = _feature(layer)
        made[f"{layer.name}.features"] = _collection(feature_name(layer))
    return made


def _feature(layer: Layer) -> Words:
    """A feature as it is told; `properties` may leave any of its members out."""
    values: Words = {
        name: {**JSON_TYPES[field_kind(layer.column(name))], "nullable": True}
        for name in layer.fields
    }
    values["row_version"] = {"type": "integer"}
    members: Words = {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": {"type": "integer"},
        "geometry": {"type": "object", "nullable": True},
        "properties": {"type": "object", "properties": values, "additionalProperties": False},
        "links": _LINKS,
    }
    return {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": members,
        "additionalProperties": False,
    }


def _collection(feature: str) -> Words:
    count: Words = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "required": ["type", "features", "numberReturned", "timeStamp", "links"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "numberMatched": count,
            "numberReturned": count,
            "timeStamp": {"type": "string", "format": "date-time"},
            "links": _LINKS,
            "features": {"type": "array", "items": {"$ref": f"#/components/schemas/{feature}"}},
        },
    }


_TEXT: Words = {"type": "string"}
_LINK: Words = {
    "type": "object",
    "required": ["href", "rel"],
    "properties": {"href": _TEXT, "rel": _TEXT, "type": _TEXT, "title": _TEXT},
}
_LINKS: Words = {"type": "array", "items": _LINK}


def _object(**members: Words) -> Words:
    return {"type": "object", "required": list(members), "properties": members}


_DOCUMENTS: Words = {
    "Problem": _object(title=_TEXT, status={"type": "integer"}, detail=_TEXT),
    "Landing": _object(title=_TEXT, links=_LINKS),
    "Conformance": _object(conformsTo={"type": "array", "items": _TEXT}),
    "Collection": _object(id=_TEXT, title=_TEXT, links=_LINKS),
    "Collections": _object(
        links=_LINKS,
        collections={"type": "array", "items": {"$ref": "#/components/schemas/Collection"}},
    ),
    "Schema": _object(title=_TEXT, type=_TEXT, properties={"type": "object"}),
}
