"""Code tables: names in both languages of every code a feature may carry."""

from __future__ import annotations

from flask import Blueprint, Response, request

from gisserver.context import current_reader, services
from gisserver.parameters import take_parameters

blueprint = Blueprint("codes", __name__, url_prefix="/api")


@blueprint.get("/codes")
def codes() -> Response:
    """Every code table by name; unchanged tables answer 304 to their ETag."""
    take_parameters(request)
    current_reader()
    tables = services().codes.tables()
    response = Response(tables.document, mimetype="application/json")
    response.set_etag(tables.etag)
    response.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    response.make_conditional(request)
    return response
