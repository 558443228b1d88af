"""A community of four square grids with houses, people, places and incidents, made by plain SQL."""

from __future__ import annotations

from sqlalchemy import Engine, text

from layers.core.rights import Role
from layers.core.scope import Grant, Reader

COMMUNITY, OTHER = "990101001001", "990101001002"
WEST, SOUTH, SIDE = 120.0, 30.0, 0.004
"""The community's corner and the side of one grid, in degrees (about 386 m by 443 m)."""
MIDDLE = WEST + SIDE, SOUTH + SIDE
HOUSES = 6
"""Houses in a row of the whole community, as many rows; each with two homes of two people."""


def code(number: int) -> str:
    """Code of a grid of the community."""
    return f"{COMMUNITY}{number:02d}"


def at(x: float, y: float) -> list[float]:
    """A place by its share of the community's width and height."""
    return [WEST + 2 * SIDE * x, SOUTH + 2 * SIDE * y]


def supervisor(login: str = "author", area: str = COMMUNITY) -> Reader:
    """Somebody who draws plans."""
    return Reader(1, login, (Grant(Role.SUPERVISOR, area),))


def commander(login: str = "approver", area: str = "990101") -> Reader:
    """Somebody who decides on plans."""
    return Reader(2, login, (Grant(Role.COMMANDER, area),))


_AREAS = """
INSERT INTO territory.area (code, name, level, geom)
SELECT code, name, 'community', ST_Multi(ST_MakeEnvelope(west, :south, west + 2 * :side,
  :south + 2 * :side, 4326))
FROM (VALUES (:community, '甲社区', CAST(:west AS float)), (:other, '乙社区', :west + 2 * :side))
  AS t (code, name, west)
"""
# Vertices in the middle of the sides, so that neighbours share them.
_GRIDS = """
INSERT INTO territory.grid (code, name, kind, geom)
SELECT :community || lpad((1 + x + 2 * y)::text, 2, '0'), '甲社区第' || (1 + x + 2 * y) || '网格',
  'governance', ST_Multi(ST_MakeEnvelope(:west + x * :side, :south + y * :side,
    :west + (x + 1) * :side, :south + (y + 1) * :side, 4326))
FROM generate_series(0, 1) AS x, generate_series(0, 1) AS y
"""
_BUILDINGS = """
INSERT INTO housing.building (name, usage, levels, geom)
SELECT (1 + x + :n * y) || '号楼', 'B1', 2, ST_Multi(ST_Expand(ST_SetSRID(ST_MakePoint(
  :west + 2 * :side * (x + 0.5) / :n, :south + 2 * :side * (y + 0.5) / :n), 4326), :side / 20))
FROM generate_series(0, :n - 1) AS x, generate_series(0, :n - 1) AS y
"""
_DWELLINGS = """
INSERT INTO housing.dwelling (building_id, unit, floor, room_number)
SELECT id, '1', floor, floor || '01' FROM housing.building, generate_series(1, 2) AS floor
"""
_PERSONS = """
INSERT INTO people.person (name, register, area_code)
SELECT '某' || d.id || n, 'HJ', d.area_code FROM housing.dwelling AS d, generate_series(1, 2) AS n
"""
_RESIDENCES = """
INSERT INTO people.residence (person_id, dwelling_id, kind, household)
SELECT p.id, d.id, 'self', 'H' || d.id
FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM people.person) AS p
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM housing.dwelling) AS d
  ON d.n = p.n / 2
"""
# A street a little off a third of the height, where no house stands.
_ROAD = """
INSERT INTO territory.road (name, road_class, geom) SELECT '横街', 'residential',
  ST_Multi(ST_MakeLine(ST_SetSRID(ST_MakePoint(:west - :side, y), 4326),
    ST_SetSRID(ST_MakePoint(:west + 3 * :side, y), 4326)))
FROM (SELECT CAST(:south AS float) + 2 * :side * 0.34 AS y) AS t
"""
_SITES = """
INSERT INTO places.key_site (name, kind, geom)
SELECT name || '旁', NULL, ST_PointOnSurface(geom) FROM housing.building WHERE id % 3 = 0
"""
# Each house: one incident closed last month, one still open.
_INCIDENTS = """
INSERT INTO incidents.incident
  (category, report_source, state, description, reported_at, closed_at, geom)
SELECT 'UM-0101', 'SRC01', state, state, now() - age, CASE state WHEN 'closed' THEN now() - age END,
  ST_PointOnSurface(geom)
FROM housing.building, (VALUES ('closed', interval '30 days'), ('reported', interval '29 days'))
  AS s (state, age)
"""


def build_community(engine: Engine) -> None:
    """Two communities, the first with everything in it, written like any edit."""
    values = {
        "community": COMMUNITY,
        "other": OTHER,
        "west": WEST,
        "south": SOUTH,
        "side": SIDE,
        "n": HOUSES,
    }
    parts = (
        _AREAS,
        _GRIDS,
        _ROAD,
        _BUILDINGS,
        _DWELLINGS,
        _PERSONS,
        _RESIDENCES,
        _SITES,
        _INCIDENTS,
    )
    with engine.begin() as connection:
        for statement in parts:
            connection.execute(text(statement), values)
