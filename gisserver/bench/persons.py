"""People by their number, phone or place, beside the bare SQL of the same questions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, text

from gisserver.bench import people
from gisserver.bench.bare import Statements
from gisserver.bench.figures import Comparison, Goal
from gisserver.bench.questions import Bench
from gisserver.bench.server import BenchError
from layers.core.sealing import Sealer
from layers.people.person import PERSONS

BY_NUMBER = "person by ID or phone"
FIRST_PAGE = "first page of people in a polygon"
FIELDS = ("id_number", "phone")
# Each is asked twice, and a commander may look for sixty persons in an hour.
PERSONS_OF_A_FIELD = 15
PAGE = 100

_SOME = """
SELECT p.{field}_cipher FROM people.person AS p
WHERE p.{field}_cipher IS NOT NULL AND p.area_code LIKE :area AND p.merged_into IS NULL
  AND EXISTS (SELECT FROM people.residence WHERE person_id = p.id AND valid_to IS NULL)
ORDER BY md5(p.id::text) LIMIT :n
"""
_BY_NUMBER = """
SELECT p.id, p.name, p.id_number, p.phone, p.sex, p.birth_date, p.register, r.building_id,
  r.dwelling_id, d.address, d.unit, d.floor, d.room_number, r.kind, r.valid_from,
  ST_X(spot.point), ST_Y(spot.point)
FROM people.person AS p
LEFT JOIN people.residence AS r ON r.person_id = p.id AND r.valid_to IS NULL
LEFT JOIN housing.dwelling AS d ON d.id = r.dwelling_id
LEFT JOIN housing.building AS b ON b.id = r.building_id
LEFT JOIN LATERAL (SELECT ST_PointOnSurface(b.geom) AS point OFFSET 0) AS spot ON true
WHERE p.{field}_index = %(blind)s
"""
_FIRST_PAGE = """
WITH found AS MATERIALIZED (
  SELECT r.person_id, r.building_id
  FROM housing.building AS b JOIN people.residence AS r ON r.building_id = b.id
  WHERE b.geom && ST_GeomFromGeoJSON(%(polygon)s)
    AND ST_Intersects(b.geom, ST_GeomFromGeoJSON(%(polygon)s)) AND r.valid_to IS NULL
), page AS (SELECT * FROM found ORDER BY person_id, building_id LIMIT %(limit)s)
SELECT (SELECT count(*) FROM found), json_build_object('type', 'Feature', 'id', p.id,
  'geometry', ST_AsGeoJSON(ST_PointOnSurface(b.geom), 6)::json, 'properties', json_build_object(
    'name', p.name, 'id_number', p.id_number, 'phone', p.phone, 'sex', p.sex,
    'birth_date', p.birth_date, 'register', p.register, 'registered_area', p.registered_area,
    'registered_address', p.registered_address, 'area_code', p.area_code))::text
FROM page JOIN people.person AS p ON p.id = page.person_id
JOIN housing.building AS b ON b.id = page.building_id ORDER BY p.id
"""


def persons(engine: Engine, bench: Bench, key: bytes, area: str) -> list[Comparison]:
    """Who bears a number, with the homes, and the first page of who lives in a polygon.

    Raises: BenchError when no person there has a number or phone.
    """
    asked, paths = _by_number(engine, Sealer(key), area)
    drawn = people.polygons(engine)
    pages: list[Statements] = [[(_FIRST_PAGE, _values(polygon))] for polygon in drawn]
    return [
        bench.compare(BY_NUMBER, asked, paths),
        bench.compare_sent(FIRST_PAGE, pages, "/api/questions/answer", [_asked(p) for p in drawn]),
    ]


def goals(found: Sequence[Comparison]) -> list[Goal]:
    """What is promised of them."""
    by_number, page = found
    return [
        Goal(f"{BY_NUMBER} adds to bare SQL, p50", by_number.added, 3.0, "ms", is_ceiling=True),
        Goal(f"{BY_NUMBER}, p99", by_number.served.p99, 5.0, "ms", is_ceiling=True),
        Goal(f"{FIRST_PAGE} against bare SQL, p50", page.ratio, 2.0, "×", is_ceiling=True),
        Goal(f"{FIRST_PAGE}, p95", page.served.p95, 80.0, "ms", is_ceiling=True),
    ]


def _by_number(engine: Engine, sealer: Sealer, area: str) -> tuple[list[Statements], list[str]]:
    asked: list[Statements] = []
    paths: list[str] = []
    for field in FIELDS:
        name = f"{PERSONS.name}.{field}"
        with engine.begin() as connection:
            values = {"area": f"{area}%", "n": PERSONS_OF_A_FIELD}
            sealed = connection.execute(text(_SOME.format(field=field)), values).scalars().all()
        for number in (sealer.open(name, bytes(each)) for each in sealed):
            blind = {"blind": sealer.blind(name, number)}
            asked.append([(_BY_NUMBER.format(field=field), blind)])
            paths.append(f"/api/persons/search?q={quote(number)}")
    if not asked:
        raise BenchError("nobody here has a number or phone; run ./wangge synth first")
    return asked, paths


def _values(polygon: dict[str, Any]) -> dict[str, Any]:
    return {"polygon": json.dumps(polygon), "limit": PAGE + 1}


def _asked(polygon: dict[str, Any]) -> dict[str, Any]:
    question = {"layer": PERSONS.name, "relation": "within", "subject": {"geometry": polygon}}
    return {"question": question, "limit": PAGE}
