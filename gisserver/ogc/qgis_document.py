"""A QGIS project of the layers: the map as vector tiles, and each layer as features to work with.

It names addresses and no account: QGIS asks for the password, or takes the one that the user keeps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from gisserver.ogc.qgis_symbols import Kind, label_settings, qgis_expression, rgba, symbol
from layers.core.layer import Layer, Title
from layers.core.paint import GROUND, Fragment
from layers.core.styling.rules import LAST_ZOOM, CodeName, Rule, rules_of, scale_denominator
from layers.core.tile_matrix import MAX_ZOOM, Bounds

VERSION = "3.22.0"
MAP_LAYER = "wangge_map_tiles"
_SRSID = {"EPSG:3857": "3857", "EPSG:4326": "3452"}
TILE_PROVIDER = "xyzvectortiles"
_GEOMETRIES = {"Point": ("Point", 0), "LineString": ("Line", 1), "Polygon": ("Polygon", 2)}
GROUPS: dict[str, Title] = {
    "basemap": ("底图", "Base map"),
    "territory": ("区划网格", "Areas and grids"),
    "housing": ("房屋", "Housing"),
    "places": ("场所部件", "Places"),
    "organisation": ("组织机构", "Organisation"),
    "people": ("人口", "People"),
    "analysis": ("分析", "Analysis"),
    "incidents": ("事件", "Incidents"),
    "patrol": ("巡查", "Patrol"),
}
_MAP_GROUP: Title = ("地图（矢量瓦片）", "Map (vector tiles)")


@dataclass(frozen=True)
class ProjectInput:
    """What a project is made of: `base` is the address of `/ogc`, language 0 is Chinese."""

    layers: Sequence[Layer]
    base: str
    title: str
    extent: Bounds | None
    code_name: CodeName
    language: int = 0


def qgis_project(asked: ProjectInput) -> bytes:
    """The project (.qgs)."""
    head = b"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + bytes(tostring(_Project(asked).document(), encoding="utf-8"))


class _Project:
    def __init__(self, asked: ProjectInput) -> None:
        self._asked = asked

    def document(self) -> Element:
        root = Element("qgis", {"version": VERSION, "projectname": self._asked.title})
        SubElement(root, "title").text = self._asked.title
        _reference_system(SubElement(root, "projectCrs"), "EPSG:3857")
        self._tree(SubElement(root, "layer-tree-group"))
        self._canvas(SubElement(root, "mapcanvas", {"name": "theMapCanvas"}))
        layers = SubElement(root, "projectlayers")
        for layer in self._asked.layers:
            self._features(layers, layer)
        self._tiles(layers)
        properties = SubElement(root, "properties")
        # Without it QGIS does not read in which reference system the map is.
        systems = SubElement(properties, "SpatialRefSys")
        SubElement(systems, "ProjectionsEnabled", {"type": "int"}).text = "1"
        background = SubElement(properties, "Gui")
        for part, value in zip(("Red", "Green", "Blue"), rgba(GROUND).split(","), strict=False):
            SubElement(background, f"CanvasColor{part}Part", {"type": "int"}).text = value
        self._full_extent(SubElement(root, "ProjectViewSettings", {"UseProjectScales": "0"}))
        return root

    def _tree(self, tree: Element) -> None:
        """What is drawn last stands first. Features are off: the tiles already show them."""
        for group in reversed(list(dict.fromkeys(each.group for each in self._asked.layers))):
            words = {"name": GROUPS[group][self._asked.language], "checked": "Qt::Unchecked"}
            branch = SubElement(tree, "layer-tree-group", {**words, "expanded": "0"})
            members = [layer for layer in self._asked.layers if layer.group == group]
            for layer in reversed(members):
                self._leaf(
                    branch, feature_id(layer), layer.title[self._asked.language], "OAPIF", False
                )
        words = {"name": _MAP_GROUP[self._asked.language], "checked": "Qt::Checked"}
        branch = SubElement(tree, "layer-tree-group", {**words, "expanded": "0"})
        self._leaf(branch, MAP_LAYER, self._asked.title, TILE_PROVIDER, True)

    def _leaf(self, branch: Element, name: str, title: str, provider: str, is_on: bool) -> None:
        checked = "Qt::Checked" if is_on else "Qt::Unchecked"
        words = {"id": name, "name": title, "providerKey": provider, "checked": checked}
        SubElement(branch, "layer-tree-layer", {**words, "expanded": "0"})

    def _canvas(self, canvas: Element) -> None:
        SubElement(canvas, "units").text = "meters"
        box = SubElement(canvas, "extent")
        for name, metres in self._corners().items():
            SubElement(box, name).text = metres
        _reference_system(SubElement(canvas, "destinationsrs"), "EPSG:3857")

    def _full_extent(self, settings: Element) -> None:
        """Where "zoom to all" goes: tiles alone would lead to the whole world."""
        box = SubElement(settings, "PresetFullExtent", self._corners())
        _reference_system(box, "EPSG:3857")

    def _corners(self) -> dict[str, str]:
        west, south, east, north = self._asked.extent or (73.0, 18.0, 135.0, 54.0)
        return {
            "xmin": f"{_mercator_x(west):.3f}",
            "ymin": f"{_mercator_y(south):.3f}",
            "xmax": f"{_mercator_x(east):.3f}",
            "ymax": f"{_mercator_y(north):.3f}",
        }

    def _features(self, parent: Element, layer: Layer) -> None:
        kind = _GEOMETRIES[str(layer.geometry_kind).removeprefix("Multi")][0]
        words = {"type": "vector", "geometry": kind, "styleCategories": "AllStyleCategories"}
        if layer.min_zoom:
            scale = f"{scale_denominator(layer.min_zoom):.0f}"
            words |= {"hasScaleBasedVisibilityFlag": "1", "minScale": scale, "maxScale": "0"}
        found = SubElement(parent, "maplayer", words)
        source = {
            "pageSize": "1000",
            "pagingEnabled": "true",
            "restrictToRequestBBOX": "1",
            "typename": layer.name,
            "url": self._asked.base,
        }
        SubElement(found, "id").text = feature_id(layer)
        datasource = " ".join(f"{name}='{value}'" for name, value in source.items())
        SubElement(found, "datasource").text = datasource
        SubElement(found, "layername").text = layer.title[self._asked.language]
        _reference_system(SubElement(found, "srs"), "EPSG:4326")
        SubElement(found, "provider", {"encoding": "UTF-8"}).text = "OAPIF"
        self._renderer(found, layer)
        self._labels(found, layer)

    def _renderer(self, parent: Element, layer: Layer) -> None:
        renderer = SubElement(parent, "renderer-v2", {"type": "RuleRenderer", "symbollevels": "0"})
        rules = SubElement(renderer, "rules", {"key": _key(layer, "rules")})
        symbols = SubElement(renderer, "symbols")
        for number, (_, fragment, rule) in enumerate(self._rules((layer,), labels=False)):
            words = self._rule_words(layer, rule, f"rule {number}")
            SubElement(rules, "rule", {**words, "symbol": str(number)})
            symbols.append(symbol(str(number), fragment, rule))

    def _labels(self, parent: Element, layer: Layer) -> None:
        named = list(self._rules((layer,), labels=True))
        if not named:
            return
        labeling = SubElement(parent, "labeling", {"type": "rule-based"})
        rules = SubElement(labeling, "rules", {"key": _key(layer, "labels")})
        for number, (_, _, rule) in enumerate(named):
            words = self._rule_words(layer, rule, f"label {number}")
            words["description"] = words.pop("label")
            SubElement(rules, "rule", words).append(label_settings(layer, rule))

    def _rule_words(self, layer: Layer, rule: Rule, name: str) -> dict[str, str]:
        words = {"key": _key(layer, name), "label": rule.title[self._asked.language]}
        condition = qgis_expression(layer, rule.condition, "features")
        if condition:
            words["filter"] = condition
        if rule.begins > 0:
            words["scalemaxdenom"] = f"{scale_denominator(rule.begins):.0f}"
        if rule.ends < LAST_ZOOM:
            words["scalemindenom"] = f"{scale_denominator(rule.ends):.0f}"
        return words

    def _tiles(self, parent: Element) -> None:
        shown = [layer for layer in self._asked.layers if layer.visible]
        found = SubElement(parent, "maplayer", {"type": "vector-tile"})
        source = {
            "type": "xyz",
            "url": f"{self._asked.base}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}",
            "zmin": str(min((layer.min_zoom for layer in shown), default=0)),
            "zmax": str(max((layer.max_zoom for layer in shown), default=MAX_ZOOM)),
        }
        SubElement(found, "id").text = MAP_LAYER
        SubElement(found, "datasource").text = urlencode(source)
        SubElement(found, "layername").text = self._asked.title
        _reference_system(SubElement(found, "srs"), "EPSG:3857")
        SubElement(found, "provider").text = TILE_PROVIDER
        renderer = SubElement(found, "renderer", {"type": "basic"})
        styles = SubElement(renderer, "styles")
        for layer, fragment, rule in self._rules(shown, labels=False):
            style = SubElement(styles, "style", self._tile_words(layer, rule, "tiles"))
            SubElement(style, "symbols").append(symbol("0", fragment, rule))
        labeling = SubElement(found, "labeling", {"type": "basic"})
        styles = SubElement(labeling, "styles")
        for layer, _, rule in self._rules(shown, labels=True):
            style = SubElement(styles, "style", self._tile_words(layer, rule, "tiles"))
            style.append(label_settings(layer, rule))

    def _tile_words(self, layer: Layer, rule: Rule, kind: Kind) -> dict[str, str]:
        """QGIS counts zooms of tiles with 256 pixels, which is one more than the viewer's."""
        geometry = _GEOMETRIES[str(layer.geometry_kind).removeprefix("Multi")][1]
        return {
            "name": rule.title[self._asked.language],
            "layer": layer.name,
            "geometry": str(geometry),
            "enabled": "1",
            "expression": qgis_expression(layer, rule.condition, kind),
            "min-zoom": str(math.ceil(rule.begins) + 1 if rule.begins > 0 else -1),
            "max-zoom": str(math.ceil(rule.ends) if rule.ends < LAST_ZOOM else -1),
        }

    def _rules(
        self, layers: Sequence[Layer], *, labels: bool
    ) -> Iterator[tuple[Layer, Fragment, Rule]]:
        """Rules in the order of drawing: what lies flat before points."""
        stages = {"fill": 0, "line": 0, "circle": 1, "symbol": 2}
        drawn = [
            (layer, fragment)
            for layer in layers
            for fragment in layer.paint
            if fragment.get("mode", "2d") == "2d" and (fragment["type"] == "symbol") == labels
        ]
        for layer, fragment in sorted(drawn, key=lambda pair: stages[pair[1]["type"]]):
            for rule in rules_of(layer, fragment, self._asked.code_name):
                yield layer, fragment, rule


def feature_id(layer: Layer) -> str:
    """What QGIS calls the features of a layer: for an id of ten letters or less it makes its own,
    and the tree would not find the layer.
    """
    return f"wangge_{layer.name}"


def _reference_system(parent: Element, name: str) -> None:
    system = SubElement(parent, "spatialrefsys")
    # QGIS looks at the name only beside a number of its own database.
    SubElement(system, "srsid").text = _SRSID[name]
    SubElement(system, "authid").text = name


def _key(layer: Layer, name: str) -> str:
    """The same key for the same rule in every project."""
    return "{" + str(uuid5(NAMESPACE_URL, f"wangge:{layer.name}:{name}")) + "}"


def _mercator_x(longitude: float) -> float:
    return math.radians(longitude) * 6378137


def _mercator_y(latitude: float) -> float:
    return math.asinh(math.tan(math.radians(latitude))) * 6378137
