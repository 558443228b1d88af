"""Reference systems that `crs`, `bbox-crs` and `filter-crs` name (OGC API Features Part 2)."""

import re

from flask import current_app

from gisserver.context import current_reader
from gisserver.errors import BadRequest
from gisserver.ogc.extents import Extents
from layers.core.layer import Layer
from layers.core.output_system import CRS84, OutputSystem, systems_within

_CURIE = re.compile(r"\[(\w+):(\w+)\]")
_EXTENTS = "ogc_extents"


def offered_systems(layer: Layer) -> list[OutputSystem]:
    """The systems in which a layer is told: its zones are those of what the reader may see."""
    extents = current_app.extensions.setdefault(_EXTENTS, Extents())
    return systems_within(layer, extents.extents(current_reader(), (layer,)).get(layer.name))


def system_named(layer: Layer, parameter: str, given: str | None) -> OutputSystem:
    """The system that a parameter names by URI or safe CURIE; CRS84 when it is not given.

    Raises: BadRequest for one in which the layer is not told, with those in which it is.
    """
    if given is None:
        return CRS84
    uri = _spelled_out(given)
    if uri == CRS84.uri:
        return CRS84
    offered = offered_systems(layer)
    for system in offered:
        if system.uri == uri:
            return system
    allowed = [system.uri for system in offered]
    raise BadRequest(f"{parameter}={given[:100]!r}: not offered for {layer.name}", allowed=allowed)


def _spelled_out(given: str) -> str:
    curie = _CURIE.fullmatch(given)
    if curie is None:
        return re.sub(r"^https:", "http:", given.strip("<>"))
    authority, code = curie[1].upper(), curie[2].upper()
    version = "1.3" if authority == "OGC" else "0"
    return f"http://www.opengis.net/def/crs/{authority}/{version}/{code}"
