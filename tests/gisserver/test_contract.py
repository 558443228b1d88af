"""What is written for the viewer is what the catalogue says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gisserver.contract import (
    GENERATED,
    declaration,
    generated_files,
    literal,
    stale_files,
    write_contract,
)
from layers.catalogue import LAYERS
from layers.core.layer import Layer
from layers.core.rights import Right, Role


def test_the_committed_files_are_those_of_the_catalogue() -> None:
    assert stale_files() == [], "run ./wangge contract"
    assert {path.name for path in GENERATED.iterdir()} == set(generated_files())


def test_writing_twice_changes_nothing(tmp_path: Path) -> None:
    written = {path.name for path in write_contract(tmp_path)}
    assert written == {"layers.ts", "types.ts", "mapboxStyle.json"}
    assert write_contract(tmp_path) == []
    assert stale_files(tmp_path) == []


def test_a_change_by_hand_is_seen(tmp_path: Path) -> None:
    write_contract(tmp_path)
    path = tmp_path / "types.ts"
    path.write_text(path.read_text() + "\n")
    assert stale_files(tmp_path) == ["types.ts"]
    path.unlink()
    assert stale_files(tmp_path) == ["types.ts"]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.name)
def test_a_layer_is_declared_whole(layer: Layer) -> None:
    told = declaration(layer)
    assert json.loads(json.dumps(told)) == _plain(told), "only what JSON can hold"
    assert [field["name"] for field in told["fields"]] == list(layer.fields)
    assert not [f for f in told["fields"] if f["name"].endswith(("_cipher", "_index"))]
    assert set(told["tile_fields"]) <= set(layer.fields)
    grouped = [name for group in told["form_groups"] for name in group["fields"]]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) <= set(layer.fields)
    for field in told["fields"]:
        assert field["title"]["zh"]
        assert field["title"]["en"]
    sensitive = {field["name"] for field in told["fields"] if "sensitivity" in field}
    assert sensitive == set(layer.sensitive_fields)
    assert not sensitive & set(layer.tile_fields), "tiles carry no personal data"


def test_types_name_every_layer_right_and_role() -> None:
    text = generated_files()["types.ts"]
    for name in (*(layer.name for layer in LAYERS), *Right, *Role):
        assert f"  | '{name}'" in text
    for layer in LAYERS:
        assert f"export interface {layer.model.__name__} {{" in text
    building = re.search(r"export interface Building \{(.*?)\n\}", text, re.DOTALL)
    assert building is not None
    assert "readonly levels: number | null" in building[1]
    assert "readonly levels_estimated: boolean\n" in building[1]


def test_values_become_literals() -> None:
    assert literal('it\'s "so"') == "'it\\'s \"so\"'"
    assert literal("a\\b\n") == "'a\\\\b\\n'"
    assert literal(1.0) == "1"
    assert literal(0.5) == "0.5"
    assert literal(None) == "null"
    assert literal({"a": True, "b-c": [1, "x"]}) == "{ a: true, 'b-c': [1, 'x'] }"
    assert literal({}) == "{}"
    long = literal(["x" * 60, "y" * 60])
    assert long == f"[\n  '{'x' * 60}',\n  '{'y' * 60}',\n]"


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value
