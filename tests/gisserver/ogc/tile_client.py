"""Asks for tiles and their documents as a client would, with what the tests know of the city."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from layers.core.tile_matrix import TILE_MATRIX_SETS
from tests.gisserver.mvt import TileLayer, decode
from tests.gisserver.ogc.conftest import PASSWORD

RELATION = "http://www.opengis.net/def/rel/ogc/1.0/"
SETS = tuple(quad.id for quad in TILE_MATRIX_SETS)
MVT = "application/vnd.mapbox-vector-tile"
# Where the two communities lie, by tile matrix set: tile matrix 16, row, column.
PLACES = {"WebMercatorQuad": (16, 26397, 54067), "CGCS2000Quad": (16, 10376, 54067)}


def tile_path(matrix_set: str, collection: str = "buildings") -> str:
    level, row, column = PLACES[matrix_set]
    return f"/collections/{collection}/tiles/{matrix_set}/{level}/{row}/{column}"


def fetch(client: FlaskClient, path: str, login: str = "chief", **headers: str) -> Any:
    words = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(f"/ogc{path}", auth=(login, PASSWORD), headers=words)


def read_tile(client: FlaskClient, path: str, login: str = "chief") -> dict[str, TileLayer]:
    answer = fetch(client, path, login)
    assert answer.status_code == 200, answer.text
    assert answer.mimetype == MVT
    return decode(answer.data)


def link(document: dict[str, Any], rel: str) -> dict[str, Any]:
    (found,) = (each for each in document["links"] if each["rel"] == rel)
    return dict(found)


def check(schema: dict[str, Any], document: Any) -> None:
    Draft202012Validator(schema).validate(document)


def local(href: str) -> str:
    return href.partition("/ogc")[2]
