"""`POST /collections/{id}/search`: the question of `/items` as a JSON body, for long filters."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from gisserver.errors import BadRequest
from gisserver.ogc.collections import visible_layer
from gisserver.ogc.configuration import DEFAULT_LIMIT, MAX_LIMIT
from gisserver.ogc.features import answered, geojson_answer
from gisserver.ogc.items import collection_text, following_place, read_items_question
from gisserver.ogc.media_types import GEOJSON
from gisserver.ogc.narrowing import SEARCH_MEMBERS
from gisserver.ogc.negotiation import DOCUMENT_PARAMETERS
from gisserver.ogc.shell import base_address
from gisserver.parameters import json_body, take_parameters

_LISTS = ("bbox", "sortby", "properties")


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
