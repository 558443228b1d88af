"""Heat of places and hot zones of incidents; every count opens the rows behind it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from gisserver.context import current_reader, one_trip, reader_connection, require
from gisserver.errors import BadRequest
from gisserver.heat.answers import surface_json, zones_json
from gisserver.heat.exporting import exporting, record_export
from gisserver.heat.reading import Values, surface_question, zone_question, zones_to_keep
from gisserver.parameters import LARGEST_ID, integer, number, required, take_parameters
from layers.analysis.heat.keeping import keep_zones, kept_incidents
from layers.analysis.heat.rows import places_around
from layers.analysis.heat.surface import find_heat
from layers.analysis.heat.zones import find_zones
from layers.core.errors import NotFound
from layers.core.features import Query, find_features
from layers.core.layer import Layer
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.incidents.incident import INCIDENTS

blueprint = Blueprint("heat", __name__, url_prefix="/api")

GEOJSON = "application/geo+json"
TIFF = "image/tiff; application=geotiff"
MOST_ROWS = 1000
PAGING = ("limit", "after")


@blueprint.get("/heat")
def heat() -> Response:
    """The surface of a layer's places, one for each frame, with legend and totals."""
    question, _ = surface_question(request)
    found = find_heat(one_trip(), current_reader(), question)
    return Response(surface_json(found), mimetype="application/json")


@blueprint.get("/heat.tif")
def heat_raster() -> Response:
    """The same surface as a GeoTIFF, a band for each frame; written to the audit log."""
    question, values = surface_question(request, ("crs",))
    reader = require(Right.DATA_EXPORT)
    layer = question.places.layer
    with reader_connection() as connection:
        found = find_heat(connection, exporting(reader), question)
        from gisserver.heat.raster import surface_tiff  # large, and needed by few requests

        raster = surface_tiff(found, values.get("crs", ""))
        record_export(connection, reader, layer, values)
    headers = {"Content-Disposition": f'attachment; filename="heat-{layer.name}.tif"'}
    return Response(raster, content_type=TIFF, headers=headers)


@blueprint.get("/heat/rows")
def heat_rows() -> Response:
    """The places within the radius of a point: those that make the value there."""
    question, values = surface_question(request, ("lon", "lat", *PAGING))
    lon = number(values, "lon", minimum=-180, maximum=180)
    lat = number(values, "lat", minimum=-85, maximum=85)
    with reader_connection() as connection:
        reader, places = current_reader(), question.places
        ids = places_around(connection, reader, places, lon, lat, question.radius)
        return _rows(connection, reader, places.layer, ids, values)


@blueprint.get("/heat/zones")
def hot_zones() -> Response:
    """Hot zones of incidents, those with most incidents first."""
    question, _ = zone_question(request)
    with reader_connection() as connection:
        found = find_zones(connection, current_reader(), question)
    return Response(zones_json(found), mimetype=GEOJSON)


@blueprint.get("/heat/zones/rows")
def hot_zone_rows() -> Response:
    """The incidents of one of the zones that the same parameters find."""
    question, values = zone_question(request, ("zone", "before", *PAGING))
    required(values, "zone")
    which = integer(values, "zone", 0, minimum=1, maximum=10_000)
    before = _before(values)
    with reader_connection() as connection:
        zones = find_zones(connection, current_reader(), question)
        if which > len(zones):
            raise NotFound(f"there are {len(zones)} zones, not {which}")
        zone = zones[which - 1]
        ids = zone.before if before else zone.incidents
        return _rows(connection, current_reader(), INCIDENTS, ids, values)


@blueprint.post("/heat/zones")
def keep_hot_zones() -> tuple[Response, int]:
    """Find hot zones and keep each as a feature of the layer `hot_zones`."""
    question, name = zones_to_keep(request)
    with reader_connection() as connection:
        ids = keep_zones(connection, require(Right.ANALYSIS_SAVE), question, name)
    return jsonify({"ids": ids}), 201


@blueprint.get("/heat/zones/<int:zone_id>/rows")
def kept_zone_rows(zone_id: int) -> Response:
    """The incidents that were counted in a kept zone, in its time or in the time before."""
    values = take_parameters(request, ("before", *PAGING))
    before = _before(values)
    with reader_connection() as connection:
        reader = current_reader()
        ids = kept_incidents(connection, reader, zone_id, before=before)
        return _rows(connection, reader, INCIDENTS, ids, values)


def _before(values: Values) -> bool:
    if values.get("before", "false") not in ("true", "false"):
        raise BadRequest("before: true or false expected")
    return values.get("before") == "true"


def _rows(
    connection: Connection, reader: Reader, layer: Layer, ids: Sequence[int], values: Values
) -> Response:
    query = Query(
        ids=ids,
        limit=integer(values, "limit", 100, minimum=1, maximum=MOST_ROWS),
        after=integer(values, "after", 0, minimum=0, maximum=LARGEST_ID) or None,
    )
    page = find_features(connection, layer, reader, query)
    following = json.dumps(None if page.next_after is None else str(page.next_after))
    body = (
        f'{{"type":"FeatureCollection","numberMatched":{len(ids)},'
        f'"numberReturned":{page.count},"next":{following},'
        f'"features":[{page.text}]}}'
    )
    return Response(body, mimetype=GEOJSON)
