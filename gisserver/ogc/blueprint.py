"""Routes of `/ogc`: documents from pygeoapi, items and pages of our own."""

from flask import Blueprint

from gisserver.ogc.documents import add_documents
from gisserver.ogc.extents import Extents
from gisserver.ogc.features import add_features
from gisserver.ogc.qgis_project import add_qgis_project
from gisserver.ogc.schemas import add_schemas
from gisserver.ogc.search import add_search
from gisserver.ogc.styles import add_styles
from gisserver.ogc.tiles import add_tiles
from gisserver.ogc.writing import add_writing


def create_blueprint() -> Blueprint:
    """The blueprint with its own caches; collections the reader may not see answer 404."""
    blueprint = Blueprint("ogc", __name__, url_prefix="/ogc", template_folder="templates")
    extents = Extents()
    add_documents(blueprint, extents)
    add_features(blueprint)
    add_search(blueprint)
    add_schemas(blueprint)
    add_tiles(blueprint, extents)
    add_styles(blueprint, extents)
    add_writing(blueprint)
    add_qgis_project(blueprint, extents)
    return blueprint
