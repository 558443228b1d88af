"""Reference systems that requests name (OGC API Features Part 2 and Part 4)."""

import re
from collections.abc import Iterable

from gisserver.context import current_reader, services
from gisserver.errors import BadRequest
from layers.core.layer import Layer
from layers.core.output_system import CRS84, SYSTEMS, OutputSystem, systems_within

_CURIE = re.compile(r"\[(\w+):(\w+)\]")


def system_named(layer: Layer, parameter: str, given: str | None) -> OutputSystem:
    """The system that a parameter names by URI or safe CURIE; CRS84 when it is not given.

    Raises: BadRequest for one in which the layer is not told, with those in which it is.
    """
    if given is None or _spelled_out(given) == CRS84.uri:
        return CRS84
    extents = services().extents.extents(current_reader(), (layer,))
    return system_among(parameter, given, systems_within(layer, extents.get(layer.name)))


def system_written(parameter: str, given: str | None) -> OutputSystem:
    """The same of what is sent to be stored, which may lie where nothing lies yet.

    Raises: BadRequest for a system that no layer is told in.
    """
    return CRS84 if given is None else system_among(parameter, given.strip(), SYSTEMS)


def system_among(parameter: str, given: str, offered: Iterable[OutputSystem]) -> OutputSystem:
    """The one of some systems that a parameter names; raises BadRequest, naming them."""
    named = {system.uri: system for system in offered}
    system = named.get(_spelled_out(given))
    if system is None:
        raise BadRequest(f"{parameter}={given[:100]!r}: not offered here", allowed=named)
    return system


def _spelled_out(given: str) -> str:
    curie = _CURIE.fullmatch(given)
    if curie is None:
        return re.sub(r"^https:", "http:", given.strip("<>"))
    authority, code = curie[1].upper(), curie[2].upper()
    version = "1.3" if authority == "OGC" else "0"
    return f"http://www.opengis.net/def/crs/{authority}/{version}/{code}"
