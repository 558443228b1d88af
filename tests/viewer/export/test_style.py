"""Looks evaluated outside the browser: every word of every layer's paint is understood."""

from __future__ import annotations

from typing import Any

import pytest

from layers.catalogue import LAYERS, layer_by_name
from layers.core.layer import Layer
from viewer.export.style import UnknownExpression, evaluate, look_of

DRAWN = [layer for layer in LAYERS if layer.geometry_kind and layer.paint]


@pytest.mark.parametrize("layer", DRAWN, ids=lambda layer: layer.name)
def test_every_layer_has_a_look(layer: Layer) -> None:
    """Close enough for all fragments, with and without values in its fields."""
    some = {"kind": "governance", "level": "community", "road_class": "primary", "usage": "B1"}
    looks = [
        look_of(layer, properties, zoom)
        for properties in ({}, dict.fromkeys(layer.tile_fields), some)
        for zoom in (layer.min_zoom + 1, 16, 18)
    ]
    assert any(looks), "some feature of it is drawn somewhere"


def test_buildings_are_coloured_by_use_and_stand_as_high_as_they_are() -> None:
    buildings = layer_by_name("buildings")
    home = look_of(buildings, {"usage": "B1", "height": 21.5, "levels": 7}, 16)
    shop = look_of(buildings, {"usage": "B2", "levels": 4}, 16)
    assert home is not None
    assert shop is not None
    assert (home.fill, home.height) == ("#f3d9b1", 21.5)
    assert (shop.fill, shop.height) == ("#f2b8a2", 12)
    assert look_of(buildings, {"usage": "B1"}, 11) is None, "too far away"


def test_a_road_is_a_line_upon_a_line() -> None:
    look = look_of(layer_by_name("roads"), {"road_class": "primary"}, 14)
    assert look is not None
    assert (look.line, look.core) == ("#dfa93f", "#fbe0a3")
    assert look.line_width == pytest.approx(6.5)
    assert look.core_width == pytest.approx(5)


EXPRESSIONS: list[tuple[Any, Any]] = [
    ("#fff", "#fff"),
    (["get", "a"], 3),
    (["coalesce", ["get", "none"], ["get", "a"]], 3),
    (["match", ["get", "b"], ["x", "y"], 1, 2], 1),
    (["match", ["get", "b"], "z", 1, 2], 2),
    (["case", [">", ["get", "a"], 5], "big", [">=", ["get", "a"], 3], "some", "none"], "some"),
    (["interpolate", ["linear"], ["zoom"], 10, 0, 20, 10], 5),
    (["interpolate", ["linear"], ["get", "a"], 0, "#000", 9, "#fff"], "#000"),
    (["step", ["get", "a"], "low", 2, "mid", 4, "high"], "mid"),
    (["all", ["==", ["get", "a"], 3], ["!", ["has", "none"]]], True),
    (["any", ["<", ["get", "none"], 3], ["in", "x", ["literal", ["x"]]]], True),
    (["slice", ["get", "b"], 0, 1], "x"),
    (["*", 2, ["+", 1, ["-", 5, 1]]], 10),
]


@pytest.mark.parametrize(("expression", "value"), EXPRESSIONS)
def test_expressions(expression: Any, value: Any) -> None:
    assert evaluate(expression, {"a": 3, "b": "x"}, 15) == value


def test_an_unknown_word_is_no_wrong_colour() -> None:
    with pytest.raises(UnknownExpression, match="within"):
        evaluate(["within", {}], {}, 15)
