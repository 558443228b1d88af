"""The OpenAPI document's operations that write, of the collections that the reader may write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gisserver.ogc.sent import FEATURE_TYPES, PATCH_TYPES
from gisserver.ogc.writable import collection_methods, feature_methods
from layers.core.layer import Layer
from layers.core.model import FieldInfo, field_kind
from layers.core.schema import JSON_TYPES, required_fields
from layers.core.scope import Reader
from layers.territory.grid import GRIDS

_PROBLEM = {"application/problem+json": {"schema": {"type": "object"}}}
_WORDS = {
    "400": "What was sent cannot be read, or breaks the declaration: `faults` names each field",
    "403": "The right is missing, or the place lies outside the areas in which it is held",
    "404": "No such collection or feature, or not for who asks",
    "405": "The collection is not written so; `Allow` names what is possible",
    "409": "The feature was changed since it was read: `asked`, `current` and the `fields`",
    "412": "If-Match, If-None-Match or If-Unmodified-Since does not hold",
    "415": "Another media type than those named here",
}
_ETAG = {"ETag": {"description": "Version of the feature", "schema": {"type": "string"}}}
_FEATURE_ID = {
    "name": "featureId",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "format": "int64", "minimum": 1},
}
_REASON = {
    "name": "X-Reason",
    "in": "header",
    "description": "Why it is written, percent-encoded UTF-8; kept in the history",
    "schema": {"type": "string"},
}
_PREFER = {
    "name": "Prefer",
    "in": "header",
    "description": "return=representation answers the feature as stored",
    "schema": {"type": "string"},
}
_CONTENT_CRS = {
    "name": "Content-Crs",
    "in": "header",
    "description": "Reference system of the geometry sent, CRS84 when left out; EPSG codes "
    "CRS84, EPSG 3857, 4326, 4490 and the Gauss-Krüger zones 4491-4554, as OGC URIs",
    "schema": {"type": "string"},
}


def with_writing(
    document: Mapping[str, Any], layers: Sequence[Layer], reader: Reader
) -> dict[str, Any]:
    """The document with what the reader may write; the one given stays as it is."""
    paths = dict(document["paths"])
    for layer in layers:
        items = f"/collections/{layer.name}/items"
        item = f"{items}/{{featureId}}"
        for path, methods in (
            (items, collection_methods(layer, reader)),
            (item, feature_methods(layer, reader)),
        ):
            writing = {
                method.lower(): _operation(layer, method)
                for method in methods
                if method in ("POST", "PUT", "PATCH", "DELETE")
            }
            if path in paths and writing:
                paths[path] = {**paths[path], **writing}
    return {**document, "paths": paths}


def _operation(layer: Layer, method: str) -> dict[str, Any]:
    verb = {"POST": "add", "PUT": "replace", "PATCH": "update", "DELETE": "delete"}[method]
    parameters: list[dict[str, Any]] = [_REASON]
    if method != "POST":
        parameters = [_FEATURE_ID, *parameters, *(_condition(name) for name in _CONDITIONS)]
    if method != "DELETE":
        parameters += [_PREFER, _CONTENT_CRS]
    operation: dict[str, Any] = {
        "summary": f"{verb.capitalize()} {layer.title[0]}",
        "tags": [layer.name],
        "operationId": f"{verb}_{layer.name}",
        "parameters": parameters,
        "responses": _responses(method) | (_DRAFTED if layer is GRIDS else {}),
    }
    if method != "DELETE":
        media_types = PATCH_TYPES if method == "PATCH" else FEATURE_TYPES
        body = {"schema": _body(layer, is_whole=method != "PATCH")}
        operation["requestBody"] = {
            "required": True,
            "content": dict.fromkeys(media_types, body),
        }
    return operation


_DRAFTED = {
    "202": {
        "description": "The outline or name of a governance grid was put into a draft: `plan` with "
        "its address, code of the `grid`, `faults` as the draft is now",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}
_CONDITIONS = ("If-Match", "If-Unmodified-Since")


def _condition(name: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "schema": {"type": "string"}}


def _responses(method: str) -> dict[str, Any]:
    told = {status: {"description": words, "content": _PROBLEM} for status, words in _WORDS.items()}
    if method == "POST":
        del told["409"], told["412"]
        location = {"description": "Address of the new feature", "schema": {"type": "string"}}
        return {"201": {"description": "Added", "headers": {"Location": location, **_ETAG}}, **told}
    if method == "DELETE":
        del told["415"]
        return {"204": {"description": "Deleted"}, **told}
    feature = {"application/geo+json": {"schema": {"type": "object"}}}
    return {
        "200": {"description": "Written, as stored", "headers": _ETAG, "content": feature},
        "204": {"description": "Written", "headers": _ETAG},
        **told,
    }


def _body(layer: Layer, *, is_whole: bool) -> dict[str, Any]:
    """Schema of the body; OpenAPI 3.0 says nullable where JSON Schema lists types."""
    properties = {
        name: _property(info, JSON_TYPES[field_kind(layer.column(name))])
        for name, info in layer.fields.items()
    }
    version = {"type": "integer", "description": "The version that was read", "nullable": True}
    values: dict[str, Any] = {
        "type": "object",
        "properties": {**properties, "row_version": version},
    }
    body: dict[str, Any] = {
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "geometry": {"type": "object", "nullable": True},
            "properties": values,
        },
    }
    if is_whole:
        needed = [name for name in required_fields(layer) if not layer.fields[name].read_only]
        if needed:
            values["required"] = needed
        body["required"] = ["type", "geometry", "properties"]
    return body


def _property(info: FieldInfo, kind: Mapping[str, Any]) -> dict[str, Any]:
    limits = {
        "minimum": info.minimum,
        "maximum": info.maximum,
        "maxLength": info.max_length,
        "readOnly": info.read_only or None,
    }
    told = {word: limit for word, limit in limits.items() if limit is not None}
    return {**kind, "title": info.title[0], "x-title-en": info.title[1], "nullable": True, **told}
