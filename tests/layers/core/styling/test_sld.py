"""SLD from paint: well formed, and of one mind with the paint about every feature."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from layers.catalogue import LAYERS, layer_by_name
from layers.core.layer import Layer
from layers.core.styling.mapbox import is_styled
from layers.core.styling.rules import scale_denominator
from layers.core.styling.sld import SldInput, Version, sld_document
from tests.layers.core.styling.sld_reader import SE, SLD, faults, holds

STYLED = [layer for layer in LAYERS if is_styled(layer)]
VERSIONS: tuple[Version, ...] = ("1.0.0", "1.1.0")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NAMES = {("building_use", "B1"): ("住宅", "Residential"), ("place_type", "101"): ("党政", "Gov")}
LIGHTS = {"green": "#1e9e5a", "yellow": "#f0a202", "red": "#d92d20", None: "#3b7ddd"}
VECTORS = json.loads((Path(__file__).parents[3] / "vectors" / "lights.json").read_text("utf-8"))


def document(
    layers: list[Layer], version: Version, now: datetime = NOW, language: int = 0
) -> Element:
    asked = SldInput(layers, lambda *code: NAMES.get(code), now, version, language)
    return fromstring(sld_document(asked, "wangge", ("网格地图", "Wangge map")))


def drawn(
    layer: Layer, values: Mapping[str, Any], zoom: float, now: datetime = NOW
) -> Iterator[tuple[str, dict[str, str]]]:
    """(fragment, parameters of the symbol and its sizes) of each rule that draws a feature."""
    scale = scale_denominator(zoom)
    for style in document([layer], "1.0.0", now).iter(f"{SLD}FeatureTypeStyle"):
        for rule in style.iter(f"{SLD}Rule"):
            low = float(rule.findtext(f"{SLD}MinScaleDenominator", "0"))
            high = float(rule.findtext(f"{SLD}MaxScaleDenominator", "inf"))
            condition = rule.find("{http://www.opengis.net/ogc}Filter")
            if low <= scale < high and (condition is None or holds(condition, values)):
                found = {
                    each.get("name", ""): str(each.text) for each in rule.iter(f"{SLD}CssParameter")
                }
                found["Size"] = next((str(each.text) for each in rule.iter(f"{SLD}Size")), "")
                found["Title"] = rule.findtext(f"{SLD}Title", "")
                label = rule.find(f".//{SLD}Label")
                found["Label"] = "" if label is None else str(label[0].text)
                yield style.findtext(f"{SLD}Name", ""), found


def fills(layer: Layer, values: Mapping[str, Any], zoom: float, fragment: int) -> list[str]:
    name = f"{layer.name}:{fragment}"
    return [found["fill"] for style, found in drawn(layer, values, zoom) if style == name]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("layer", STYLED, ids=lambda layer: layer.name)
def test_the_schemas_would_have_it(layer: Layer, version: Version) -> None:
    assert list(faults(document([layer], version))) == []


def test_a_wrong_order_is_seen() -> None:
    root = document([layer_by_name("buildings")], "1.0.0")
    rule = next(root.iter(f"{SLD}Rule"))
    rule.append(rule[0])
    assert any("Rule" in fault for fault in faults(root))
    mixed = document([layer_by_name("buildings")], "1.1.0")
    mixed.set("version", "1.0.0")
    assert any("expected" in fault for fault in faults(mixed))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
def test_cases_have_the_light_of_that_moment(vector: dict[str, Any]) -> None:
    layer = layer_by_name("incidents")

    def told(name: str) -> str | None:
        return None if vector[name] is None else _utc(vector[name]).isoformat()

    values = {name: told(name) for name in ("warn_at", "due_at", "paused_at")}
    values["state"] = "closed" if vector["closed_at"] else "assigned"
    now = _utc(vector["now"])
    found = [
        each["fill"] for style, each in drawn(layer, values, 16, now) if style == "incidents:1"
    ]
    if vector["closed_at"]:
        assert found == []
        assert fills(layer, values, 16, 0) == ["#8d99a6"]
        return
    light = vector["light"]["color"] if vector["light"] else None
    assert found == [LIGHTS[light]]


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("usage", "colour", "title"),
    [
        ("B1", "#f3d9b1", "住宅"),
        ("B3", "#b9cdea", "办公"),
        ("B9", "#dcd6cc", "其他"),
        (None, "#dcd6cc", "其他"),
    ],
)
def test_one_rule_a_code_and_one_for_the_rest(usage: str | None, colour: str, title: str) -> None:
    found = [
        each
        for style, each in drawn(layer_by_name("buildings"), {"usage": usage}, 17)
        if style == "buildings:0"
    ]
    assert [(each["fill"], each["Title"]) for each in found] == [(colour, title)]


@pytest.mark.parametrize(
    ("kind", "colour"),
    [("101", "#c8323c"), ("10203", "#2b7de0"), ("999", "#3c8f5b"), (None, "#3c8f5b")],
)
def test_codes_by_what_they_begin_with(kind: str | None, colour: str) -> None:
    layer = layer_by_name("key_sites")
    for zoom in (12.5, 15, 18):
        assert fills(layer, {"kind": kind}, zoom, 0) == [colour]


def test_roads_are_drawn_by_class_and_grow_with_the_zoom() -> None:
    layer = layer_by_name("roads")
    widths = []
    for zoom in (9, 14, 18):
        found = [each for _, each in drawn(layer, {"road_class": "primary"}, zoom)]
        lines = [each for each in found if "stroke-width" in each]
        assert [each["stroke"] for each in lines] == ["#dfa93f", "#fbe0a3"]
        widths.append(float(lines[0]["stroke-width"]))
    assert widths == [1, 6.5, 28]
    assert not [each for _, each in drawn(layer, {"road_class": "residential"}, 12)]
    # A class that is missing is none of the larger ones.
    assert {each["stroke"] for _, each in drawn(layer, {}, 17)} == {"#d9dde3", "#ffffff"}


def test_every_zoom_has_just_one_size() -> None:
    for layer in STYLED:
        if layer.geometry_kind != "Point":
            continue
        for zoom in (layer.min_zoom + 0.01, 15.2, 16.6, 17.01, 19, 22):
            values = {"kind": "101", "due_at": None, "state": "assigned"}
            styles = [style for style, each in drawn(layer, values, zoom) if not each["Label"]]
            assert len(styles) == len(set(styles)), (layer.name, zoom)


def test_names_are_of_the_first_field_that_is_there() -> None:
    layer = layer_by_name("buildings")

    def label(values: Mapping[str, Any]) -> list[str]:
        return [each["Label"] for _, each in drawn(layer, values, 17) if each["Label"]]

    assert label({"number": "3", "name": "三号楼"}) == ["number"]
    assert label({"name": "三号楼"}) == ["name"]
    assert label({}) == []


def test_letters_can_be_chinese() -> None:
    for root in (document(STYLED, "1.0.0"), document(STYLED, "1.1.0")):
        parameters = [*root.iter(f"{SLD}CssParameter"), *root.iter(f"{SE}SvgParameter")]
        families = {each.text for each in parameters if each.get("name") == "font-family"}
        assert families == {"Noto Sans CJK SC"}


def test_nothing_is_drawn_before_the_layer_begins() -> None:
    for layer in [each for each in STYLED if each.min_zoom]:
        values = {"kind": "governance", "level": "street", "name": "名", "state": "assigned"}
        assert not list(drawn(layer, values, layer.min_zoom - 0.5))


def test_titles_are_in_the_language_asked_for() -> None:
    root = document([layer_by_name("buildings")], "1.0.0", language=1)
    titles = {each.text for each in root.iter(f"{SLD}Title")}
    assert {"Buildings", "Residential", "Buildings: label"} <= titles
    assert all(str(title).isascii() for title in titles - {"Wangge map"})


def test_the_map_has_a_layer_for_each() -> None:
    root = document(STYLED, "1.0.0")
    names = [each.findtext(f"{SLD}Name") for each in root.iter(f"{SLD}NamedLayer")]
    assert names == [layer.name for layer in STYLED]
    # Blocks are for the viewer only.
    assert "fill-extrusion" not in str(list(root.itertext()))
