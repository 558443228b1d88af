"""A synthetic city: deterministic, plausible, Chinese, and nobody in it is real."""

from __future__ import annotations

import dataclasses
import multiprocessing
import multiprocessing.pool
import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from etl.synth import housing, incidents, organisation, patrol, places, residents, territory
from etl.synth.care import make_care, remove_care
from etl.synth.city import City, plan_city
from etl.synth.inspections import make_inspections
from etl.synth.measure import Figures
from etl.synth.over import fill_loaded
from etl.synth.people import TODAY, make_people
from etl.synth.sizes import SIZES
from etl.synth.staffing import make_staffing
from etl.synth.store import (
    STEPS,
    TABLES,
    Store,
    holds_synthetic,
    late_indexes,
    remove_synthetic,
    tidy,
)
from etl.synth.streets import make_pieces
from etl.synth.terrain import make_terrain
from etl.synth.text import Block
from layers.catalogue import LAYERS
from layers.core.bulk import begin_bulk, record_bulk
from layers.core.database import owner_transaction
from layers.core.sealing import Sealer
from layers.housing.inspection import INSPECTIONS
from layers.people.figures import FIGURES, recount_residents
from layers.people.population import POPULATION, recount_population

Progress = Callable[[str, float], None]
"""Called with what is being done and the share that is done, 0..1."""
PER_PIECE = 12_000
"""Dwellings written at once."""


class SynthError(RuntimeError):
    """The synthetic city cannot be built; the message says why."""


@dataclass(frozen=True)
class SynthReport:
    """What was built and how fast."""

    scale: str
    seed: int
    rows: dict[str, int]
    plan_seconds: float
    seconds: float
    """All of it: planning, writing, loading, indexes, commit."""
    copy_seconds: float
    """COPY into the layers' tables alone."""
    load_seconds: float
    """COPY, indexes, keys and their checks."""
    heap_seconds: float
    """What COPY of the same rows takes into tables with nothing but the columns."""
    table_seconds: float
    """What it takes into tables of the same kind: with indexes, unique keys, checks, computed
    columns. Both from samples of each table in the same run."""
    peak_mebibytes: float

    @property
    def total_rows(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())

    @property
    def load_rows_per_second(self) -> float:
        """Rows a second of COPY, indexes and foreign keys together."""
        return self.total_rows / max(self.load_seconds, 1e-9)

    @property
    def load_against_heap(self) -> float:
        """Speed of the whole load against COPY into tables with nothing but the columns."""
        return self.heap_seconds / max(self.load_seconds, 1e-9)

    @property
    def load_against_table(self) -> float:
        """Speed of the whole load against COPY into tables of the same kind."""
        return self.table_seconds / max(self.load_seconds, 1e-9)


def build(
    engine: Engine,
    *,
    scale: str,
    seed: int,
    sealer: Sealer,
    progress: Progress | None = None,
    replace: bool = False,
    today: date = TODAY,
    processes: int = 2,
) -> SynthReport:
    """Build a synthetic city in one transaction: all of it or nothing.

    `scale` is "demo" or "district"; the same seed gives the same rows (sealed columns differ,
    since every sealing takes a fresh nonce).

    Raises: SynthError for an unknown scale or when synthetic rows are there and not `replace`.
    """
    if scale not in SIZES:
        raise SynthError(f"no scale {scale!r}; there are: {', '.join(SIZES)}")
    say = progress or (lambda _what, _share: None)
    began = time.perf_counter()
    say("规划 / plan", 0.0)
    city = plan_city(SIZES[scale], seed)
    planned = time.perf_counter() - began
    with owner_transaction(engine) as connection:
        begin_bulk(connection)
        if holds_synthetic(connection):
            if not replace:
                raise SynthError("synthetic data is there already; it can be replaced")
            say("清除旧数据 / remove", 0.02)
            remove_care(connection)
            remove_synthetic(connection)
        store = Store(connection)
        connection.exec_driver_sql("SET LOCAL maintenance_work_mem = '512MB'")
        with late_indexes(store, (*TABLES, STEPS)):
            _fill(store, city, sealer, today, say, processes)
            say("索引 / indexes", 0.9)
        store.finish()
        store.figures.rows[INSPECTIONS.qualified_table] = make_inspections(connection, seed)
        store.figures.rows.update(make_care(connection, seed, sealer, today))
        recount_residents(connection)
        recount_population(connection)
        make_terrain(connection, city)
        _record(store, f"synthetic {scale}, seed {seed}")
        say("提交 / commit", 0.96)
    say("整理 / tidy", 0.97)
    tidy(engine, (*store.figures.rows, FIGURES, POPULATION))
    say("完成 / done", 1.0)
    return _report(scale, seed, store.figures, planned, time.perf_counter() - began)


def build_over(
    engine: Engine,
    *,
    seed: int,
    sealer: Sealer,
    progress: Progress | None = None,
    today: date = TODAY,
    processes: int = 2,
) -> SynthReport:
    """Fill loaded real buildings with invented homes and households, in one transaction.

    Missing levels and heights are estimated and marked so. Buildings with dwellings are left
    alone, so that a second run changes nothing.

    Raises: SynthError when there is no real building to fill.
    """
    say = progress or (lambda _what, _share: None)
    began = time.perf_counter()
    with owner_transaction(engine) as connection:
        begin_bulk(connection)
        store = Store(connection)
        filled = fill_loaded(
            store,
            seed=seed,
            sealer=sealer,
            today=today,
            processes=processes,
            write=fill_homes,
            say=lambda share: say("人口 / people", 0.05 + 0.85 * share),
        )
        if not filled:
            raise SynthError("no loaded building without dwellings is there")
        store.finish()
        store.figures.rows[INSPECTIONS.qualified_table] = make_inspections(connection, seed)
        store.figures.rows.update(make_care(connection, seed, sealer, today))
        store.figures.rows["housing.building"] = filled
        _record(store, f"synthetic homes over loaded buildings, seed {seed}")
    say("完成 / done", 1.0)
    return _report("over", seed, store.figures, 0.0, time.perf_counter() - began)


