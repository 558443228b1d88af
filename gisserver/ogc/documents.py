"""Documents about the service and its collections, made by pygeoapi for what the reader may see."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pygeoapi.api as documents
from flask import Blueprint, Response, redirect, request
from pygeoapi.api import APIRequest
from werkzeug.wrappers import Response as AnyResponse

from gisserver.context import current_reader, services
from gisserver.ogc.collections import visible_layer
from gisserver.ogc.conformance import CONFORMANCE
from gisserver.ogc.coverage_collections import visible_coverages
from gisserver.ogc.coverage_documents import with_coverages
from gisserver.ogc.links import with_links
from gisserver.ogc.media_types import DOCUMENT_FORMS
from gisserver.ogc.negotiation import (
    DOCUMENT_PARAMETERS,
    document_answer,
    negotiated,
    wanted_language,
)
from gisserver.ogc.openapi_coverages import LIMITS, coverage_paths
from gisserver.ogc.openapi_processes import with_processes
from gisserver.ogc.openapi_writing import with_writing
from gisserver.ogc.pages import html_page
from gisserver.ogc.shell import BUILD_URL, Shell, Shells, base_address, visible_layers
from gisserver.parameters import take_parameters
from gisserver.processes.catalogue import processes_for

_Document = Callable[..., tuple[dict[str, Any], int, str | bytes]]


def add_documents(blueprint: Blueprint) -> None:
    """Their routes, with a cache of shells of their own."""
    routes = _Documents(Shells())
    rules: dict[str, Callable[..., AnyResponse]] = {
        "/": routes.landing,
        "/conformance": routes.conformance,
        "/openapi": routes.openapi,
        "/collections": routes.collections,
        "/collections/<name>": routes.collection,
    }
    for rule, view in rules.items():
        blueprint.add_url_rule(rule, view.__name__, view, strict_slashes=False)


class _Asked(APIRequest):  # type: ignore[misc]
    """The request as pygeoapi reads it, in our form and in a language that it has.

    Left to itself it fails on a word that is no language.
    """

    def _get_format(self, headers: Mapping[str, str]) -> str:
        return "json"

    def _get_locale(
        self, headers: Mapping[str, str], supported_locales: Sequence[Any]
    ) -> tuple[str, Any]:
        locale = supported_locales[wanted_language()]
        return str(locale), locale


class _Documents:
    def __init__(self, shells: Shells) -> None:
        self._shells = shells

    def landing(self) -> AnyResponse:
        return self._document("landing", documents.landing_page)

    def conformance(self) -> AnyResponse:
        take_parameters(request, DOCUMENT_PARAMETERS)
        return document_answer("conformance", {"conformsTo": list(CONFORMANCE)})

    def openapi(self) -> AnyResponse:
        take_parameters(request, DOCUMENT_PARAMETERS)
        if negotiated(DOCUMENT_FORMS) == "html":
            return redirect(f"{base_address()}?f=html")
        shell = self._shell()
        reader = current_reader()
        document = with_writing(shell.openapi, visible_layers(reader), reader)
        document["paths"] |= coverage_paths(visible_coverages())
        document["info"] = {**document["info"], "x-OGC-limits": LIMITS}
        document = with_processes(document, processes_for(reader))
        document["servers"] = [{"url": base_address()}]
        media_type = "application/vnd.oai.openapi+json;version=3.0"
        return Response(json.dumps(document, default=str), mimetype=media_type)

    def collections(self) -> AnyResponse:
        return self._document("collections", documents.describe_collections, None)

    def collection(self, name: str) -> AnyResponse:
        visible_layer(name)
        return self._document("collection", documents.describe_collections, name)

    def _shell(self) -> Shell:
        reader = current_reader()
        extents = services().extents.extents(reader, visible_layers(reader))
        return self._shells.shell(reader, extents)

    def _document(self, page: str, make: _Document, *words: Any) -> AnyResponse:
        take_parameters(request, DOCUMENT_PARAMETERS)
        wanted = negotiated(DOCUMENT_FORMS)
        shell = self._shell()
        headers, status, content = make(shell, _Asked(request, shell.locales), *words)
        text = content if isinstance(content, str) else content.decode()
        # One link comes from the configuration, which knows no request.
        text = text.replace(BUILD_URL, base_address())
        if status == 200:
            text = with_links(page, text)
        if page == "collections":
            text = with_coverages(text)
        if wanted == "html" and status == 200:
            return html_page(page, json.loads(text))
        response = Response(text, status)
        response.headers.update(headers)
        return response
