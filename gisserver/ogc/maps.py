"""OGC API Maps: terrain and heat as pictures, in the colours of the viewer.

A map tells no more than `/api/heat` does, so it is seen by whoever reads the layer.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from gisserver.context import current_reader, reader_connection
from gisserver.coverages.asked import SPATIAL, Values
from gisserver.coverages.colours import read_colour
from gisserver.coverages.drawing import Background, drawn
from gisserver.coverages.elevation import ElevationSource
from gisserver.coverages.heat import HeatSource
from gisserver.coverages.png import picture_png
from gisserver.coverages.rasters import Raster
from gisserver.coverages.views import View, place_of, read_size, view_grid
from gisserver.errors import BadRequest
from gisserver.ogc.coverage_collections import Coverage, systems_of, visible_coverage
from gisserver.ogc.coverage_documents import MAP_FORMS
from gisserver.ogc.coverages import (
    PLACES,
    Asked,
    beyond_time,
    collection_name,
    read_asked,
    where_and_when,
)
from gisserver.ogc.negotiation import negotiated
from gisserver.ogc.reference_systems import system_among
from gisserver.parameters import choice, number, take_parameters
from layers.core.output_system import CRS84

SIZE = ("width", "height", "scale-denominator", "center", "center-crs")
BACKGROUND = ("bgcolor", "transparent", "void-color", "void-transparent")
SMALLEST_SCALE, LARGEST_SCALE = 1.0, 1e9


def add_maps(blueprint: Blueprint) -> None:
    """The route of maps of collections."""
    for place in PLACES:
        rule = f"/collections/{place}/map"
        blueprint.add_url_rule(rule, f"map_{place[:4]}", collection_map, strict_slashes=False)


def map_parameters(found: Coverage) -> tuple[str, ...]:
    """Every parameter of a map: a picture holds one time, so there is no step."""
    filters = tuple(name for name in found.filters if name not in {"step", *BACKGROUND})
    return ("f", *SPATIAL, *SIZE, *BACKGROUND, *filters)


def collection_map(layer: str | None = None) -> AnyResponse:
    """The map asked for; 204 where it would show nothing that there could be."""
    found = visible_coverage(collection_name(layer))
    negotiated(MAP_FORMS)
    given = take_parameters(request, map_parameters(found), joined=("subset",))
    ground = {name: value for name, value in given.items() if name not in SIZE}
    asked = read_asked(found, ground)
    view, behind = _view(found, given, asked), _background(given)
    if beyond_time(found, asked.time):
        return Response(status=204)
    reader = current_reader()
    opening = found.opening(reader, given, asked.time)
    with reader_connection() as connection:
        source = opening(connection)
        grid = None if source.grid is None else view_grid(source.grid, view)
        if grid is None:
            return Response(status=204)
        if not isinstance(source, ElevationSource | HeatSource):
            raise TypeError(f"{source.name} is not drawn")
        picture = drawn(source, grid, behind)
        headers = where_and_when(source, Raster(grid, picture[:1].astype("float32")))
    answer = Response(picture_png(picture), content_type=MAP_FORMS["png"])
    answer.headers.extend(headers)
    answer.vary.add("Accept")
    answer.add_etag()
    return answer.make_conditional(request)


def _view(found: Coverage, given: Values, asked: Asked) -> View:
    wanted = asked.wanted
    offered = systems_of(found)
    centre_system = CRS84
    if "center-crs" in given:
        centre_system = system_among("center-crs", given["center-crs"], offered)
    scale = None
    if "scale-denominator" in given:
        scale = number(given, "scale-denominator", minimum=SMALLEST_SCALE, maximum=LARGEST_SCALE)
    width, height = (read_size(given, name) for name in ("width", "height"))
    if not wanted.ground.is_all and "center" in given:
        raise BadRequest("center: the ground is asked for already; one of them is enough")
    if not wanted.ground.is_all and scale is not None and (width or height):
        raise BadRequest("scale-denominator: bbox, width and height say the scale already")
    centre = place_of(given, centre_system, wanted.system) if "center" in given else None
    return View(wanted.ground, wanted.system, width, height, scale, centre)


def _background(given: Values) -> Background:
    colour = read_colour("bgcolor", given.get("bgcolor", "white"))
    is_transparent = _truth(given, "transparent", usual="bgcolor" not in given)
    void_colour = (
        read_colour("void-color", given["void-color"]) if "void-color" in given else colour
    )
    void_is_transparent = _truth(given, "void-transparent", usual=is_transparent)
    return Background(colour, is_transparent, void_colour, void_is_transparent)


def _truth(given: Values, name: str, *, usual: bool) -> bool:
    if name not in given:
        return usual
    return choice(given[name].lower(), name, ("true", "false")) == "true"
