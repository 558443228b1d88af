"""The project for QGIS: its parts hang together, and its conditions mean what the paint means."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from xml.etree.ElementTree import Element, fromstring

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.dialects.postgresql import dialect

from gisserver.ogc.qgis_document import (
    GROUPS,
    MAP_LAYER,
    ProjectInput,
    feature_id,
    qgis_project,
)
from layers.catalogue import LAYERS, layer_by_name
from layers.core.layer import Layer
from layers.core.styling.mapbox import is_styled
from layers.core.styling.rules import scale_denominator

STYLED = tuple(layer for layer in LAYERS if is_styled(layer))
BASE = "https://map.example/ogc"
EXTENT = (117.0, 33.0, 117.1, 33.1)
LIGHTS = {"green": "30,158,90", "yellow": "240,162,2", "red": "217,45,32", None: "59,125,221"}
VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "lights.json").read_text("utf-8"))


def project(layers: tuple[Layer, ...] = STYLED, language: int = 0) -> Element:
    asked = ProjectInput(layers, BASE, "网格地图", EXTENT, lambda *_: None, language)
    return fromstring(qgis_project(asked))


def layer_of(root: Element, name: str) -> Element:
    (found,) = (each for each in root.iter("maplayer") if each.findtext("id") == name)
    return found


def colours(element: Element) -> dict[str, str]:
    """The colour of each symbol by its name."""
    options = (
        (each.get("name", ""), option.get("value", ""))
        for each in element.iter("symbol")
        for option in each.iter("Option")
        if option.get("name") in ("color", "line_color")
    )
    return dict(options)


def drawn(
    engine: Engine, layer: Layer, values: Mapping[str, Any], zoom: float, now: str = "now()"
) -> list[str]:
    """Colours of the rules that draw a feature, its conditions answered by the database."""
    renderer = layer_of(project((layer,)), feature_id(layer)).find("renderer-v2")
    assert renderer is not None
    scale, found = scale_denominator(zoom), []
    for rule in renderer.iter("rule"):
        low = float(rule.get("scalemindenom", "0"))
        high = float(rule.get("scalemaxdenom", "inf"))
        if low <= scale < high and _holds(engine, rule.get("filter", "true"), layer, values, now):
            found.append(colours(renderer)[rule.get("symbol", "")])
    return found


def _holds(
    engine: Engine, condition: str, layer: Layer, values: Mapping[str, Any], now: str
) -> bool:
    """QGIS's own words are written as those of the database; the rest is the same in both."""
    statement = condition.replace("to_datetime(", "(").replace("now()", now)
    columns = ", ".join(
        f'CAST(:{name} AS {layer.column(name).type.compile(dialect=dialect())}) AS "{name}"'
        for name in layer.tile_fields
    )
    given = {name: values.get(name) for name in layer.tile_fields}
    asked = statement.replace(":", r"\:")
    with engine.begin() as connection:
        found = connection.execute(text(f"SELECT {asked} FROM (SELECT {columns}) AS f"), given)
        return bool(found.scalar_one())


def test_every_layer_stands_in_the_tree_under_a_chinese_title() -> None:
    root = project()
    tree = root.find("layer-tree-group")
    assert tree is not None
    leaves = {each.get("id"): each for each in tree.iter("layer-tree-layer")}
    layers = {each.findtext("id"): each.findtext("layername") for each in root.iter("maplayer")}
    assert set(leaves) == set(layers) == {MAP_LAYER, *map(feature_id, STYLED)}
    assert all(len(name) > 10 for name in layers)
    for name, leaf in leaves.items():
        assert leaf.get("name") == layers[name]
        assert re.search("[一-鿿]", str(layers[name]))
        assert leaf.get("checked") == ("Qt::Checked" if name == MAP_LAYER else "Qt::Unchecked")
    titles = [each.get("name") for each in tree.findall("layer-tree-group")]
    assert titles[-1] == "地图（矢量瓦片）"
    assert len(set(titles)) == len(titles) == len({layer.group for layer in STYLED}) + 1
    assert {layer.group for layer in LAYERS} <= set(GROUPS)


