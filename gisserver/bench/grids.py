"""A plan of one community: previews with figures, and put in force while others read."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, Engine, text

from gisserver.bench.figures import Goal, Times
from gisserver.bench.server import BenchError
from layers.analysis.grid_figures import grid_figures
from layers.catalogue import LAYERS
from layers.core.scope import Reader
from layers.organisation.decision import put_in_force
from layers.territory.coverage import Refused
from layers.territory.draft import Draft
from layers.territory.drafting import (
    OpenPlan,
    begin_plan,
    operate,
    plan_faults,
    preview,
    read_plan,
)
from layers.territory.plan_steps import check_plan

PEOPLE = 4_500
OFFSETS = (0.5, 0.4, 0.6, 0.3, 0.7, 0.45, 0.55, 0.35, 0.65)
ROUNDS = 8

# The community whose number of residents is nearest to what a community usually has.
_COMMUNITY = text(
    "SELECT left(area_code, 12) AS code, sum(residents) AS people FROM people.resident_figure "
    "WHERE length(area_code) >= 14 GROUP BY 1 ORDER BY abs(sum(residents) - :people) LIMIT 1"
)
_READ = text(
    "SELECT g.code, (SELECT count(*) FROM housing.building AS b WHERE b.area_code = g.code) "
    "FROM territory.grid AS g WHERE g.code >= :code AND g.code < :code || 'x' "
    "AND g.valid_to IS NULL AND g.kind = 'governance'"
)

Operation = Mapping[str, Any]


def grids(engine: Engine, reader: Reader) -> tuple[dict[str, float], list[Goal]]:
    """Times of previews and of putting a plan in force; everything is taken back."""
    with engine.connect() as connection:
        try:
            found = connection.execute(_COMMUNITY, {"people": PEOPLE}).one_or_none()
            if found is None:
                raise BenchError("there are no grids with residents; run ./wangge synth first")
            plan_id = begin_plan(connection, reader, found.code, "bench")
            plan = read_plan(connection, plan_id)
            split, merge = _split(connection, plan), _merge(connection, plan)
            previews = {
                name: Times(tuple(_preview(connection, reader, plan_id, operation)))
                for name, operation in (("split", split), ("merge", merge))
            }
            operate(connection, reader, plan_id, split, plan.row.row_version)
            with _reading(engine, found.code) as reads:
                seconds = _in_force(connection, reader, plan_id)
        finally:
            connection.rollback()
    longest = max(reads, default=0.0)
    facts = {
        **{f"{name} preview with figures, p50 ms": times.p50 for name, times in previews.items()},
        "people of the community put in force": float(found.people),
        "grids read while a plan comes into force": float(len(reads)),
    }
    return facts, [
        *(
            Goal(f"{name} preview with figures, p95", times.p95, 300, "ms", is_ceiling=True)
            for name, times in previews.items()
        ),
        Goal("plan of one community in force", seconds, 2, "s", is_ceiling=True),
        Goal("longest read meanwhile", longest * 1000, 300, "ms", is_ceiling=True),
    ]


def _preview(
    connection: Connection, reader: Reader, plan_id: int, operation: Operation
) -> Iterator[float]:
    """Seconds of what the drawing supervisor waits for: pieces, figures, faults."""
    for _ in range(ROUNDS):
        began = time.perf_counter()
        plan = read_plan(connection, plan_id)
        after = preview(connection, plan, operation)
        grid_figures(connection, reader, after)
        plan_faults(connection, plan, after)
        yield time.perf_counter() - began


def _split(connection: Connection, plan: OpenPlan) -> Operation:
    """A cut through a grid that touches no building, snapped to the roads beside it."""
    for key, shape in plan.draft.coverage.items():
        west, south, east, north = shape.bounds
        aside, along = (east - west) / 10, (north - south) / 10
        for share in OFFSETS:
            x, y = west + (east - west) * share, south + (north - south) * share
            for line in (
                [[x, south - along], [x, north + along]],
                [[west - aside, y], [east + aside, y]],
            ):
                operation = {"kind": "split", "grid": key, "line": line, "snap": 10}
                if _fits(connection, plan, operation):
                    return operation
    raise BenchError(f"no grid of {plan.row.area_code} can be cut without cutting a building")


def _merge(connection: Connection, plan: OpenPlan) -> Operation:
    for pair in combinations(plan.draft.coverage, 2):
        operation = {"kind": "merge", "grids": list(pair)}
        if _fits(connection, plan, operation):
            return operation
    raise BenchError(f"no two grids of {plan.row.area_code} are neighbours")


def _fits(connection: Connection, plan: OpenPlan, operation: Operation) -> bool:
    try:
        after: Draft = preview(connection, plan, operation)
    except Refused:
        return False
    return all(fault.is_inherited for fault in plan_faults(connection, plan, after))


def _in_force(connection: Connection, reader: Reader, plan_id: int) -> float:
    began = time.perf_counter()
    plan = read_plan(connection, plan_id, lock=True)
    check_plan(connection, plan)
    today = connection.execute(text("SELECT core.today()")).scalar_one()
    put_in_force(connection, LAYERS, plan, today, reader.login)
    return time.perf_counter() - began


@contextmanager
def _reading(engine: Engine, community: str) -> Iterator[list[float]]:
    """Seconds of reads of the community's grids, one after the other, as long as the block."""
    seconds: list[float] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            began = time.perf_counter()
            with engine.begin() as connection:
                connection.execute(_READ, {"code": community}).all()
            seconds.append(time.perf_counter() - began)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield seconds
    finally:
        done.set()
        thread.join()
