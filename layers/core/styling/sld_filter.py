"""MapLibre's filters as OGC Filter 1.1 elements, with the same answer where a value is missing.

MapLibre takes a comparison with nothing for false and its contrary for true; in the filter of OGC
both are unknown, so that nothing is drawn. The contrary of a comparison therefore also holds where
the field is null.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from layers.core.layer import Layer
from layers.core.model import field_kind
from layers.core.styling.rules import fields_of

OGC = "http://www.opengis.net/ogc"
_COMPARISONS = {
    "==": "PropertyIsEqualTo",
    "<": "PropertyIsLessThan",
    "<=": "PropertyIsLessThanOrEqualTo",
    ">": "PropertyIsGreaterThan",
    ">=": "PropertyIsGreaterThanOrEqualTo",
}


class FilterWriter:
    """Writes the conditions of one layer; `now` stands for the time in those that depend on it.

    `escape` is what the version calls the attribute of PropertyIsLike.
    """

    def __init__(self, layer: Layer, now: datetime, escape: str) -> None:
        self._layer = layer
        self._now = now.astimezone(UTC)
        self._escape = escape

    def filter(self, condition: Any) -> Element:
        """A Filter element.

        Raises: ValueError for an expression that has no translation.
        """
        found = Element(f"{{{OGC}}}Filter")
        found.append(self._told(condition, True))
        return found

    def _told(self, condition: Any, wanted: bool) -> Element:
        match condition:
            case ["!", inner]:
                return self._told(inner, not wanted)
            case ["all", *parts]:
                return _joined("And" if wanted else "Or", [self._told(p, wanted) for p in parts])
            case ["any", *parts]:
                return _joined("Or" if wanted else "And", [self._told(p, wanted) for p in parts])
            case ["has", str(name)]:
                return _not(_null(name)) if wanted else _null(name)
            case ["in", subject, ["literal", [*values]]]:
                parts = [self._one_of(subject, value) for value in values]
                return self._or_null(_joined("Or", parts), subject, wanted)
            case [str(sign), left, right] if sign in _COMPARISONS:
                return self._compared(sign, left, right, wanted)
        raise ValueError(f"no filter for {condition!r}")

    def _one_of(self, subject: Any, value: Any) -> Element:
        match subject:
            case ["slice", inner, 0, int(length)] if len(value) == length:
                (name,) = fields_of(inner)
                words = {"wildCard": "*", "singleChar": "?", self._escape: "!"}
                return _with(Element(f"{{{OGC}}}PropertyIsLike", words), name, f"{value}*")
            case ["get", str(name)]:
                return _with(Element(f"{{{OGC}}}PropertyIsEqualTo"), name, str(value))
        raise ValueError(f"no filter for a choice by {subject!r}")

    def _or_null(self, element: Element, subject: Any, wanted: bool) -> Element:
        if wanted:
            return element
        return _joined("Or", [*(_null(name) for name in fields_of(subject)), _not(element)])

    def _compared(self, sign: str, left: Any, right: Any, wanted: bool) -> Element:
        """A comparison; one with the first of two, by whether there is a first."""
        match left:
            case ["coalesce", ["get", str(name)], rest]:
                there = self._compared(sign, ["get", name], right, wanted)
                without = self._compared(sign, rest, right, wanted)
                return _joined(
                    "Or",
                    [
                        _joined("And", [_not(_null(name)), there]),
                        _joined("And", [_null(name), without]),
                    ],
                )
        element = Element(f"{{{OGC}}}{_COMPARISONS[sign]}")
        names = [*fields_of(left), *fields_of(right)]
        for side in (left, right):
            self._operand(element, side, names)
        if wanted:
            return element
        return _joined("Or", [*(_null(name) for name in names), _not(element)])

    def _operand(self, parent: Element, side: Any, names: list[str]) -> None:
        match side:
            case ["get", str(name)]:
                SubElement(parent, f"{{{OGC}}}PropertyName").text = name
            case ["global-state", "now"]:
                assert all(field_kind(self._layer.column(name)) == "datetime" for name in names)
                # As the database writes times, so that they compare as texts too.
                SubElement(parent, f"{{{OGC}}}Literal").text = self._now.isoformat()
            case str() | int() | float():
                SubElement(parent, f"{{{OGC}}}Literal").text = str(side)
            case _:
                raise ValueError(f"no filter for the operand {side!r}")


def _joined(name: str, parts: list[Element]) -> Element:
    """And or Or of two or more, a single one as it is."""
    if len(parts) == 1:
        return parts[0]
    found = Element(f"{{{OGC}}}{name}")
    found.extend(parts)
    return found


def _not(element: Element) -> Element:
    found = Element(f"{{{OGC}}}Not")
    found.append(element)
    return found


def _null(name: str) -> Element:
    found = Element(f"{{{OGC}}}PropertyIsNull")
    SubElement(found, f"{{{OGC}}}PropertyName").text = name
    return found


def _with(element: Element, name: str, value: str) -> Element:
    SubElement(element, f"{{{OGC}}}PropertyName").text = name
    SubElement(element, f"{{{OGC}}}Literal").text = value
    return element