def test_sources_are_on_the_server_asked_and_hold_no_account() -> None:
    written = qgis_project(ProjectInput(STYLED, BASE, "x", EXTENT, lambda *_: None)).decode()
    assert set(re.findall(r"https?://[^/\"']+", written)) == {
        "https://map.example",
        "http://mrcc.com",
    }
    assert not re.search("password|username|authcfg|user=", written)
    root = project()
    for layer in STYLED:
        words = layer_of(root, feature_id(layer))
        source = dict(re.findall(r"(\w+)='([^']*)'", str(words.findtext("datasource"))))
        assert (source["url"], source["typename"]) == (BASE, layer.name)
        assert words.findtext("provider") == "OAPIF"
    tiles = parse_qs(str(layer_of(root, MAP_LAYER).findtext("datasource")))
    assert tiles["url"] == [f"{BASE}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}"]
    assert tiles["type"] == ["xyz"]


def test_every_rule_has_its_symbol_and_its_own_key() -> None:
    root = project()
    for renderer in root.iter("renderer-v2"):
        names = {each.get("name") for each in renderer.iter("symbol")}
        used = {each.get("symbol") for each in renderer.iter("rule")}
        assert names == used
    keys = [each.get("key") for each in [*root.iter("rule"), *root.iter("rules")]]
    assert len(set(keys)) == len(keys)
    kinds = {"Point": "marker", "LineString": "line", "Polygon": "fill"}
    for layer in STYLED:
        kind = kinds[str(layer.geometry_kind).removeprefix("Multi")]
        types = {each.get("type") for each in layer_of(root, feature_id(layer)).iter("symbol")}
        assert types <= {kind, "line"}


def test_tiles_are_styled_as_the_map_shows_them() -> None:
    words = layer_of(project(), MAP_LAYER)
    renderer, labeling = words.find("renderer"), words.find("labeling")
    assert renderer is not None
    assert labeling is not None
    shown = {layer.name for layer in STYLED if layer.visible}
    assert {each.get("layer") for each in renderer.iter("style")} <= shown
    named = {each.get("layer") for each in labeling.iter("style")}
    assert {"roads", "buildings", "areas"} <= named <= shown
    for style in renderer.iter("style"):
        assert len(style.findall("symbols/symbol")) == 1
    fonts = {each.get("fontFamily") for each in words.iter("text-style")}
    assert fonts == {"Noto Sans CJK SC"}
    # Times in tiles are seconds, and a project knows what time it is.
    conditions = [each.get("expression", "") for each in renderer.iter("style")]
    lights = [each for each in conditions if "due_at" in each]
    assert any("epoch(now()) / 1000" in each for each in lights)
    assert not any("to_datetime" in each for each in lights)


@pytest.mark.parametrize("layer", [each for each in STYLED if each.visible], ids=lambda e: e.name)
def test_levels_of_tiles_are_without_gap_and_overlap(layer: Layer) -> None:
    """The bands of one choice follow each other: no level is drawn twice or left out."""
    words = layer_of(project(), MAP_LAYER)
    ranges: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for style in words.iter("style"):
        if style.get("layer") == layer.name and style.find("symbols") is not None:
            colour = next(iter(colours(style).values()))
            low, high = int(style.get("min-zoom", "")), int(style.get("max-zoom", ""))
            key = (style.get("expression", ""), colour)
            ranges.setdefault(key, []).append((low, 99 if high == -1 else high))
    for bands in ranges.values():
        filled = [band for band in bands if band[0] <= band[1]]
        for (_, end), (begin, _) in itertools.pairwise(filled):
            assert begin == end + 1


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["case"])
def test_cases_have_their_light(engine: Engine, vector: dict[str, Any]) -> None:
    layer = layer_by_name("incidents")
    values = {
        name: None if vector[name] is None else datetime.fromisoformat(vector[name])
        for name in ("warn_at", "due_at", "paused_at")
    }
    values |= {"state": "closed" if vector["closed_at"] else "assigned"}
    moment = f"timestamptz '{vector['now']}'"
    found = drawn(engine, layer, values, 16, moment)
    light = vector["light"]["color"] if vector["light"] else None
    expected = "141,153,166" if vector["closed_at"] else LIGHTS[light]
    assert found == [f"{expected},255"]


@pytest.mark.parametrize(
    ("layer", "values", "colour"),
    [
        ("buildings", {"usage": "B1"}, "243,217,177,255"),
        ("buildings", {"usage": None}, "220,214,204,255"),
        ("key_sites", {"kind": "10101"}, "200,50,60,255"),
        ("key_sites", {"kind": None}, "60,143,91,255"),
        ("roads", {"road_class": "primary"}, "223,169,63,255"),
        ("roads", {"road_class": None}, "217,221,227,255"),
    ],
)
def test_one_colour_for_each_value(
    engine: Engine, layer: str, values: dict[str, Any], colour: str
) -> None:
    assert drawn(engine, layer_by_name(layer), values, 16.5)[0] == colour
