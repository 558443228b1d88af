"""`/ogc/qgis-project`: a project for QGIS, made for what the reader may see."""

from __future__ import annotations

from flask import Blueprint, Response, request

from gisserver.context import current_reader, services
from gisserver.ogc.extents import joint_extent
from gisserver.ogc.negotiation import TAGS, wanted_language
from gisserver.ogc.qgis_document import ProjectInput, qgis_project
from gisserver.ogc.shell import base_address, visible_layers
from gisserver.ogc.style_documents import MAP_TITLE, PROJECT_FORMS
from gisserver.parameters import take_parameters
from layers.core.errors import NotFound
from layers.core.styling.mapbox import is_styled


def add_qgis_project(blueprint: Blueprint) -> None:
    """Its route."""
    blueprint.add_url_rule("/qgis-project", "qgis_project", project)


def project() -> Response:
    """The project as a file; it holds addresses of this server and no account."""
    take_parameters(request, ("lang",))
    reader, language = current_reader(), wanted_language()
    layers = tuple(layer for layer in visible_layers(reader) if is_styled(layer))
    if not layers:
        raise NotFound("none of the layers you may read is drawn on a map")
    names = services().codes.tables().names
    asked = ProjectInput(
        layers,
        base_address(),
        MAP_TITLE[language],
        joint_extent(services().extents.extents(reader, layers).values()),
        lambda table, code: names.get((table, code)),
        language,
    )
    response = Response(qgis_project(asked), mimetype=PROJECT_FORMS["qgs"])
    response.headers["Content-Disposition"] = 'attachment; filename="wangge.qgs"'
    response.headers["Content-Language"] = TAGS[language]
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Accept-Language", "Cookie", "Authorization"))
    return response
