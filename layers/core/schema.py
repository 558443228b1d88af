"""JSON Schema of a layer's properties, derived from its declaration: what forms are made of."""

from typing import Any

from layers.core.layer import Layer
from layers.core.model import FieldInfo, FieldKind, field_kind

DIALECT = "https://json-schema.org/draft/2020-12/schema"

JSON_TYPES: dict[FieldKind, dict[str, Any]] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
}


def layer_schema(layer: Layer) -> dict[str, Any]:
    """JSON Schema (2020-12) of a layer's features' properties.

    Beside the standard words: `x-title` {zh, en}, `x-unit`, `x-codes` (name of a code table),
    `x-sensitivity`, `x-reference` (name of another layer), `x-check`, `x-search`, `x-when` (another
    field and the values of it with which this one is asked for); at the top `x-geometry` (GeoJSON
    type or null) and `x-groups` of the form.
    """
    properties = {
        name: _property(info, field_kind(layer.column(name)), layer.column(name).nullable is True)
        for name, info in layer.fields.items()
    }
    return {
        "$schema": DIALECT,
        "$id": f"/api/layers/{layer.name}/schema",
        "title": layer.title[1],
        "x-title": _both(layer.title),
        "x-geometry": layer.geometry_kind,
        "x-geometry-required": _needs_geometry(layer),
        "x-groups": [
            {"title": _both(title), "fields": list(names)} for title, names in layer.form_groups
        ],
        "type": "object",
        "properties": properties,
        "required": list(required_fields(layer)),
        "additionalProperties": False,
    }


def required_fields(layer: Layer) -> tuple[str, ...]:
    """Fields without which a feature of the layer is not accepted."""
    return tuple(
        name
        for name, info in layer.fields.items()
        if info.required or (info.reference and not layer.column(name).nullable)
    )


def _needs_geometry(layer: Layer) -> bool:
    return layer.geometry_kind is not None and not layer.table.columns["geom"].nullable


def _property(info: FieldInfo, kind: FieldKind, nullable: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "title": info.title[1],
        "x-title": _both(info.title),
        **JSON_TYPES[kind],
    }
    if nullable and not info.required:
        found["type"] = [found["type"], "null"]
    limits = {
        "minimum": info.minimum,
        "maximum": info.maximum,
        "maxLength": info.max_length,
        "x-unit": info.unit,
        "x-codes": info.codes,
        "x-sensitivity": info.sensitivity,
        "x-reference": info.reference,
        "x-check": info.check,
    }
    found |= {word: value for word, value in limits.items() if value is not None}
    if info.help is not None:
        found["x-help"] = _both(info.help)
    if info.when is not None:
        found["x-when"] = {"field": info.when[0], "is": list(info.when[1])}
    if info.search:
        found["x-search"] = True
    if info.read_only:
        found["readOnly"] = True
    return found


def _both(title: tuple[str, str]) -> dict[str, str]:
    return {"zh": title[0], "en": title[1]}
