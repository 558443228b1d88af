"""JSON Schema of a layer: what a form needs to know, from the declaration alone."""

from __future__ import annotations

import json

from layers.catalogue import LAYERS, layer_by_name
from layers.core.schema import layer_schema


def test_words_of_a_field() -> None:
    levels = layer_schema(layer_by_name("buildings"))["properties"]["levels"]
    assert levels == {
        "title": "Levels above ground",
        "x-title": {"zh": "地上层数", "en": "Levels above ground"},
        "type": ["integer", "null"],
        "minimum": 1,
        "maximum": 200,
        "x-unit": "层",
    }


def test_required_fields_and_references() -> None:
    schema = layer_schema(layer_by_name("dwellings"))
    assert schema["required"] == ["building_id", "floor", "room_number"]
    assert schema["properties"]["building_id"]["x-reference"] == "buildings"
    assert schema["properties"]["floor"]["type"] == "integer"
    assert schema["x-geometry"] is None


def test_sensitive_and_read_only_fields_say_so() -> None:
    properties = layer_schema(layer_by_name("persons"))["properties"]
    assert properties["id_number"]["x-sensitivity"] == "identity"
    assert properties["id_number"]["x-check"] == "id_number"
    assert properties["updated_at"]["readOnly"] is True
    assert properties["updated_at"]["format"] == "date-time"
    assert not [name for name in properties if name.endswith(("_cipher", "_index"))]


def test_groups_and_geometry_of_the_form() -> None:
    schema = layer_schema(layer_by_name("buildings"))
    assert schema["x-geometry"] == "MultiPolygon"
    assert schema["x-geometry-required"] is True
    assert schema["x-groups"][0]["title"] == {"zh": "基本信息", "en": "Basics"}


def test_every_schema_is_json() -> None:
    for layer in LAYERS:
        assert json.loads(json.dumps(layer_schema(layer)))["additionalProperties"] is False
