"""One measurement from beginning to end."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine, text

from gisserver.bench import heat, ogc, persons, population, replay, scope_cost
from gisserver.bench.deadlines import deadlines
from gisserver.bench.figures import Comparison, Goal, Report
from gisserver.bench.grids import grids
from gisserver.bench.loading import loading
from gisserver.bench.positions import positions
from gisserver.bench.questions import Bench
from gisserver.bench.screens import screens
from gisserver.bench.server import (
    BenchError,
    Client,
    memory_mebibytes,
    running_server,
    temporary_account,
)
from layers.catalogue import LAYERS
from layers.core.rights import Role
from layers.core.scope import Grant, Reader

COUNTY_DIGITS = 6

Say = Callable[[str], None]


def run_bench(engine: Engine, url: str, key: bytes, say: Say) -> Report:
    """Measures a database through a server started for it; writes nothing that stays.

    The reader is a commander of one district, so every question goes through rights and scope.

    Raises: BenchError when there is nothing to measure or the server does not answer.
    """
    report = Report(_counts(engine))
    grants = (Grant(Role.COMMANDER, _district(engine)),)
    with (
        temporary_account(engine, list(grants)) as (login, password),
        running_server(url, key) as (port, process),
    ):
        report.facts["memory after start, MiB (PSS)"] = memory_mebibytes(process)
        client = Client(port, login, password)
        bench = Bench(engine, client, Reader(0, login, grants))
        try:
            _ask(report, bench, say)
            _ask_by_person(report, bench, engine, key, grants[0].area_code, say)
            _move(report, bench, engine, port, grants[0].area_code, say)
        finally:
            bench.close()
            client.close()
        report.facts["memory after all, MiB (PSS)"] = memory_mebibytes(process)
    _reckon(report, engine, Reader(0, "bench", grants), say)
    titled = {each.title: each for each in report.comparisons}
    report.goals = [*goals(titled), *report.goals]
    return report


def _ask(report: Report, bench: Bench, say: Say) -> None:
    """What a screen asks of houses, cases and tiles."""
    say("房屋 / find by house")
    report.comparisons += bench.houses()
    say("搜索 / search")
    report.comparisons += bench.searches()
    say("办件 / cases")
    report.comparisons += bench.cases()
    say("范围内人口 / people in a polygon")
    report.comparisons.append(bench.inhabitants())
    say("瓦片 / tiles")
    report.comparisons += bench.tiles()


def _ask_by_person(
    report: Report, bench: Bench, engine: Engine, key: bytes, area: str, say: Say
) -> None:
    """What is asked of persons, and of all of them."""
    say("以人找房 / find by person")
    report.compare(found := persons.persons(engine, bench, key, area), persons.goals(found))
    say("OGC 要素 / OGC features")
    asked = ogc.ogc(engine, bench)
    report.compare(asked, ogc.goals(asked))
    say("人口统计 / statistics")
    told = bench.population(area)
    report.compare([told], population.goals(told))


def _move(report: Report, bench: Bench, engine: Engine, port: int, area: str, say: Say) -> None:
    """What is about time: heat, replay, positions, reports that reach the screens."""
    say("热力 / heat")
    warmth = heat.heat(engine, bench)
    report.compare(warmth, heat.goals(warmth))
    say("轨迹 / replay")
    tracks, made = replay.replay(engine, bench)
    report.comparisons += tracks
    report.add(made, replay.goals(tracks))
    say("定位 / positions")
    batches, rates, promised = positions(engine, port)
    report.comparisons += batches
    report.add(rates, promised)
    say("报送到屏幕 / from report to screen")
    report.add(*screens(engine, port, area))


def _reckon(report: Report, engine: Engine, reader: Reader, say: Say) -> None:
    """What is asked of the database without a server."""
    say("权限范围 / scope and row security")
    costs = scope_cost.scope_cost(engine, reader)
    report.compare(costs, scope_cost.goals(costs))
    say("时限 / deadlines")
    report.add(*deadlines(engine))
    say("网格调整 / grid plans")
    report.add(*grids(engine, Reader(0, "bench", (Grant(Role.SUPERVISOR, ""),))))
    say("载入 / load")
    loaded, rows = loading(engine)
    report.comparisons.append(loaded)
    report.facts["load, rows/s"] = rows / loaded.served.p50 * 1000


def goals(found: dict[str, Comparison]) -> list[Goal]:
    """What is promised, and what this run has reached."""
    house, then, search = found["find by house"], found["house on a day"], found["search"]
    by_initials, room = found["search by initials"], found["search a room"]
    cases = [found[name] for name in found if name.startswith("incident ")]
    people = found["people in a polygon"]
    cold, warm, load = found["tiles cold"], found["tiles warm"], found["load buildings"]
    return [
        Goal("find by house adds to bare SQL, p50", house.added, 3.0, "ms", is_ceiling=True),
        *(
            Goal(f"{each.title} against bare SQL, p50", each.ratio, 2.0, "×", is_ceiling=True)
            for each in cases
        ),
        *(
            Goal(f"{each.title}, p95", each.served.p95, 150.0, "ms", is_ceiling=True)
            for each in cases
        ),
        Goal("people in a polygon against bare SQL, p50", people.ratio, 1.5, "×", is_ceiling=True),
        Goal("people in a polygon, p95", people.served.p95, 60.0, "ms", is_ceiling=True),
        Goal("house on a day adds to bare SQL, p50", then.added, 3.0, "ms", is_ceiling=True),
        *(
            Goal(f"{each.title} adds to bare SQL, p50", each.added, 4.0, "ms", is_ceiling=True)
            for each in (search, by_initials, room)
        ),
        *(
            Goal(f"{each.title}, p95", each.served.p95, 20.0, "ms", is_ceiling=True)
            for each in (search, by_initials)
        ),
        Goal(
            "cold tiles against bare SQL, all zooms",
            cold.bare.rate / cold.served.rate,
            1.4,
            "×",
            is_ceiling=True,
        ),
        Goal(
            "OGC tiles cold against bare SQL, all zooms",
            found["OGC tiles cold"].bare.rate / found["OGC tiles cold"].served.rate,
            1.4,
            "×",
            is_ceiling=True,
        ),
        Goal(
            "warm tiles against cold, rate",
            warm.served.rate / cold.served.rate,
            30.0,
            "×",
            is_ceiling=False,
        ),
        Goal("load against bare COPY", 1 / load.ratio, 0.5, "×", is_ceiling=False),
    ]


def _counts(engine: Engine) -> dict[str, int]:
    """Rows by layer, as PostgreSQL estimates them; exact for tables it has not looked at yet."""
    with engine.begin() as connection:
        counts: dict[str, int] = {}
        for layer in LAYERS:
            estimate = connection.execute(
                text("SELECT reltuples::bigint FROM pg_class WHERE oid = CAST(:t AS regclass)"),
                {"t": layer.qualified_table},
            ).scalar_one()
            if estimate < 0:
                estimate = connection.exec_driver_sql(
                    f"SELECT count(*) FROM {layer.qualified_table}"
                ).scalar_one()
            counts[layer.name] = int(estimate)
    if not counts["buildings"]:
        raise BenchError("there are no buildings; run ./wangge synth or load first")
    return counts


def _district(engine: Engine) -> str:
    """Code of the district with the most buildings."""
    with engine.begin() as connection:
        return str(
            connection.execute(
                text(
                    "SELECT left(area_code, :digits) FROM housing.building WHERE area_code <> '' "
                    "GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
                ),
                {"digits": COUNTY_DIGITS},
            ).scalar_one_or_none()
            or ""
        )
