"""Queryables, sortables and schema of a collection as JSON Schema, from the layer's declaration."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from gisserver.context import services
from gisserver.ogc.collections import visible_layer
from gisserver.ogc.media_types import SCHEMA_FORMS
from gisserver.ogc.negotiation import DOCUMENT_PARAMETERS, form_answer, negotiated
from gisserver.ogc.shell import base_address
from gisserver.parameters import take_parameters
from layers.core.filtering.fields import GEOMETRY, IDENTIFIER, queryable_names, sortable_names
from layers.core.layer import Layer
from layers.core.model import FieldInfo, field_kind
from layers.core.schema import DIALECT, JSON_TYPES, required_fields

# UCUM spellings of the units that have one; counts of things have none.
_UCUM = {"m": "m", "m²": "m2", "km/h": "km/h", "%": "%", "°": "deg", "d": "d", "天": "d"}
Codes = Mapping[str, list[dict[str, Any]]]


def add_schemas(blueprint: Blueprint) -> None:
    """Their routes; collections the reader may not see answer 404."""
    for name, view in {"schema": schema, "queryables": queryables, "sortables": sortables}.items():
        rule = f"/collections/<name>/{name}"
        blueprint.add_url_rule(rule, name, view, strict_slashes=False)


def schema(name: str) -> AnyResponse:
    """What features of the collection hold, and what may be sent."""
    layer = visible_layer(name)
    return _answer("schema", layer, schema_document(layer, code_lists()))


def queryables(name: str) -> AnyResponse:
    """What may stand in a filter."""
    layer = visible_layer(name)
    return _answer("queryables", layer, queryables_document(layer, code_lists()))


def sortables(name: str) -> AnyResponse:
    """What `sortby` may name."""
    layer = visible_layer(name)
    return _answer("sortables", layer, sortables_document(layer, code_lists()))


def schema_document(layer: Layer, codes: Codes) -> dict[str, Any]:
    """Returnables and receivables: `readOnly` is only returned."""
    properties: dict[str, Any] = {IDENTIFIER: _identifier()}
    if layer.geometry_kind is not None:
        properties[GEOMETRY] = _geometry(layer)
    for name in layer.fields:
        properties[name] = _field(layer, name, codes)
    properties["row_version"] = {
        "title": "版本",
        "x-title-en": "Version",
        "type": "integer",
        "readOnly": True,
    }
    for position, words in enumerate(properties.values(), 1):
        words["x-ogc-propertySeq"] = position
    needed = [name for name in required_fields(layer) if name in properties]
    return {**_head(layer), "required": needed, "properties": properties}


def queryables_document(layer: Layer, codes: Codes) -> dict[str, Any]:
    """What may be filtered by, with types, ranges and code lists."""
    properties: dict[str, Any] = {IDENTIFIER: _identifier()}
    if layer.geometry_kind is not None:
        properties[GEOMETRY] = _geometry(layer)
    for name in queryable_names(layer):
        properties[name] = _without_read_only(_field(layer, name, codes))
    return {**_head(layer), "properties": properties}


def sortables_document(layer: Layer, codes: Codes) -> dict[str, Any]:
    """What may be sorted by."""
    properties = {
        name: _identifier()
        if name == IDENTIFIER
        else _without_read_only(_field(layer, name, codes))
        for name in sortable_names(layer)
    }
    return {**_head(layer), "properties": properties}


def code_lists() -> Codes:
    """The code tables with names in both languages."""
    tables = services().codes.tables()
    return _read_codes(tables.etag, tables.document)


@lru_cache(maxsize=2)
def _read_codes(_etag: str, document: str) -> Codes:
    read: Codes = json.loads(document)
    return read


def _answer(name: str, layer: Layer, document: Mapping[str, Any]) -> AnyResponse:
    take_parameters(request, DOCUMENT_PARAMETERS)
    made = {"$id": f"{base_address()}/collections/{layer.name}/{name}", **document}
    return form_answer(name, made, SCHEMA_FORMS[negotiated(SCHEMA_FORMS)], layer)


def _head(layer: Layer) -> dict[str, Any]:
    return {
        "$schema": DIALECT,
        "type": "object",
        "title": layer.title[0],
        "x-title-en": layer.title[1],
        "additionalProperties": False,
    }


def _identifier() -> dict[str, Any]:
    words = {"title": "标识", "x-title-en": "Identifier", "type": "integer"}
    return {**words, "readOnly": True, "x-ogc-role": "id"}


def _geometry(layer: Layer) -> dict[str, Any]:
    return {
        "title": "几何",
        "x-title-en": "Geometry",
        "format": f"geometry-{str(layer.geometry_kind).lower()}",
        "x-ogc-role": "primary-geometry",
    }


def _field(layer: Layer, name: str, codes: Codes) -> dict[str, Any]:
    info = layer.fields[name]
    words: dict[str, Any] = {
        "title": info.title[0],
        "x-title-en": info.title[1],
        **JSON_TYPES[field_kind(layer.column(name))],
    }
    limits = {"minimum": info.minimum, "maximum": info.maximum, "maxLength": info.max_length}
    if info.sensitivity:
        # What is returned is the masked text, to which the length of what is sent does not apply.
        words["description"] = "读出为脱敏文字 Returned masked"
        limits = {}
    words |= {word: value for word, value in limits.items() if value is not None}
    if info.unit in _UCUM:
        words["x-ogc-unit"] = _UCUM[info.unit]
    if info.codes is not None and codes.get(info.codes):
        words["oneOf"] = [
            {"const": each["code"], "title": each["zh"], "x-title-en": each["en"]}
            for each in codes[info.codes]
        ]
    role = _role(layer, name, info)
    if role:
        words["x-ogc-role"] = role
    if info.read_only and not (name == "area_code" and layer.area_from == "given"):
        words["readOnly"] = True
    return words


def _role(layer: Layer, name: str, info: FieldInfo) -> str | None:
    if name == layer.time_field:
        return "primary-instant"
    if layer.time_field is None and name in ("valid_from", "valid_to"):
        return "primary-interval-start" if name == "valid_from" else "primary-interval-end"
    return "reference" if info.reference else None


def _without_read_only(words: dict[str, Any]) -> dict[str, Any]:
    return {word: value for word, value in words.items() if word != "readOnly"}
