"""Days ready for replay over HTTP, beside reading the stored lines."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import Engine, text

from gisserver.bench.bare import Statements
from gisserver.bench.figures import Comparison, Goal
from gisserver.bench.questions import Bench
from gisserver.bench.server import BenchError
from layers.core.database import owner_transaction
from layers.patrol.day_track import make_due_tracks

ONE, MANY = "one worker-day for replay", "fifty worker-days for replay"
WORKERS = 50
SINGLES = 30
ROUNDS = 10

_DAY = text(
    "SELECT day FROM patrol.day_track WHERE object_kind = 'staff' GROUP BY day "
    "ORDER BY count(*) DESC LIMIT 1"
)
_STAFF = text(
    "SELECT object_id FROM patrol.day_track WHERE day = :day AND object_kind = 'staff' "
    "AND fixes > 0 ORDER BY md5(object_id::text) LIMIT :count"
)
_LINES = (
    "SELECT object_id, line, stops, gaps FROM patrol.day_track "
    "WHERE day = %(day)s AND object_kind = 'staff' AND object_id = ANY(%(ids)s)"
)


def replay(engine: Engine, bench: Bench) -> tuple[list[Comparison], dict[str, float]]:
    """Single workers and fifty at once; tracks not made yet are made first, as the server does."""
    began, made = time.perf_counter(), 0
    while batch := _make(engine):
        made += batch
    seconds = time.perf_counter() - began
    with engine.begin() as connection:
        day = connection.execute(_DAY).scalar_one_or_none()
        staff = list(connection.execute(_STAFF, {"day": day, "count": WORKERS}).scalars())
    if not staff:
        raise BenchError("nobody has moved; run ./wangge synth first")

    def lines(ids: Sequence[int]) -> Statements:
        return [(_LINES, {"day": day, "ids": list(ids)})]

    def path(ids: Sequence[int]) -> str:
        return f"/api/positions/replay?day={day}&staff={','.join(map(str, ids))}"

    singles = [staff[n % len(staff)] for n in range(SINGLES)]
    found = [
        bench.compare(ONE, [lines([n]) for n in singles], [path([n]) for n in singles]),
        bench.compare(MANY, [lines(staff)] * ROUNDS, [path(staff)] * ROUNDS),
    ]
    return found, {"tracks of days made, per second": made / seconds} if made else {}


def _make(engine: Engine) -> int:
    with owner_transaction(engine) as connection:
        return make_due_tracks(connection)


def goals(found: Sequence[Comparison]) -> list[Goal]:
    """What is promised of days ready for replay."""
    one, many = found
    return [
        Goal(f"{ONE} against the stored line, p50", one.ratio, 2, "×", is_ceiling=True),
        Goal(f"{MANY} against the stored lines, p50", many.ratio, 2, "×", is_ceiling=True),
        Goal(f"{MANY}, p95", many.served.p95, 300, "ms", is_ceiling=True),
    ]
