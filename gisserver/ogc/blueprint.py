"""Routes of `/ogc`: documents from pygeoapi, items and pages of our own."""

from flask import Blueprint

from gisserver.ogc.coverages import add_coverages
from gisserver.ogc.documents import add_documents
from gisserver.ogc.features import add_features
from gisserver.ogc.help import add_help
from gisserver.ogc.jobs import add_jobs
from gisserver.ogc.maps import add_maps
from gisserver.ogc.pages import moment, told
from gisserver.ogc.processes import add_processes
from gisserver.ogc.qgis_project import add_qgis_project
from gisserver.ogc.schemas import add_schemas
from gisserver.ogc.search import add_search
from gisserver.ogc.styles import add_styles
from gisserver.ogc.tiles import add_tiles
from gisserver.ogc.writing import add_writing


def create_blueprint() -> Blueprint:
    """Every route; collections the reader may not see answer 404."""
    blueprint = Blueprint(
        "ogc", __name__, url_prefix="/ogc", template_folder="templates", static_folder="static"
    )
    blueprint.add_app_template_filter(told)
    blueprint.add_app_template_filter(moment)
    add_documents(blueprint)
    add_features(blueprint)
    add_help(blueprint)
    add_search(blueprint)
    add_schemas(blueprint)
    add_tiles(blueprint)
    add_styles(blueprint)
    add_coverages(blueprint)
    add_maps(blueprint)
    add_writing(blueprint)
    add_qgis_project(blueprint)
    add_processes(blueprint)
    add_jobs(blueprint)
    return blueprint