def _record(store: Store, note: str) -> None:
    for layer in LAYERS:
        if store.figures.rows[layer.qualified_table]:
            record_bulk(store.connection, layer, note)


def _report(scale: str, seed: int, figures: Figures, planned: float, seconds: float) -> SynthReport:
    peak = (
        sum(
            resource.getrusage(who).ru_maxrss
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )
        / 1024
    )
    return SynthReport(
        scale,
        seed,
        dict(figures.rows),
        planned,
        seconds,
        figures.copy_seconds,
        figures.load_seconds(),
        figures.estimate(figures.heap),
        figures.estimate(figures.table),
        peak,
    )


def _fill(
    store: Store, city: City, sealer: Sealer, today: date, say: Progress, processes: int
) -> None:
    areas = territory.make_areas(city)
    store.put(territory.area_rows(city, areas))
    first_grid = store.first_id("territory.grid")
    for block in territory.grid_rows(city, areas, first_grid):
        store.put(block)
    for block in territory.basemap_rows(city, areas):
        store.put(block)
    say("房屋 / buildings", 0.1)
    pieces = make_pieces(city)
    first_unit = store.first_id("organisation.unit")
    units, codes = organisation.unit_rows(city, areas, first_unit)
    store.put(units)
    crew = organisation.make_crew(
        city, areas, codes, first_unit, store.first_id("organisation.staff")
    )
    for block in organisation.staff_rows(crew):
        store.put(block)
    store.put(organisation.assignment_rows(areas, crew, first_grid, today))
    houses = housing.make_houses(
        city, areas, store.first_id("housing.compound"), store.first_id("housing.building")
    )
    building_area = housing.areas_of(city, areas)
    for block in housing.house_rows(city, areas, houses, building_area):
        store.put(block)
    say("场所 / places", 0.16)
    for block in places.place_rows(city, areas, houses, pieces):
        store.put(block)
    staffing = make_staffing(areas, crew, codes, first_unit)
    first_incident = store.first_id("incidents.incident")
    for block in incidents.incident_rows(city, areas, pieces, staffing, first_incident, today):
        store.put(block)
    incidents.set_deadlines(store.connection)
    say("人口 / people", 0.25)
    stock = housing.make_stock(city, houses, building_area)
    _people(store, city, stock, sealer, today, say, processes)
    say("巡查 / patrol", 0.8)
    vehicles = store.first_id("patrol.vehicle")
    store.put(patrol.vehicle_rows(city, areas, vehicles, first_unit))
    fleet = patrol.make_fleet(city, areas, crew, vehicles)
    walk = patrol.make_walk(city, fleet)
    store.put(patrol.shift_rows(areas, crew, fleet, today))
    store.put(patrol.last_rows(areas, fleet, walk, today))
    with store.day(today) as table:
        for block in patrol.position_rows(city, areas, fleet, walk, today):
            store.put(dataclasses.replace(block, table=table))
    patrol.keep_visits(store.connection, today)


_TOWN: list[residents.Town] = []


def _write(bounds: tuple[int, int]) -> list[Block]:
    return residents.write_piece(_TOWN[-1], *bounds)


def _people(
    store: Store,
    city: City,
    stock: housing.Stock,
    sealer: Sealer,
    today: date,
    say: Progress,
    processes: int,
) -> None:
    dwellings = housing.make_dwellings(stock)
    households, people = make_people(
        city.random(31),
        stock,
        dwellings,
        residents.surname_shares(),
        today,
        persons=city.size.persons,
    )
    town = residents.Town(
        city.seed,
        stock,
        dwellings,
        households,
        people,
        store.first_id("housing.dwelling"),
        store.first_id("people.person"),
        today,
        sealer,
    )
    fill_homes(store, town, lambda share: say("人口 / people", 0.25 + 0.55 * share), processes)


def fill_homes(
    store: Store, town: residents.Town, say: Callable[[float], None], processes: int
) -> None:
    """Write and copy all dwellings of a town and those who live in them."""
    bounds = residents.pieces(town, PER_PIECE)
    for number, blocks in enumerate(_written(town, bounds, processes)):
        for block in blocks:
            store.put(block)
        say((number + 1) / len(bounds))


def _written(
    town: residents.Town, bounds: list[tuple[int, int]], processes: int
) -> Iterator[list[Block]]:
    """Write pieces in order; large cities in worker processes that share the plan by fork."""
    _TOWN.append(town)
    try:
        if len(bounds) < 3 or processes < 2:
            yield from map(_write, bounds)
            return
        with multiprocessing.get_context("fork").Pool(processes) as pool:
            yield from _bounded(pool, bounds, 2 * processes)
    finally:
        _TOWN.pop()


def _bounded(
    pool: multiprocessing.pool.Pool, bounds: list[tuple[int, int]], ahead: int
) -> Iterator[list[Block]]:
    """Results in order with at most `ahead` pieces waiting, so that memory stays small."""
    waiting = [pool.apply_async(_write, (one,)) for one in bounds[:ahead]]
    rest = iter(bounds[ahead:])
    while waiting:
        yield waiting.pop(0).get()
        following = next(rest, None)
        if following is not None:
            waiting.append(pool.apply_async(_write, (following,)))


__all__ = ["SynthError", "SynthReport", "build", "build_over"]
