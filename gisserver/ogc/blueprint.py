"""Routes of `/ogc`: documents from pygeoapi, items and pages of our own."""

import json
from collections.abc import Callable
from typing import Any

import pygeoapi.api as documents
from flask import Blueprint, Response, redirect, request
from pygeoapi.api import APIRequest, itemtypes
from werkzeug.wrappers import Response as AnyResponse

from gisserver.context import current_reader, reader_connection
from gisserver.errors import BadRequest
from gisserver.ogc.configuration import CRS84, DEFAULT_LIMIT, MAX_LIMIT
from gisserver.ogc.extents import Extents
from gisserver.ogc.items import (
    GEOJSON,
    Asked,
    check_reference_system,
    collection_text,
    parse_items_request,
)
from gisserver.ogc.pages import html_page
from gisserver.ogc.shell import BUILD_URL, CONFORMANCE, Shell, Shells, base_address, visible_layers
from gisserver.parameters import take_parameters
from layers.core.errors import NotFound
from layers.core.features import count_features, find_feature, find_features
from layers.core.layer import Layer
from layers.core.looks import record_feature, record_list

FORMATS = ("json", "html")
DOCUMENT_PARAMETERS = ("f", "lang")
_Document = Callable[..., tuple[dict[str, Any], int, str | bytes]]


def create_blueprint() -> Blueprint:
    """The blueprint with its own caches; collections the reader may not see answer 404."""
    blueprint = Blueprint("ogc", __name__, url_prefix="/ogc", template_folder="templates")
    routes = _Routes(Shells(), Extents())
    rules: dict[str, Callable[..., AnyResponse]] = {
        "/": routes.landing,
        "/conformance": routes.conformance,
        "/openapi": routes.openapi,
        "/collections": routes.collections,
        "/collections/<name>": routes.collection,
        "/collections/<name>/schema": routes.schema,
        "/collections/<name>/queryables": routes.queryables,
        "/collections/<name>/items": routes.items,
        "/collections/<name>/items/<identifier>": routes.item,
    }
    for rule, view in rules.items():
        blueprint.add_url_rule(rule, view.__name__, view, strict_slashes=False)
    return blueprint


class _Routes:
    def __init__(self, shells: Shells, extents: Extents) -> None:
        self._shells = shells
        self._extents = extents

    def landing(self) -> AnyResponse:
        return self._document("landing", documents.landing_page)

    def conformance(self) -> AnyResponse:
        return _answer("conformance", {"conformsTo": list(CONFORMANCE)})

    def openapi(self) -> AnyResponse:
        take_parameters(request, DOCUMENT_PARAMETERS)
        if _wanted() == "html":
            return redirect(f"{base_address()}?f=html")
        shell = self._shell()
        document = {**shell.openapi, "servers": [{"url": base_address()}]}
        media_type = "application/vnd.oai.openapi+json;version=3.0"
        return Response(json.dumps(document, default=str), mimetype=media_type)

    def collections(self) -> AnyResponse:
        return self._document("collections", documents.describe_collections, None)

    def collection(self, name: str) -> AnyResponse:
        _visible(name)
        return self._document("collection", documents.describe_collections, name)

    def schema(self, name: str) -> AnyResponse:
        _visible(name)
        return self._document("schema", documents.get_collection_schema, name)

    def queryables(self, name: str) -> AnyResponse:
        _visible(name)
        return self._document("queryables", itemtypes.get_collection_queryables, name)

    def items(self, name: str) -> AnyResponse:
        layer = _visible(name)
        wanted = _wanted()
        asked = parse_items_request(layer, request, DEFAULT_LIMIT, MAX_LIMIT)
        reader = current_reader()
        with reader_connection() as connection:
            page = find_features(connection, layer, reader, asked.query)
            matched = count_features(connection, layer, reader, asked.query)
            record_list(connection, reader, layer, asked.parameters, len(page.features))
        text = collection_text(layer, asked, page, matched, base_address())
        if wanted == "html":
            return html_page("items", json.loads(text), layer)
        return _geojson(text)

    def item(self, name: str, identifier: str) -> AnyResponse:
        layer = _visible(name)
        given = take_parameters(request, (*DOCUMENT_PARAMETERS, "crs"))
        check_reference_system("crs", given.get("crs"))
        feature_id, reader = Asked.feature_id(identifier), current_reader()
        with reader_connection() as connection:
            found = find_feature(connection, layer, reader, feature_id)
            record_feature(connection, reader, layer, feature_id, found.area_code)
        if _wanted() == "html":
            return html_page("item", json.loads(found.feature), layer)
        return _geojson(found.feature)

    def _shell(self) -> Shell:
        reader = current_reader()
        return self._shells.shell(reader, self._extents.extents(reader, visible_layers(reader)))

    def _document(self, page: str, make: _Document, *words: Any) -> AnyResponse:
        take_parameters(request, DOCUMENT_PARAMETERS)
        wanted = _wanted()
        shell = self._shell()
        asked = APIRequest.from_flask(request, shell.locales)
        asked._format = "json"
        headers, status, content = make(shell, asked, *words)
        text = content if isinstance(content, str) else content.decode()
        # One link comes from the configuration, which knows no request.
        text = text.replace(BUILD_URL, base_address())
        if wanted == "html" and status == 200:
            return html_page(page, json.loads(text))
        response = Response(text, status)
        response.headers.update(headers)
        return response


def _geojson(text: str) -> Response:
    return Response(text, mimetype=GEOJSON, headers={"Content-Crs": f"<{CRS84}>"})


def _visible(name: str) -> Layer:
    for layer in visible_layers(current_reader()):
        if layer.name == name:
            return layer
    raise NotFound(f"no collection {name!r}; see {base_address()}/collections")


def _wanted() -> str:
    given = request.args.get("f")
    if given is None:
        best = request.accept_mimetypes.best_match(["application/json", GEOJSON, "text/html"])
        return "html" if best == "text/html" else "json"
    if given not in FORMATS:
        raise BadRequest(f"f={given!r}: {' or '.join(FORMATS)} expected", allowed=FORMATS)
    return given


def _answer(page: str, content: dict[str, Any]) -> AnyResponse:
    take_parameters(request, DOCUMENT_PARAMETERS)
    if _wanted() == "html":
        return html_page(page, content)
    return Response(json.dumps(content, ensure_ascii=False), mimetype="application/json")
