"""What the platform knows of a place on the map."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request

from gisserver.context import current_reader, reader_connection
from gisserver.parameters import number, take_parameters
from layers.housing.locate import locate as locate_point

blueprint = Blueprint("locate", __name__, url_prefix="/api")


@blueprint.get("/locate")
def locate() -> Response:
    """Areas, grid, nearest address and staff of a point (`lon`, `lat` in degrees, CRS84)."""
    values = take_parameters(request, ("lon", "lat"))
    lon = number(values, "lon", minimum=-180, maximum=180)
    lat = number(values, "lat", minimum=-90, maximum=90)
    with reader_connection() as connection:
        found = locate_point(connection, current_reader(), lon, lat)
    grid = {"code": found.grid[0], "name": found.grid[1]} if found.grid else None
    return jsonify(asdict(found) | {"grid": grid})
