"""Routes of `/ogc`: documents from pygeoapi, items and pages of our own."""

from flask import Blueprint

from gisserver.ogc.documents import add_documents
from gisserver.ogc.features import add_features
from gisserver.ogc.schemas import add_schemas
from gisserver.ogc.search import add_search


def create_blueprint() -> Blueprint:
    """The blueprint with its own caches; collections the reader may not see answer 404."""
    blueprint = Blueprint("ogc", __name__, url_prefix="/ogc", template_folder="templates")
    add_documents(blueprint)
    add_features(blueprint)
    add_search(blueprint)
    add_schemas(blueprint)
    return blueprint
