"""Hot zones of incidents: found by DBSCAN in PostGIS, drawn, counted, compared, kept.

DBSCAN (Ester, Kriegel, Sander, Xu 1996) needs no number of zones and leaves scattered incidents
out: a zone is where each incident, but for those at its edge, has at least `least` incidents,
itself included, within `reach` metres. Metres are those of the local CGCS2000 zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from layers.analysis.heat.fives import whole_fives
from layers.analysis.heat.places import Places, Selection, select_places
from layers.core.crs import metric_srid
from layers.core.database import Asks
from layers.core.errors import Fault, Invalid
from layers.core.features import scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader

REACH = (10.0, 2000.0)
LEAST_INCIDENTS = (3, 1000)
MOST_INCIDENTS = 200_000
TOP_CATEGORIES = 5
# Below this the difference of two counts is what chance makes of one rate: 95 % of a normal.
_CHANCE = 1.96
_CODE_DIGITS = (12, 9, 6, 4, 2)


@dataclass(frozen=True)
class ZoneQuestion:
    """Zones of the incidents of `places`, which have a time with both ends; `reach` in metres."""

    places: Places
    reach: float
    least: int


@dataclass(frozen=True)
class Zone:
    """A zone, numbered from the one with most incidents.

    `incidents` and `before` are the ids of all that lie in it in the time asked for and in the time
    of the same length before. `residents` are whole fives, and None like `rate`, incidents per
    1,000 residents, when fewer than five live there or the reader may not see who does.
    `ground` in m², `geometry` GeoJSON in CRS84.
    """

    number: int
    geometry: str
    ground: float
    incidents: Sequence[int]
    before: Sequence[int]
    categories: Sequence[tuple[str, int]]
    residents: int | None
    area_code: str

    @property
    def rate(self) -> float | None:
        """Incidents of the time per 1,000 residents."""
        return len(self.incidents) * 1000 / self.residents if self.residents else None

    @property
    def change(self) -> float | None:
        """Growth against the time before as a share of it; None when there was nothing before."""
        before = len(self.before)
        return (len(self.incidents) - before) / before if before else None

    @property
    def is_significant(self) -> bool:
        """Whether chance alone would hardly make the two counts of one rate differ so much.

        |n - m| > 1.96 √(n + m): the normal approximation of two Poisson counts.
        """
        now, before = len(self.incidents), len(self.before)
        return bool(abs(now - before) > _CHANCE * (now + before) ** 0.5)


# The concave hull of a zone's places with half the reach around it: it follows a street round its
# corner, and what lies midway between a place of the zone and the next is still inside.
_DRAWN = "ST_Buffer(ST_ConcaveHull(ST_Collect(geom), 0.3), %(reach)s / 2, 'quad_segs=2')"

# Both times are read once; which incident lies in which zone is found by the tiles of zoom 17 that
# a zone touches, a hash join, before its outline is asked.
_TILE = ("{cell} >> 25", "({cell} & 2097151) >> 4")
_ZONES = f"""
WITH place AS MATERIALIZED (
  SELECT t.id, t.geom, t.category, t.area_code, t.reported_at < %(start)s AS is_before,
    {_TILE[0].format(cell="t.cell")} AS x, {_TILE[1].format(cell="t.cell")} AS y
  FROM {{source}} WHERE {{where}}
), clustered AS (
  SELECT geom, ST_ClusterDBSCAN(geom, %(reach)s, %(least)s) OVER (ORDER BY id) AS cluster
  FROM (SELECT id, ST_Transform(geom, %(srid)s) AS geom FROM place WHERE NOT is_before) AS now
), drawn AS MATERIALIZED (
  SELECT cluster, {_DRAWN} AS geom FROM clustered WHERE cluster IS NOT NULL GROUP BY cluster
), zone AS MATERIALIZED (
  SELECT cluster, ST_Area(geom) AS ground, ST_Multi(ST_Transform(geom, 4326)) AS geom FROM drawn
), corner AS (
  SELECT cluster, geom, core.cell(ST_Point(ST_XMin(geom), ST_YMax(geom))) AS first,
    core.cell(ST_Point(ST_XMax(geom), ST_YMin(geom))) AS last FROM zone
), tile AS MATERIALIZED (
  SELECT cluster, geom, x, y FROM corner,
    generate_series({_TILE[0].format(cell="first")}, {_TILE[0].format(cell="last")}) AS x,
    generate_series({_TILE[1].format(cell="first")}, {_TILE[1].format(cell="last")}) AS y
), inside AS MATERIALIZED (
  SELECT t.cluster, p.id, p.category, p.area_code, p.is_before
  FROM tile AS t JOIN place AS p USING (x, y) WHERE ST_Covers(t.geom, p.geom)
), counted AS (
  SELECT cluster, min(area_code) AS low, max(area_code) AS high,
    count(*) FILTER (WHERE NOT is_before) AS count,
    array_agg(id ORDER BY id) FILTER (WHERE NOT is_before) AS incidents,
    coalesce(array_agg(id ORDER BY id) FILTER (WHERE is_before), '{{{{}}}}') AS before
  FROM inside GROUP BY cluster
), ranked AS (
  SELECT cluster, category, count(*) AS count,
    row_number() OVER (PARTITION BY cluster ORDER BY count(*) DESC, category) AS place
  FROM inside WHERE NOT is_before GROUP BY cluster, category
), kinds AS (
  SELECT cluster, json_agg(json_build_array(category, count) ORDER BY place) AS categories
  FROM ranked WHERE place <= {TOP_CATEGORIES} GROUP BY cluster
), living AS MATERIALIZED ({{living}})
SELECT ST_AsGeoJSON(z.geom, 7), z.ground, c.incidents, c.before, k.categories, l.residents,
  c.low, c.high
