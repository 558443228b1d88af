"""Reads SLD as a client does: the order of elements that its schemas prescribe, and its filters.

The sequences are those of SLD 1.0.0 (02-070), of SLD 1.1.0 (05-078r4) with SE 1.1.0 (05-077r4) and
of Filter 1.0 and 1.1, as far as the elements are used. Filters are answered with three values, as
SQL and QGIS do: a comparison with nothing is neither true nor false.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

SLD, SE, OGC = (f"{{http://www.opengis.net/{name}}}" for name in ("sld", "se", "ogc"))

# A regular expression over the names of the children, each followed by a blank.
_EXPRESSION = "((PropertyName|Literal) )"
_CONDITION = "((And|Or|Not|PropertyIs[A-Za-z]+) )"
_SYMBOLIZER = "((Line|Polygon|Point|Text)Symbolizer )"
_SYMBOLS = {
    "PolygonSymbolizer": "(Geometry )?(Fill )?(Stroke )?",
    "LineSymbolizer": "(Geometry )?(Stroke )?",
    "PointSymbolizer": "(Geometry )?(Graphic )?",
    "Graphic": "((ExternalGraphic|Mark) )*(Opacity )?(Size )?(Rotation )?",
    "Mark": "(WellKnownName )?(Fill )?(Stroke )?",
    "TextSymbolizer": "(Geometry )?(Label )?(Font )?(LabelPlacement )?(Halo )?(Fill )?",
    "Label": "(PropertyName )?",
    "LabelPlacement": "(PointPlacement|LinePlacement) ",
    "PointPlacement": "(AnchorPoint )?(Displacement )?(Rotation )?",
    "LinePlacement": "(PerpendicularOffset )?",
    "AnchorPoint": "AnchorPointX AnchorPointY ",
    "Displacement": "DisplacementX DisplacementY ",
    "Halo": "(Radius )?(Fill )?",
    "Filter": _CONDITION,
    "And": f"{_CONDITION}{{2,}}",
    "Or": f"{_CONDITION}{{2,}}",
    "Not": _CONDITION,
    "PropertyIsNull": "PropertyName ",
    "PropertyIsLike": "PropertyName Literal ",
    "PropertyIsEqualTo": f"{_EXPRESSION}{{2}}",
    "PropertyIsGreaterThan": f"{_EXPRESSION}{{2}}",
    "PropertyIsGreaterThanOrEqualTo": f"{_EXPRESSION}{{2}}",
}
_TITLES = {"1.0.0": "(Title )?(Abstract )?", "1.1.0": "(Description )?"}


def _sequences(version: str) -> Mapping[str, str]:
    parameters = "(CssParameter )*" if version == "1.0.0" else "(SvgParameter )*"
    named = f"(Name )?{_TITLES[version]}"
    description = "" if version == "1.0.0" else "(Description )?"
    return _SYMBOLS | {
        "StyledLayerDescriptor": f"{named}((NamedLayer|UserLayer) )*",
        "NamedLayer": f"Name {description}(LayerFeatureConstraints )?((NamedStyle|UserStyle) )*",
        "UserStyle": f"{named}(IsDefault )?(FeatureTypeStyle )+",
        "Description": "(Title )?(Abstract )?",
        "FeatureTypeStyle": f"{named}(FeatureTypeName )?(SemanticTypeIdentifier )*(Rule )+",
        "Rule": f"{named}(LegendGraphic )?((Filter|ElseFilter) )?"
        f"(MinScaleDenominator )?(MaxScaleDenominator )?{_SYMBOLIZER}+",
        "Fill": f"(GraphicFill )?{parameters}",
        "Stroke": f"((GraphicFill|GraphicStroke) )?{parameters}",
        "Font": parameters,
    }


def name_of(element: Element) -> str:
    """Its name without the namespace."""
    return element.tag.rpartition("}")[2]


def faults(root: Element) -> Iterator[str]:
    """What the schemas would not have: a wrong order, a wrong namespace, a text where none is."""
    version = root.get("version", "")
    sequences = _sequences(version)
    of_sld = {"StyledLayerDescriptor", "NamedLayer", "UserStyle", "IsDefault"}
    symbols = SLD if version == "1.0.0" else SE
    of_ogc = {"Filter", "And", "Or", "Not", "PropertyName", "Literal"}
    for element in root.iter():
        name = name_of(element)
        is_ogc = name in of_ogc or name.startswith("PropertyIs")
        expected = OGC if is_ogc else SLD if name in of_sld else symbols
        if not element.tag.startswith(expected):
            yield f"{element.tag}: {expected} expected"
        children = "".join(f"{name_of(child)} " for child in element)
        if name not in sequences:
            if children or not (element.text or "").strip():
                yield f"{name}: a text expected, not {children!r}"
        elif not re.fullmatch(sequences[name], children):
            yield f"{name}: {children!r} is not {sequences[name]!r}"
        yield from _attribute_faults(element, name, version)


def _attribute_faults(element: Element, name: str, version: str) -> Iterator[str]:
    escape = "escape" if version == "1.0.0" else "escapeChar"
    needed = {"PropertyIsLike": {"wildCard", "singleChar", escape}}
    for kind in ("CssParameter", "SvgParameter"):
        needed[kind] = {"name"}
    if name in needed and set(element.attrib) != needed[name]:
        yield f"{name}: attributes {set(element.attrib)}"


def holds(condition: Element, values: Mapping[str, Any]) -> bool | None:
    """Whether a filter element is true of a feature; None when that is not known."""
    match name_of(condition):
        case "Filter":
            return holds(condition[0], values)
        case "Not":
            inner = holds(condition[0], values)
            return None if inner is None else not inner
        case "And":
            parts = [holds(each, values) for each in condition]
            return False if False in parts else None if None in parts else True
        case "Or":
            parts = [holds(each, values) for each in condition]
            return True if True in parts else None if None in parts else False
        case "PropertyIsNull":
            return values.get(str(condition[0].text)) is None
        case name:
            left, right = (_operand(side, values) for side in condition)
            return None if left is None or right is None else _compare(name, left, right)


def _operand(side: Element, values: Mapping[str, Any]) -> str | None:
    found = values.get(str(side.text)) if name_of(side) == "PropertyName" else side.text
    return None if found is None else str(found)


def _compare(name: str, left: str, right: str) -> bool:
    match name:
        case "PropertyIsEqualTo":
            return left == right
        case "PropertyIsLike":
            return left.startswith(right.removesuffix("*"))
        case "PropertyIsGreaterThan":
            return left > right
        case "PropertyIsGreaterThanOrEqualTo":
            return left >= right
    raise AssertionError(name)
