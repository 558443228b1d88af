"""What every route of `/ogc` needs: the layer asked for, the form wanted, a document as answer."""

import json
from typing import Any

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from gisserver.context import current_reader
from gisserver.errors import BadRequest
from gisserver.ogc.pages import html_page
from gisserver.ogc.shell import base_address, visible_layers
from gisserver.parameters import take_parameters
from layers.core.errors import NotFound
from layers.core.layer import Layer

GEOJSON = "application/geo+json"
FORMATS = ("json", "html")
DOCUMENT_PARAMETERS = ("f", "lang")


def visible_layer(name: str) -> Layer:
    """The layer of a collection.

    Raises: NotFound when there is none or the reader may not see it, in the same words.
    """
    for layer in visible_layers(current_reader()):
        if layer.name == name:
            return layer
    raise NotFound(f"no collection {name!r}; see {base_address()}/collections")


def wanted_form() -> str:
    """`json` or `html`: what `f` says, else what the client accepts.

    Raises: BadRequest for another `f`.
    """
    given = request.args.get("f")
    if given is None:
        best = request.accept_mimetypes.best_match(["application/json", GEOJSON, "text/html"])
        return "html" if best == "text/html" else "json"
    if given not in FORMATS:
        raise BadRequest(f"f={given!r}: {' or '.join(FORMATS)} expected", allowed=FORMATS)
    return given


def document_answer(page: str, content: dict[str, Any]) -> AnyResponse:
    """A document of our own as JSON, or as the page of that name."""
    take_parameters(request, DOCUMENT_PARAMETERS)
    if wanted_form() == "html":
        return html_page(page, content)
    return Response(json.dumps(content, ensure_ascii=False), mimetype="application/json")
