"""What narrows, sorts and cuts an answer: filter, sortby, properties. The same in GET and POST."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from gisserver import parameters
from gisserver.errors import BadRequest
from gisserver.ogc.reference_systems import system_named
from layers.core.filtering.faults import MAX_CHARACTERS
from layers.core.filtering.fields import (
    GEOMETRY,
    IDENTIFIER,
    filter_condition,
    queryable_names,
    sortable_names,
)
from layers.core.filtering.tree import LANGUAGES, read_filter
from layers.core.layer import Layer
from layers.core.sorting import MAX_KEYS, SortKey, read_place

FILTER = ("filter", "filter-lang", "filter-crs")
PROJECTION = ("properties", "skipGeometry")
NARROWING = (*FILTER, "sortby", *PROJECTION)
SEARCH_MEMBERS = (
    "filter",
    "filter-lang",
    "filter-crs",
    "limit",
    "after",
    "bbox",
    "bbox-crs",
    "crs",
    "datetime",
    "sortby",
    "properties",
    "skipGeometry",
)


@dataclass(frozen=True)
class Projection:
    """Which properties an answer holds, None all, and whether it holds the geometry."""

    properties: tuple[str, ...] | None = None
    with_geometry: bool = True


def narrowed(layer: Layer, given: Mapping[str, str]) -> Mapping[str, Any]:
    """Members of a `Query` that the parameters ask for.

    Raises: BadRequest or Invalid for what cannot be understood.
    """
    cut = projection(layer, given)
    members: dict[str, Any] = {
        "where": _condition(layer, given),
        "properties": cut.properties,
        "with_geometry": cut.with_geometry,
    }
    if "sortby" in given:
        keys = _sort_keys(layer, given["sortby"].split(","))
        members["sort"] = keys
        if "after" in given:
            members["place"] = read_place(layer, keys, given["after"])
    return members


def projection(layer: Layer, given: Mapping[str, str]) -> Projection:
    """The cut that `properties` and `skipGeometry` ask for; the geometry is a property too.

    Raises: BadRequest for a property that the layer has not, naming those it has.
    """
    skips = parameters.chosen(given, "skipGeometry", ("true", "false")) == "true"
    if "properties" not in given:
        return Projection(None, not skips)
    known = returnable_names(layer)
    asked = [name.strip() for name in given["properties"].split(",")]
    for name in asked:
        if name not in known and name:
            raise BadRequest(f"properties: {layer.name} has no {name[:80]!r}", allowed=known)
    wanted = tuple(name for name in asked if name and name not in (IDENTIFIER, GEOMETRY))
    return Projection(wanted, GEOMETRY in asked and not skips)


@cache
def returnable_names(layer: Layer) -> tuple[str, ...]:
    """Names of all that a feature of the layer shows."""
    geometry = (GEOMETRY,) if layer.geometry_kind is not None else ()
    return (IDENTIFIER, *layer.fields, "row_version", *geometry)


@cache
def equality_names(layer: Layer) -> tuple[str, ...]:
    """Names of the properties that are query parameters themselves."""
    return tuple(name for name in queryable_names(layer) if name not in NARROWING)


def _condition(layer: Layer, given: Mapping[str, str]) -> Any:
    language = parameters.choice(given.get("filter-lang", LANGUAGES[0]), "filter-lang", LANGUAGES)
    system = system_named(layer, "filter-crs", given.get("filter-crs"))
    if "filter" not in given:
        return None
    if len(given["filter"]) > MAX_CHARACTERS:
        raise BadRequest(f"filter: at most {MAX_CHARACTERS} characters")
    return filter_condition(layer, read_filter(given["filter"], language), system.epsg)


def _sort_keys(layer: Layer, words: Sequence[str]) -> tuple[SortKey, ...]:
    if len(words) > MAX_KEYS:
        raise BadRequest(f"sortby: at most {MAX_KEYS} properties")
    known = sortable_names(layer)
    keys: list[SortKey] = []
    for word in words:
        if word.startswith(" "):
            raise BadRequest("sortby: a key begins with a space; write + as %2B or leave it out")
        name = word[1:] if word[:1] in ("+", "-") else word
        if name not in known:
            raise BadRequest(f"sortby: {name[:80]!r} is no sortable", allowed=known)
        if name in {key.name for key in keys}:
            raise BadRequest(f"sortby: {name!r} stands twice")
        keys.append(SortKey(name, descending=word.startswith("-")))
    return tuple(keys)