FROM zone AS z JOIN counted AS c USING (cluster) JOIN kinds AS k USING (cluster)
LEFT JOIN living AS l USING (cluster)
ORDER BY c.count DESC, ST_XMin(z.geom), ST_YMin(z.geom)
"""
_LIVING = """
  SELECT z.cluster, sum(f.residents)::integer AS residents
  FROM zone AS z JOIN people.resident_figure AS f
    ON f.spot && z.geom AND ST_Covers(z.geom, f.spot)
  WHERE {scope} GROUP BY z.cluster
"""
_NOBODY = "SELECT NULL::integer AS cluster, NULL::integer AS residents WHERE FALSE"


def find_zones(connection: Asks, reader: Reader, question: ZoneQuestion) -> list[Zone]:
    """The zones of what the reader may see, most incidents first.

    Raises: Invalid naming the parameter that cannot be answered; Forbidden without the right.
    """
    _check(question)
    places = question.places
    since, until = places.since, places.until
    assert since is not None
    assert until is not None
    selection = select_places(connection, reader, replace(places, since=since - (until - since)))
    srid = _system(connection, selection)
    if srid is None:
        return []
    people = reader.scope(Right.PEOPLE_READ)
    scope, scoped = scope_sql("f.area_code", people, "people_area")
    statement = _ZONES.format(
        source=selection.source,
        where=selection.where,
        living=_LIVING.format(scope=scope) if people else _NOBODY,
    )
    values = {
        **selection.values,
        **scoped,
        "srid": srid,
        "start": since,
        "reach": question.reach,
        "least": question.least,
    }
    rows = connection.exec_driver_sql(statement, values)
    return [_zone(number, row, reader) for number, row in enumerate(rows, 1)]


def _check(question: ZoneQuestion) -> None:
    places = question.places
    faults = []
    if places.layer.name != "incidents":
        faults.append(Fault("layer", "hot zones are found of incidents"))
    if places.since is None or places.until is None or places.since >= places.until:
        faults.append(Fault("datetime", "a start and an end after it are needed"))
    for name, value, (low, high) in (
        ("reach", question.reach, REACH),
        ("least", question.least, LEAST_INCIDENTS),
    ):
        if not low <= value <= high:
            faults.append(Fault(name, f"{low:g} to {high:g} expected"))
    if faults:
        raise Invalid(faults)


_FIRST = (
    "SELECT ST_X(t.geom), ST_Y(t.geom) FROM {source} WHERE {where} ORDER BY t.reported_at LIMIT 1"
)


def _system(connection: Asks, selection: Selection) -> int | None:
    """EPSG number of the system that metres are measured in; None when there is nothing."""
    statement = _FIRST.format(source=selection.source, where=selection.where)
    first = next(iter(connection.exec_driver_sql(statement, selection.values)), None)
    return metric_srid(first[0], first[1]) if first is not None else None


def _zone(number: int, row: Any, reader: Reader) -> Zone:
    geometry, ground, incidents, before, categories, residents, low, high = row
    area = _common_area(low, high)
    lived = whole_fives(residents or 0)
    return Zone(
        number=number,
        geometry=geometry,
        ground=round(ground, 1),
        incidents=incidents,
        before=before,
        categories=[(code, count) for code, count in categories],
        # Residents of a part of a zone would make its rate too high.
        residents=lived if lived and reader.covers(Right.PEOPLE_READ, area) else None,
        area_code=area,
    )


def _common_area(low: str, high: str) -> str:
    """The smallest area that holds all codes from `low` to `high`, in byte order."""
    if low == high:
        return low
    return next((low[:n] for n in _CODE_DIGITS if len(low) >= n and high.startswith(low[:n])), "")
