"""How many messy addresses find their building and their room.

    .venv/bin/python -m tests.bench.addresses [--scale demo|district] [--count N]
    .venv/bin/python -m tests.bench.addresses --schools FILE

A synthetic city, or buildings at the real addresses of the file, are made in a cluster of their
own; the addresses are written in every kind of noise.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import Engine

from layers.core.database import connect_engine, reader_transaction
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from layers.housing.address_match import Match, match_addresses
from tests.builders.addresses import Truth, city_truths
from tests.builders.school_addresses import read_schools, school_truths

EVERYWHERE = Reader(1, "bench", (Grant(Role.COMMANDER, ""),))
AT_ONCE = 500


@dataclass(frozen=True)
class Share:
    """Of `asked` texts, how many were right; `sure` ones, and how many of those were wrong."""

    name: str
    asked: int
    building: int
    rooms: int
    room: int
    sure: int
    wrong: int

    def line(self) -> str:
        """A row of the table."""
        room = f"{self.room / self.rooms:.1%}" if self.rooms else ""
        return (
            f"| {self.name} | {self.asked} | {self.building / self.asked:.1%} | {room} "
            f"| {self.sure / self.asked:.1%} | {self.wrong} |"
        )


HEAD = (
    "| noise | texts | right building | right room | sure | sure but wrong |\n" + "|---" * 6 + "|"
)


def match_all(engine: Engine, texts: Sequence[str]) -> list[Match]:
    """Matches of any number of texts, 500 at a time."""
    found: list[Match] = []
    for start in range(0, len(texts), AT_ONCE):
        with reader_transaction(engine, EVERYWHERE) as connection:
            found += match_addresses(connection, EVERYWHERE, texts[start : start + AT_ONCE])
    return found


def shares(truths: Sequence[Truth], matches: Sequence[Match]) -> list[Share]:
    """Shares by kind of noise, in order of first appearance, and of all."""
    pairs = list(zip(truths, matches, strict=True))
    kinds = [*dict.fromkeys(truth.noise for truth in truths), "all"]
    return [_share(kind, [p for p in pairs if kind in (p[0].noise, "all")]) for kind in kinds]


def _share(name: str, pairs: Sequence[tuple[Truth, Match]]) -> Share:
    rooms = [(t, m) for t, m in pairs if t.dwelling_id is not None]
    sure = [(t, m) for t, m in pairs if m.verdict == "sure"]
    return Share(
        name,
        len(pairs),
        sum(t.building_id == m.building_id for t, m in pairs),
        len(rooms),
        sum(t.dwelling_id == m.dwelling_id for t, m in rooms),
        len(sure),
        sum((t.building_id, t.dwelling_id) != (m.building_id, m.dwelling_id) for t, m in sure),
    )


@click.command()
@click.option("--scale", default="demo", show_default=True, help="Size of the city")
@click.option("--count", default=200, show_default=True, help="Rooms, and buildings, of the city")
@click.option(
    "--schools",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Measure on the addresses of this file instead of a city",
)
@click.option("--show", default=0, help="Wrong ones to print of each kind")
def main(scale: str, count: int, schools: Path | None, show: int) -> None:
    """Measure in a cluster of its own."""
    from etl.synth import build
    from layers.core.sealing import Sealer
    from layers.migrations import upgrade
    from tests.harness import TEST_KEY, postgis

    with postgis() as server, server.fresh() as url:
        upgrade(url)
        engine = connect_engine(url)
        if schools:
            truths = school_truths(engine, read_schools(schools))
        else:
            build(engine, scale=scale, seed=1, sealer=Sealer(TEST_KEY))
            with engine.connect() as connection:
                truths = city_truths(connection, count)
        started = time.perf_counter()
        matches = match_all(engine, [truth.text for truth in truths])
        took = time.perf_counter() - started
        for share in [HEAD, *(share.line() for share in shares(truths, matches))]:
            click.echo(share)
        click.echo(f"{len(truths)} texts in {took:.1f} s, {took / len(truths) * 1000:.1f} ms each")
        _show_wrong(truths, matches, show)
        engine.dispose()


def _show_wrong(truths: Sequence[Truth], matches: Sequence[Match], most: int) -> None:
    shown: dict[str, int] = {}
    for truth, match in zip(truths, matches, strict=True):
        is_right = (truth.building_id, truth.dwelling_id) == (match.building_id, match.dwelling_id)
        if is_right or shown.setdefault(truth.noise, 0) >= most:
            continue
        shown[truth.noise] += 1
        click.echo(f"{truth.noise}: {truth.text} → {match.verdict} {match.score}")
        click.echo(f"   {dict(match.address.values)}")
        for one in match.candidates[:3]:
            click.echo(f"   {one.title} {one.dwelling_id} {one.score}")


if __name__ == "__main__":
    main()
