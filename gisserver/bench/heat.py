"""Heat and hot zones over HTTP, beside bare SQL on the stored cells and a bare DBSCAN."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import quote

from sqlalchemy import Engine, text

from gisserver.bench.bare import Statements
from gisserver.bench.figures import Comparison, Goal
from gisserver.bench.questions import Bench
from gisserver.bench.server import BenchError
from layers.analysis.heat.kernel import CELLS_PER_RADIUS
from layers.core.cells import LEVEL, level_for, parent_mask, row_at
from layers.core.crs import metric_srid

MONTH, WHOLE, ZONES = "heat of one month", "heat of all incidents", "hot zones of one month"
RADIUS = 500
MONTHS = 12
ROUNDS = 4
REACH, LEAST = 100, 8

_NEWEST = text("SELECT max(reported_at), count(*) FROM incidents.incident")
_PLACE = text("SELECT ST_X(geom), ST_Y(geom) FROM incidents.incident LIMIT 1")
_CELLS = (
    "SELECT cell & %(mask)s, count(*) FROM incidents.incident "
    "WHERE reported_at >= %(since)s AND reported_at < %(until)s GROUP BY 1"
)
_CLUSTERS = (
    "SELECT cluster, count(*) FROM (SELECT ST_ClusterDBSCAN(ST_Transform(geom, %(srid)s), "
    "%(reach)s, %(least)s) OVER () AS cluster FROM incidents.incident "
    "WHERE reported_at >= %(since)s AND reported_at < %(until)s) AS clustered GROUP BY 1"
)


def heat(engine: Engine, bench: Bench) -> list[Comparison]:
    """Months of incidents, all of them, and the hot zones of those months."""
    with engine.begin() as connection:
        newest, count = connection.execute(_NEWEST).one()
        if not count:
            raise BenchError("there are no incidents; run ./wangge synth first")
        srid = metric_srid(*connection.execute(_PLACE).one())
    months = _months(newest) * ROUNDS
    ever = [(datetime.fromisoformat("1970-01-01T00:00Z"), newest + timedelta(days=1))] * ROUNDS
    mask = parent_mask(level_for(RADIUS / CELLS_PER_RADIUS, row_at(30.0, LEVEL)))

    def cells(times: Sequence[tuple[datetime, datetime]]) -> list[Statements]:
        return [
            [(_CELLS, {"mask": mask, "since": since, "until": until})] for since, until in times
        ]

    clusters: list[Statements] = [
        [
            (
                _CLUSTERS,
                {"srid": srid, "reach": REACH, "least": LEAST, "since": since, "until": until},
            )
        ]
        for since, until in months
    ]
    surface = f"/api/heat?radius={RADIUS}"
    zones = f"/api/heat/zones?reach={REACH}&least={LEAST}"
    return [
        bench.compare(MONTH, cells(months), [f"{surface}&{_during(*each)}" for each in months]),
        bench.compare(WHOLE, cells(ever), [surface] * len(ever)),
        bench.compare(ZONES, clusters, [f"{zones}&{_during(*each)}" for each in months]),
    ]


def goals(found: Sequence[Comparison]) -> list[Goal]:
    """What is promised of heat and hot zones."""
    month, whole, zones = found
    return [
        Goal(f"{MONTH} against bare SQL, p50", month.ratio, 1.5, "×", is_ceiling=True),
        Goal(f"{WHOLE} against bare SQL, p50", whole.ratio, 1.5, "×", is_ceiling=True),
        Goal(f"{WHOLE}, p95", whole.served.p95, 200, "ms", is_ceiling=True),
        Goal(f"{ZONES} against bare DBSCAN, p50", zones.ratio, 2, "×", is_ceiling=True),
        Goal(f"{ZONES}, p95", zones.served.p95, 1000, "ms", is_ceiling=True),
    ]


def _months(newest: datetime) -> list[tuple[datetime, datetime]]:
    """Times of thirty days, the newest first."""
    ends = [newest - timedelta(days=30 * number) for number in range(MONTHS)]
    return [(end - timedelta(days=30), end) for end in ends]


def _during(since: datetime, until: datetime) -> str:
    return "datetime=" + quote(f"{since.isoformat()}/{until.isoformat()}")
