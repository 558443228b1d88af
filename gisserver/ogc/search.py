"""The question of `/items` in a body, for long filters.

`POST /collections/{id}/search` takes all of it as JSON, `POST /collections/{id}/items` a filter as
CQL2 JSON beside the parameters of the address, as OWSLib sends it.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from gisserver.errors import BadRequest
from gisserver.ogc.collections import visible_layer
from gisserver.ogc.configuration import DEFAULT_LIMIT, MAX_LIMIT
from gisserver.ogc.features import answered, geojson_answer
from gisserver.ogc.items import (
    RESERVED,
    collection_text,
    following_place,
    read_items_question,
)
from gisserver.ogc.media_types import GEOJSON
from gisserver.ogc.narrowing import SEARCH_MEMBERS, equality_names
from gisserver.ogc.negotiation import DOCUMENT_PARAMETERS
from gisserver.ogc.shell import base_address
from gisserver.parameters import json_body, take_parameters
from layers.core.layer import Layer

_LISTS = ("bbox", "sortby", "properties")
_FILTER_MEMBERS = {"op", "args"}


def add_search(blueprint: Blueprint) -> None:
    """The route of search; collections the reader may not see answer 404."""
    rule = "/collections/<name>/search"
    blueprint.add_url_rule(rule, "search", search, methods=["POST"], strict_slashes=False)


def search(name: str) -> AnyResponse:
    """A page of features; the `next` link says which body continues it."""
    layer = visible_layer(name)
    take_parameters(request, DOCUMENT_PARAMETERS)
    body = json_body(request, SEARCH_MEMBERS)
    asked = read_items_question(layer, parameters_of(body), DEFAULT_LIMIT, MAX_LIMIT)
    page, matched = answered(layer, asked)
    address = f"{base_address()}/collections/{layer.name}"
    links: list[Mapping[str, Any]] = [
        {"rel": "collection", "type": "application/json", "href": address}
    ]
    if page.next_after is not None:
        following = {**body, "after": following_place(page)}
        link = {"rel": "next", "type": GEOJSON, "href": f"{address}/search"}
        links.append({**link, "method": "POST", "body": following})
    text = collection_text(page, matched, [json.dumps(link, ensure_ascii=False) for link in links])
    return geojson_answer(text, asked.query.system)


def sent_filter() -> dict[str, Any] | None:
    """The CQL2 JSON that the request's body is, whatever its label; None for anything else.

    OWSLib labels it as the feature that it wrote before.
    """
    try:
        body = request.get_json(force=True, silent=True)
    except RecursionError:
        return None
    return body if isinstance(body, dict) and set(body) == _FILTER_MEMBERS else None


def filtered_items(layer: Layer, condition: Mapping[str, Any]) -> Response:
    """A page of the features that meet the condition; the `next` link posts it again.

    Raises: BadRequest for a parameter of the address that is unknown or wrong, and for a filter in
    the address too.
    """
    given = take_parameters(request, (*RESERVED, *equality_names(layer)))
    if "filter" in given or given.get("filter-lang", "cql2-json") != "cql2-json":
        raise BadRequest("filter: the body is one, in cql2-json; the address has none beside it")
    whole = {**given, "filter": _json(condition), "filter-lang": "cql2-json"}
    asked = read_items_question(layer, whole, DEFAULT_LIMIT, MAX_LIMIT)
    page, matched = answered(layer, asked)
    address = f"{base_address()}/collections/{layer.name}"
    links: list[Mapping[str, Any]] = [
        {"rel": "collection", "type": "application/json", "href": address}
    ]
    if page.next_after is not None:
        kept = {name: value for name, value in given.items() if name not in ("f", "offset")}
        href = f"{address}/items?{urlencode({**kept, 'after': following_place(page)})}"
        link = {"rel": "next", "type": GEOJSON, "href": href}
        links.append({**link, "method": "POST", "body": condition})
    text = collection_text(page, matched, [json.dumps(link, ensure_ascii=False) for link in links])
    return geojson_answer(text, asked.query.system)


def parameters_of(body: Mapping[str, Any]) -> dict[str, str]:
    """The parameters of `/items` that ask the same.

    Raises: BadRequest for a member of another type than expected.
    """
    given = {name: _as_text(name, value) for name, value in body.items()}
    if "filter" in body:
        is_text = isinstance(body["filter"], str)
        given.setdefault("filter-lang", "cql2-text" if is_text else "cql2-json")
        if is_text != (given["filter-lang"] == "cql2-text"):
            raise BadRequest("filter: a text for cql2-text, JSON for cql2-json expected")
    return given


def _as_text(name: str, value: Any) -> str:
    if name == "filter":
        return value if isinstance(value, str) else _json(value)
    if name in _LISTS and isinstance(value, list):
        if not all(_is_plain(each) for each in value):
            raise BadRequest(f"{name}: a list of texts or numbers expected")
        return ",".join(str(each) for each in value)
    if name == "skipGeometry" and isinstance(value, bool):
        return str(value).lower()
    if not _is_plain(value):
        raise BadRequest(f"{name}: a text or a number expected")
    return str(value)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        raise BadRequest("filter: nested too deep") from None
