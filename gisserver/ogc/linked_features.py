"""Features behind a link of an execute request: items of a collection here, within the scope."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from gisserver.context import current_reader, reader_connection
from gisserver.errors import BadRequest
from gisserver.ogc.collections import visible_layer
from gisserver.ogc.items import RESERVED, Asked, read_items_question
from gisserver.ogc.narrowing import equality_names
from gisserver.ogc.shell import base_address
from layers.core.features import find_features
from layers.core.layer import Layer
from layers.core.output_system import CRS84

MOST_LINKED = 5_000
_LONGEST = 8_000
_OF_THE_ANSWER = ("f", "lang", "crs")
_NOT_LINKED = ("offset", "after", "sortby", "properties", "skipGeometry")


def linked_features(href: str) -> Mapping[str, Any]:
    """The FeatureCollection (CRS84) of `…/ogc/collections/{name}/items[/{id}][?…]` of this server.

    What the address narrows by holds; `limit` is at most `MOST_LINKED`, which is also what is
    taken without one. Nothing is fetched from elsewhere.

    Raises: BadRequest for another address, for a layer of persons, or when there are more; NotFound
    for a collection that the reader may not see.
    """
    if len(href) > _LONGEST:
        raise BadRequest(f"href: at most {_LONGEST} characters")
    layer, feature_id, given = _address(href)
    if layer.geometry_kind is None or layer.is_personal:
        raise BadRequest(f"href: {layer.name} has no shapes to link to")
    asked = read_items_question(layer, given, MOST_LINKED, MOST_LINKED)
    query = replace(asked.query, system=CRS84)
    if feature_id is not None:
        query = replace(query, ids=[feature_id])
    with reader_connection() as connection:
        page = find_features(connection, layer, current_reader(), query)
    if page.next_after is not None and "limit" not in given:
        raise BadRequest(f"href: more than {MOST_LINKED:,} features; narrow them, or give a limit")
    return {"type": "FeatureCollection", "features": json.loads(f"[{page.text}]")}


def _address(href: str) -> tuple[Layer, int | None, dict[str, str]]:
    collections = f"{base_address()}/collections/"
    if not href.startswith(collections):
        allowed = f"{collections}{{name}}/items"
        raise BadRequest("href: only items of this server are linked", allowed=(allowed,))
    parts = urlsplit(href)
    steps = unquote(parts.path).split("/collections/", 1)[1].split("/")
    if len(steps) not in (2, 3) or steps[1] != "items":
        raise BadRequest("href: collections/{name}/items or one of them expected")
    layer = visible_layer(steps[0])
    feature_id = Asked.feature_id(steps[2]) if len(steps) == 3 else None
    return layer, feature_id, _parameters(layer, parts.query)


def _parameters(layer: Layer, query: str) -> dict[str, str]:
    allowed = {*RESERVED, *equality_names(layer)} - set(_NOT_LINKED)
    given: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True, max_num_fields=50):
        if name not in allowed:
            raise BadRequest(f"href: {name[:40]!r} is not used here", allowed=allowed)
        if name in given:
            raise BadRequest(f"href: {name!r} is given twice")
        given[name] = value
    return {name: value for name, value in given.items() if name not in _OF_THE_ANSWER}
