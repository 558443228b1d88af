"""The command: installs the peers, measures them beside the platform, prints the table."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from gisserver.bench.server import BenchError
from gisserver.terminal import say
from tests.bench.peers import setup
from tests.bench.peers.process import PeerError
from tests.bench.peers.report import Table
from tests.bench.peers.run import PEERS, ROWS, Plan, run


def _names(known: Sequence[str]) -> Callable[[object, object, str], tuple[str, ...]]:
    """Reads names with commas between; none means all."""

    def read(_context: object, _parameter: object, value: str) -> tuple[str, ...]:
        names = tuple(filter(None, value.split(",")))
        if unknown := [name for name in names if name not in known]:
            raise click.BadParameter(f"{', '.join(unknown)}: not one of {', '.join(known)}")
        return names or tuple(known)

    return read


@click.command()
@click.option("--var", type=click.Path(path_type=Path), required=True, help="city to measure")
@click.option("--home", type=click.Path(path_type=Path), default=setup.HOME, show_default=True)
@click.option("--setup", "only_setup", is_flag=True, help="install the peers, measure nothing")
@click.option("--measure", "only_measure", is_flag=True, help="measure, install nothing")
@click.option("--rows", callback=_names(ROWS), default="", help=",".join(ROWS))
@click.option("--peers", callback=_names(tuple(PEERS)), default="", help=",".join(PEERS))
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--seconds", type=click.FloatRange(0.1), default=2.0, show_default=True)
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--markdown", "markdown_file", type=click.Path(path_type=Path, dir_okay=False))
def main(
    var: Path,
    home: Path,
    only_setup: bool,
    only_measure: bool,
    rows: tuple[str, ...],
    peers: tuple[str, ...],
    rounds: int,
    seconds: float,
    json_file: Path | None,
    markdown_file: Path | None,
) -> None:
    """Measure the platform beside QGIS Server, TiPg, MapServer and stock pygeoapi."""
    os.umask(0o022)
    try:
        if not only_measure:
            setup.install(home, say)
        elif missing := setup.missing_parts(home):
            raise click.ClickException(f"not installed: {', '.join(missing)}; run with --setup")
        if only_setup:
            return

        def keep(table: Table) -> None:
            if json_file:
                told = json.dumps(table.told(), indent=2, ensure_ascii=False)
                json_file.write_text(told + "\n")
            if markdown_file:
                markdown_file.write_text(table.markdown())

        plan = Plan(var, home, rows, peers, rounds, seconds)
        click.echo(run(plan, keep, say).markdown())
    except (PeerError, BenchError) as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
