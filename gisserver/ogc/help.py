"""`/ogc/help`: how to connect QGIS, GDAL, Python and curl, with this server's address filled in."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from gisserver.ogc.negotiation import DOCUMENT_PARAMETERS, TAGS, negotiated, wanted_language
from gisserver.ogc.shell import base_address
from gisserver.parameters import LANGUAGES, take_parameters

HELP_FORMS = {"html": "text/html"}


def add_help(blueprint: Blueprint) -> None:
    """Its route; the pictures are static files of the blueprint."""
    blueprint.add_url_rule("/help", "help_page", help_page, strict_slashes=False)


def help_page() -> Response:
    """The page, always HTML, in the language asked for by `lang` or `Accept-Language`.

    Raises: BadRequest for another form or language.
    """
    take_parameters(request, DOCUMENT_PARAMETERS)
    form = negotiated(HELP_FORMS)
    language = wanted_language()
    words = f"ogc/help_{LANGUAGES[language]}.html"
    text = render_template(words, base=base_address(), tag=TAGS[language])
    response = Response(text, mimetype=HELP_FORMS[form])
    response.headers["Content-Language"] = TAGS[language]
    response.vary.update(("Accept-Language",))
    return response
