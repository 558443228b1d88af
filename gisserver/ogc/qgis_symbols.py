"""Symbols, labels and conditions as QGIS 3.22 and later write them in projects.

Two kinds of data have them: features, whose times are times, and tiles, whose times are seconds.
Unlike a stylesheet a project knows the time itself, so lights of cases stay right.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from xml.etree.ElementTree import Element, SubElement

from layers.core.layer import Layer
from layers.core.model import field_kind
from layers.core.paint import Fragment
from layers.core.styling.rules import TEXT_SIZE, Rule, fields_of

Kind = Literal["features", "tiles"]

SYMBOL_TYPES = {"fill": "fill", "line": "line", "circle": "marker"}
_NOW = {"features": "now()", "tiles": "(epoch(now()) / 1000)"}
# Of QgsPalLayerSettings: over the point, along the line, lying in the area; below the point.
_OVER_POINT, _CURVED, _HORIZONTAL, _BELOW = "1", "3", "4", "7"
_OPAQUE = "255"


def qgis_expression(layer: Layer, condition: Any, kind: Kind) -> str:
    """A condition as QGIS writes it, empty for None; what is unknown counts as false.

    Raises: ValueError for an expression that has no translation.
    """
    match condition:
        case None:
            return ""
        case ["!", inner]:
            return f"NOT coalesce({qgis_expression(layer, inner, kind)}, false)"
        case ["all" | "any" as word, *parts]:
            told = [f"({qgis_expression(layer, part, kind)})" for part in parts]
            return (" AND " if word == "all" else " OR ").join(told)
        case ["has", str(name)]:
            return f"{_name(name)} IS NOT NULL"
        case ["in", subject, ["literal", [*values]]]:
            listed = ", ".join(_text(value) for value in values)
            return f"{_subject(subject)} IN ({listed})"
        case ["==" | "<" | "<=" | ">" | ">=" as sign, left, right]:
            sides = [_operand(layer, side, kind) for side in (left, right)]
            return f"{sides[0]} {'=' if sign == '==' else sign} {sides[1]}"
    raise ValueError(f"no expression for {condition!r}")


def _subject(subject: Any) -> str:
    match subject:
        case ["get", str(name)]:
            return _name(name)
        case ["slice", inner, 0, int(length)]:
            (name,) = fields_of(inner)
            return f"left({_name(name)}, {length})"
    raise ValueError(f"no expression for a choice by {subject!r}")


def _operand(layer: Layer, side: Any, kind: Kind) -> str:
    match side:
        case ["get", str(name)]:
            is_time = field_kind(layer.column(name)) == "datetime" and kind == "features"
            return f"to_datetime({_name(name)})" if is_time else _name(name)
        case ["coalesce", *parts]:
            return f"coalesce({', '.join(_operand(layer, part, kind) for part in parts)})"
        case ["global-state", "now"]:
            return _NOW[kind]
        case str():
            return _text(side)
    raise ValueError(f"no expression for the operand {side!r}")


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def symbol(name: str, fragment: Fragment, rule: Rule) -> Element:
    """The symbol of a rule, with sizes in pixels."""
    kind = SYMBOL_TYPES[fragment["type"]]
    found = Element("symbol", {"name": name, "type": kind, "alpha": "1", "clip_to_extent": "1"})
    made = {"fill": _fill, "line": _line, "marker": _marker}[kind](rule)
    layer_class = {"fill": "SimpleFill", "line": "SimpleLine", "marker": "SimpleMarker"}[kind]
    words = {"class": layer_class, "enabled": "1", "locked": "0", "pass": "0"}
    options = SubElement(SubElement(found, "layer", words), "Option", {"type": "Map"})
    for option, value in made.items():
        SubElement(options, "Option", {"name": option, "type": "QString", "value": value})
    return found


def _fill(rule: Rule) -> Mapping[str, str]:
    opacity = rule.paint.get("fill-opacity", 1)
    colour = rgba(rule.paint["fill-color"], opacity)
    return {"color": colour, "style": "solid", "outline_style": "no"}


def _line(rule: Rule) -> Mapping[str, str]:
    width = rule.paint["line-width"]
    found = {
        "line_color": rgba(rule.paint["line-color"]),
        "line_width": f"{width:g}",
        "line_width_unit": "Pixel",
        "capstyle": "round" if rule.layout.get("line-cap") == "round" else "flat",
        "joinstyle": "round" if rule.layout.get("line-join") == "round" else "miter",
    }
    if "line-dasharray" in rule.paint:
        dashes = ";".join(f"{each * width:g}" for each in rule.paint["line-dasharray"])
        found |= {"use_custom_dash": "1", "customdash": dashes, "customdash_unit": "Pixel"}
    return found


def _marker(rule: Rule) -> Mapping[str, str]:
    return {
        "name": "circle",
        "color": rgba(rule.paint["circle-color"]),
        "outline_color": rgba(rule.paint["circle-stroke-color"]),
        "outline_width": f"{rule.paint['circle-stroke-width']:g}",
        "outline_width_unit": "Pixel",
        "size": f"{2 * rule.paint['circle-radius']:g}",
        "size_unit": "Pixel",
    }


def label_settings(layer: Layer, rule: Rule) -> Element:
    """The settings of a label."""
    size = rule.layout.get("text-size", TEXT_SIZE)
    settings = Element("settings")
    style = SubElement(
        settings,
        "text-style",
        {
            "fieldName": rule.layout["text-field"],
            "isExpression": "0",
            "fontFamily": rule.layout["text-font"][0],
            "fontSize": f"{size:g}",
            "fontSizeUnit": "Pixel",
            "textColor": rgba(rule.paint["text-color"]),
            "textOpacity": "1",
        },
    )
    SubElement(
        style,
        "text-buffer",
        {
            "bufferDraw": "1",
            "bufferSize": f"{rule.paint['text-halo-width']:g}",
            "bufferSizeUnits": "Pixel",
            "bufferColor": rgba(rule.paint["text-halo-color"]),
            "bufferOpacity": "1",
        },
    )
    SubElement(settings, "placement", _placement(layer, rule, size))
    SubElement(settings, "rendering", {"drawLabels": "1", "obstacle": "1"})
    return settings


def _placement(layer: Layer, rule: Rule, size: float) -> dict[str, str]:
    if rule.layout.get("symbol-placement") == "line":
        return {"placement": _CURVED}
    if layer.geometry_kind != "Point":
        return {"placement": _HORIZONTAL}
    down = rule.layout.get("text-offset", (0, 0))[1] * size
    below = {"quadOffset": _BELOW} if rule.layout.get("text-anchor") == "top" else {}
    shift = {"xOffset": "0", "yOffset": f"{down:g}", "offsetUnits": "Pixel"}
    return {"placement": _OVER_POINT, **below, **shift}


def rgba(colour: str, opacity: float = 1) -> str:
    """`#rrggbb` as QGIS writes colours."""
    parts = [str(int(colour[i : i + 2], 16)) for i in (1, 3, 5)]
    return ",".join([*parts, _OPAQUE if opacity == 1 else str(round(opacity * 255))])
