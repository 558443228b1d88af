"""The command `./wangge bench`."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gisserver.cli_options import with_var
from gisserver.settings import secret_key


@click.command()
@with_var
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="结果另存为 JSON / also write the figures as JSON",
)
def bench(var: Path, json_file: Path | None) -> None:
    """性能测试 / Measure HTTP beside the bare SQL of the same questions; nothing is changed."""
    from gisserver.bench.run import run_bench
    from gisserver.bench.server import BenchError
    from gisserver.postgis import database_in_use
    from gisserver.terminal import say
    from layers.core.database import connect_engine
    from layers.migrations import upgrade

    with database_in_use(var) as url:
        upgrade(url)
        engine = connect_engine(url)
        try:
            report = run_bench(engine, url, secret_key(var), say)
        except BenchError as error:
            raise click.ClickException(str(error)) from error
        finally:
            engine.dispose()
    click.echo("\n".join(report.lines()))
    if json_file:
        json_file.write_text(json.dumps(report.told(), indent=2, ensure_ascii=False) + "\n")
