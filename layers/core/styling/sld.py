"""Styled Layer Descriptor 1.0 (02-070) and 1.1 (05-078r4, symbols 05-077r4) from the same paint.

By day and flat, as for other clients. Conditions are on the properties of the features, where times
are texts; what depends on the time holds for the moment the style was made. Names are written once
a feature by every client, so the mark of tiles for that is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from layers.core.layer import Layer, Title
from layers.core.paint import Fragment
from layers.core.styling.rules import (
    LAST_ZOOM,
    TEXT_SIZE,
    CodeName,
    Rule,
    rules_of,
    scale_denominator,
)
from layers.core.styling.sld_filter import OGC, FilterWriter

Version = Literal["1.0.0", "1.1.0"]

SLD = "http://www.opengis.net/sld"
SE = "http://www.opengis.net/se"
XLINK = "http://www.w3.org/1999/xlink"
SCHEMAS: Mapping[Version, str] = {
    "1.0.0": "http://schemas.opengis.net/sld/1.0.0/StyledLayerDescriptor.xsd",
    "1.1.0": "http://schemas.opengis.net/sld/1.1.0/StyledLayerDescriptor.xsd",
}
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
for _prefix, _uri in {"sld": SLD, "se": SE, "ogc": OGC, "xlink": XLINK, "xsi": _XSI}.items():
    register_namespace(_prefix, _uri)

_ANCHORS: Mapping[str, tuple[float, float]] = {"center": (0.5, 0.5), "top": (0.5, 1.0)}


@dataclass(frozen=True)
class SldInput:
    """What a document is made of; language 0 Chinese, 1 English."""

    layers: Sequence[Layer]
    code_name: CodeName
    now: datetime
    version: Version
    language: int = 0


def sld_document(asked: SldInput, name: str, title: Title) -> bytes:
    """The document with a NamedLayer a layer, the lowest first."""
    document = _Writer(asked).document(name, title)
    return bytes(tostring(document, encoding="utf-8", xml_declaration=True))


class _Writer:
    def __init__(self, asked: SldInput) -> None:
        self._asked = asked
        self._is_new = asked.version == "1.1.0"
        # Version 1.1 moved symbols to a namespace of their own.
        self._symbols = SE if self._is_new else SLD

    def document(self, name: str, title: Title) -> Element:
        root = Element(f"{{{SLD}}}StyledLayerDescriptor", {"version": self._asked.version})
        root.set(f"{{{_XSI}}}schemaLocation", f"{SLD} {SCHEMAS[self._asked.version]}")
        self._named(root, name, title)
        for layer in self._asked.layers:
            self._layer(root, layer, name)
        return root

    def _layer(self, root: Element, layer: Layer, style: str) -> None:
        named = SubElement(root, f"{{{SLD}}}NamedLayer")
        self._symbol(named, "Name", layer.name)
        user = SubElement(named, f"{{{SLD}}}UserStyle")
        self._named(user, style, layer.title)
        SubElement(user, f"{{{SLD}}}IsDefault").text = "1"
        for index, fragment in enumerate(layer.paint):
            if fragment.get("mode", "2d") == "2d":
                self._fragment(user, layer, index, fragment)

    def _fragment(self, user: Element, layer: Layer, index: int, fragment: Fragment) -> None:
        style = self._symbol(user, "FeatureTypeStyle")
        self._symbol(style, "Name", f"{layer.name}:{index}")
        self._symbol(style, "FeatureTypeName", layer.name)
        escape = "escapeChar" if self._is_new else "escape"
        writer = FilterWriter(layer, self._asked.now, escape)
        for number, rule in enumerate(rules_of(layer, fragment, self._asked.code_name)):
            made = self._symbol(style, "Rule")
            self._named(made, f"{layer.name}:{index}:{number}", rule.title)
            if rule.condition is not None:
                made.append(writer.filter(rule.condition))
            self._scales(made, rule)
            self._symbolizer(made, layer, fragment, rule)

    def _scales(self, parent: Element, rule: Rule) -> None:
        if rule.ends < LAST_ZOOM:
            self._symbol(parent, "MinScaleDenominator", _number(scale_denominator(rule.ends)))
        if rule.begins > 0:
            self._symbol(parent, "MaxScaleDenominator", _number(scale_denominator(rule.begins)))

    def _symbolizer(self, parent: Element, layer: Layer, fragment: Fragment, rule: Rule) -> None:
        match fragment["type"]:
            case "fill":
                self._fill(self._symbol(parent, "PolygonSymbolizer"), "Fill", rule.paint)
            case "line":
                self._stroke(self._symbol(parent, "LineSymbolizer"), rule)
            case "circle":
                self._point(self._symbol(parent, "PointSymbolizer"), rule)
            case "symbol":
                self._text(self._symbol(parent, "TextSymbolizer"), layer, rule)

    def _fill(self, parent: Element, name: str, paint: Mapping[str, Any]) -> None:
        found = self._symbol(parent, name)
        self._parameter(found, "fill", paint["fill-color"])
        if paint.get("fill-opacity", 1) != 1:
            self._parameter(found, "fill-opacity", _number(paint["fill-opacity"]))

    def _stroke(self, parent: Element, rule: Rule) -> None:
        stroke, width = self._symbol(parent, "Stroke"), rule.paint["line-width"]
        self._parameter(stroke, "stroke", rule.paint["line-color"])
        self._parameter(stroke, "stroke-width", _number(width))
        self._parameter(stroke, "stroke-linejoin", rule.layout.get("line-join", "mitre"))
        self._parameter(stroke, "stroke-linecap", rule.layout.get("line-cap", "butt"))
        if "line-dasharray" in rule.paint:
            # MapLibre counts dashes in widths of the line, SLD in pixels.
            dashes = (_number(each * width) for each in rule.paint["line-dasharray"])
            self._parameter(stroke, "stroke-dasharray", " ".join(dashes))

    def _point(self, parent: Element, rule: Rule) -> None:
        graphic = self._symbol(parent, "Graphic")
        mark = self._symbol(graphic, "Mark")
        self._symbol(mark, "WellKnownName", "circle")
        self._parameter(self._symbol(mark, "Fill"), "fill", rule.paint["circle-color"])
        stroke = self._symbol(mark, "Stroke")
        self._parameter(stroke, "stroke", rule.paint["circle-stroke-color"])
        self._parameter(stroke, "stroke-width", _number(rule.paint["circle-stroke-width"]))
        self._symbol(graphic, "Size", _number(2 * rule.paint["circle-radius"]))

    def _text(self, parent: Element, layer: Layer, rule: Rule) -> None:
        label = self._symbol(parent, "Label")
        SubElement(label, f"{{{OGC}}}PropertyName").text = rule.layout["text-field"]
        font, size = self._symbol(parent, "Font"), rule.layout.get("text-size", TEXT_SIZE)
        self._parameter(font, "font-family", rule.layout["text-font"][0])
        self._parameter(font, "font-size", _number(size))
        placement = self._symbol(parent, "LabelPlacement")
        if rule.layout.get("symbol-placement") == "line":
            line = self._symbol(placement, "LinePlacement")
            self._symbol(line, "PerpendicularOffset", "0")
        else:
            self._place(self._symbol(placement, "PointPlacement"), rule.layout, size)
        halo = self._symbol(parent, "Halo")
        self._symbol(halo, "Radius", _number(rule.paint["text-halo-width"]))
        self._parameter(self._symbol(halo, "Fill"), "fill", rule.paint["text-halo-color"])
        self._parameter(self._symbol(parent, "Fill"), "fill", rule.paint["text-color"])

    def _place(self, parent: Element, layout: Mapping[str, Any], size: float) -> None:
        x, y = _ANCHORS[layout.get("text-anchor", "center")]
        anchor = self._symbol(parent, "AnchorPoint")
        self._symbol(anchor, "AnchorPointX", _number(x))
        self._symbol(anchor, "AnchorPointY", _number(y))
        # Offsets of MapLibre are in widths of a letter and go down, those of SLD in pixels and up.
        right, down = layout.get("text-offset", (0, 0))
        shift = self._symbol(parent, "Displacement")
        self._symbol(shift, "DisplacementX", _number(right * size))
        self._symbol(shift, "DisplacementY", _number(0 - down * size))

    def _named(self, parent: Element, name: str, title: Title) -> None:
        """Name and title, which version 1.1 puts into a description."""
        self._symbol(parent, "Name", name)
        holder = self._symbol(parent, "Description") if self._is_new else parent
        self._symbol(holder, "Title", title[self._asked.language])

    def _symbol(self, parent: Element, name: str, text: str | None = None) -> Element:
        found = SubElement(parent, f"{{{self._symbols}}}{name}")
        found.text = text
        return found

    def _parameter(self, parent: Element, name: str, value: str) -> None:
        kind = "SvgParameter" if self._is_new else "CssParameter"
        self._symbol(parent, kind, value).set("name", name)


def _number(value: float) -> str:
    """Without an exponent and without needless digits."""
    return f"{value:.4f}".rstrip("0").rstrip(".")
