"""Who lives in a drawn polygon of one to four square kilometres, beside the best bare SQL of it."""

from __future__ import annotations

import json
import math
import random
from typing import Any

from sqlalchemy import Engine, text

from gisserver.bench.bare import Statements
from gisserver.bench.server import BenchError
from layers.people.figures import AGE_BANDS

TITLE = "people in a polygon"
PATH = "/api/questions/people"
POLYGONS = 60
CORNERS = 12
SEED = 20260801
_METRES_OF_A_DEGREE = 111_000

_OLDER = ", ".join(
    f"sum(width_bucket(((SELECT core.today()) - interval '{age} years')::date, f.{born}))"
    for born in ("men_born", "women_born", "others_born")
    for age in AGE_BANDS[1:]
)
_BARE = f"""
SELECT count(*), sum(f.residents), sum(f.households), sum(f.men), sum(f.women), sum(f.registered),
  sum(f.floating), sum(f.overseas), sum(f.unregistered), {_OLDER}
FROM housing.building AS b JOIN people.resident_figure AS f ON f.building_id = b.id
WHERE b.geom && ST_GeomFromGeoJSON(%(polygon)s)
  AND ST_Intersects(b.geom, ST_GeomFromGeoJSON(%(polygon)s))
"""
_PLACES = text(
    "SELECT ST_X(spot), ST_Y(spot) FROM people.resident_figure "
    "ORDER BY md5(building_id::text) LIMIT :n"
)


def polygons(engine: Engine) -> list[dict[str, Any]]:
    """Polygons around places where people live, the same in every run."""
    chance = random.Random(SEED)
    with engine.begin() as connection:
        places = connection.execute(_PLACES, {"n": POLYGONS}).all()
    if not places:
        raise BenchError("nobody lives here; run ./wangge synth first")
    return [_polygon(chance, *place) for place in places]


def question(polygon: dict[str, Any]) -> dict[str, Any]:
    """The question as the viewer asks it."""
    subject = {"geometry": polygon}
    return {"question": {"layer": "buildings", "relation": "within", "subject": subject}}


def bare(polygon: dict[str, Any]) -> Statements:
    """The summary by building joined from the polygon: the fastest of the shapes in use."""
    return [(_BARE, {"polygon": json.dumps(polygon)})]


def _polygon(chance: random.Random, lon: float, lat: float) -> dict[str, Any]:
    radius = math.sqrt(chance.uniform(1, 4) * 1e6 / math.pi) / _METRES_OF_A_DEGREE
    turns = [2 * math.pi * corner / CORNERS for corner in range(CORNERS)]
    stretch = 1 / math.cos(math.radians(lat))
    ring = [
        [lon + radius * stretch * math.cos(turn), lat + radius * math.sin(turn)] for turn in turns
    ]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
