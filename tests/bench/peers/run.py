"""One measurement: everybody runs over the same rows, asked in turn, in several rounds."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, text

from gisserver.bench.server import BenchError
from gisserver.postgis import database_in_use
from gisserver.settings import secret_key
from layers.core.database import connect_engine
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from layers.migrations import upgrade
from tests.bench.peers import growth, setup
from tests.bench.peers.check import Judge, WrongAnswer
from tests.bench.peers.contender import Contender, Database, Served, own_tiles
from tests.bench.peers.load import CLIENTS, LoadError
from tests.bench.peers.mapserver import Mapserver
from tests.bench.peers.passthrough import Passthrough
from tests.bench.peers.plain import Place, plain_tables
from tests.bench.peers.points import SOURCES, read_points
from tests.bench.peers.process import PeerError, worker_mebibytes
from tests.bench.peers.pygeoapi import Pygeoapi
from tests.bench.peers.qgis import Qgis
from tests.bench.peers.questions import Question, Row, questions
from tests.bench.peers.report import OURS, Cell, Table
from tests.bench.peers.server import Peer
from tests.bench.peers.tipg import Tipg
from tests.bench.peers.wangge import Wangge, WanggeWhole, district_of

Say = Callable[[str], None]
MORE_ROWS = ("points", "memory", "accounts", "collections")
ROWS = (*(row.value for row in Row), *MORE_ROWS)
PEERS: dict[str, Callable[[], Peer]] = {
    "flask": Passthrough,
    "qgis": Qgis,
    "tipg": Tipg,
    "mapserver": Mapserver,
    "pygeoapi": Pygeoapi,
}
POINTS_ROUNDS = 2
SHARES = {"QGIS Server": 0.2}
"""Of the points, from who takes longer the further on a page is."""


@dataclass(frozen=True)
class Plan:
    """What is to be measured: rows, peers by their short names, rounds and seconds of each."""

    var: Path
    home: Path
    rows: Sequence[str] = ROWS
    peers: Sequence[str] = tuple(PEERS)
    rounds: int = 3
    seconds: float = 2.0


@dataclass
class Bench:
    """Everybody who runs, and what was measured so far."""

    plan: Plan
    engine: Engine
    place: Place
    area: str
    questions: dict[Row, Sequence[Question]]
    table: Table
    say: Say

    def row(self, row: Row, contenders: Sequence[Contender]) -> None:
        """One row: all are judged first, then timed in turn."""
        able: list[Contender] = []
        for each in contenders:
            if reason := each.reason(row):
                self.table.put(row, each.name, Cell(reason=reason))
                continue
            try:
                each.prepare(row)
            except (WrongAnswer, LoadError, OSError) as error:
                self.failed(row, each.name, error)
            else:
                able.append(each)
        rounds: dict[str, list[float]] = {each.name: [] for each in able}
        for _ in range(self.plan.rounds):
            for each in able:
                try:
                    if each.name in rounds:
                        load = each.measure(row, self.plan.seconds)
                        rounds[each.name].append(load.rate)
                except (LoadError, OSError) as error:
                    del rounds[each.name]
                    self.failed(row, each.name, error)
        for name, rates in rounds.items():
            self.table.put(row, name, Cell(rates))

    def failed(self, row: str, name: str, error: Exception) -> None:
        """Keep why a contender has no figure."""
        self.say(f"  {name}: {error}")
        self.table.put(row, name, Cell(reason=str(error)[:300]))

    def points(self, served: Sequence[Served], folder: Path) -> None:
        """The points of a layer, read by GDAL; a slow peer's first part of them."""
        count = _count(self.place)
        parts = [f"{share:.0%} of them from {name}" for name, share in SHARES.items()]
        self.table.facts["points"] = ", ".join([f"{count:,} components", *parts])
        for each in served:
            if each.name in SOURCES:
                wanted = int(count * SHARES.get(each.name, 1))
                try:
                    read = [
                        read_points(each.name, each.running, folder, wanted).rate
                        for _ in range(POINTS_ROUNDS)
                    ]
                except (LoadError, OSError) as error:
                    self.failed("points", each.name, error)
                else:
                    self.table.put("points", each.name, Cell(read))

    def memory(self, served: Sequence[Served]) -> None:
        """Resident set of each server's largest process."""
        for each in served:
            if each.name != WanggeWhole.name:
                size = worker_mebibytes(each.running.process)
                self.table.put("memory", each.name, Cell([size]))

    def growth(self, port: int) -> None:
        """What more accounts and more collections cost."""
        rounds, seconds = self.plan.rounds, self.plan.seconds
        if "accounts" in self.plan.rows:
            self.say("accounts")
            few, many = growth.by_accounts(self.engine, port, self.area, rounds, seconds)
            self.table.put("accounts", f"{growth.FEW} accounts", Cell([few]))
            self.table.put("accounts", f"{growth.MANY:,} accounts", Cell([many]))
        if "collections" in self.plan.rows:
            self.say("collections")
            for seen, rate in growth.by_collections(self.engine, port, self.area, rounds, seconds):
                self.table.put("collections", f"{seen} collections", Cell([rate]))


def run(plan: Plan, keep: Callable[[Table], None], say: Say) -> Table:
    """Measures over the platform's database of `plan.var`; what it makes for that is taken back.

    `keep` is given the table after each row, so that what was measured outlives an interruption.

    Raises: BenchError without buildings or without our own server.
    """
    began = time.monotonic()
    with ExitStack() as opened:
        url = opened.enter_context(database_in_use(plan.var))
        upgrade(url)
        engine = connect_engine(url)
        opened.callback(engine.dispose)
        area = district_of(engine)
        say("表 / plain tables")
        place = opened.enter_context(plain_tables(url, area))
        with closing(place.connect()) as connection:
            asked = questions(connection)
        table = Table(facts=_facts(plan, place, engine))
        bench = Bench(plan, engine, place, area, asked, table, say)
        ours = Wangge(engine, url, secret_key(plan.var))
        served = opened.enter_context(_served(bench, ours))
        reader = Reader(0, "bench", (Grant(Role.COMMANDER, area),))
        contenders: list[Contender] = [
            Database(place, asked),
            own_tiles(engine, reader, asked),
            *served,
        ]
        for row in Row:
            if row in plan.rows:
                say(row)
                bench.row(row, contenders)
                keep(table)
        _measure_more(bench, served)
        table.facts["measured in"] = f"{time.monotonic() - began:.0f} s"
        keep(table)
    return table


def _measure_more(bench: Bench, served: Sequence[Served]) -> None:
    rows = bench.plan.rows
    if "points" in rows:
        bench.say("points")
        with TemporaryDirectory(prefix="wangge-peers-") as folder:
            bench.points(served, Path(folder))
    if "memory" in rows:
        bench.memory(served)
    port = next(each.running.address.port for each in served if each.name == OURS)
    bench.growth(port)


@contextmanager
def _served(bench: Bench, ours: Wangge) -> Iterator[list[Served]]:
    """Ours and every peer that starts; who does not is told in each row."""
    chosen: list[Peer] = [PEERS[name]() for name in bench.plan.peers]
    judge = Judge(bench.place)
    with ExitStack() as opened:
        served: list[Served] = []
        for peer in [*chosen, ours]:
            bench.say(peer.name)
            folder = Path(opened.enter_context(TemporaryDirectory(prefix="wangge-peers-")))
            try:
                serving = peer.serve(bench.plan.home, folder, bench.place)
                running = opened.enter_context(serving)
            except (PeerError, OSError) as error:
                for row in bench.plan.rows:
                    bench.failed(row, peer.name, error)
                continue
            served.append(Served(peer, running, bench.questions, judge))
        whole = WanggeWhole(ours)
        yield [*served, Served(whole, served[-1].running, bench.questions, judge)]


def _facts(plan: Plan, place: Place, engine: Engine) -> dict[str, object]:
    with closing(place.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM building")
        ((buildings,),) = cursor.fetchall()
    if not buildings:
        raise BenchError("there are no buildings; run ./wangge synth or load first")
    with engine.begin() as connection_:
        postgres = connection_.execute(text("SHOW server_version")).scalar_one()
    versions = {**setup.versions(plan.home), "PostgreSQL": str(postgres).split(" ")[0]}
    return {
        "buildings": f"{buildings:,}",
        "clients": CLIENTS,
        "rounds": f"{plan.rounds} of {plan.seconds:g} s, the median counts",
        "cores": os.cpu_count(),
        "load of the machine before": f"{os.getloadavg()[0]:.1f}",
        "versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
    }


def _count(place: Place) -> int:
    with closing(place.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM component")
        ((count,),) = cursor.fetchall()
    return int(count)
