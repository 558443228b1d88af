"""The command line: `./wangge up`, `load`, `export`, `synth`, `retention`, `user`, `db`, `serve`.

Commands only read their options and call the module that does the work; those modules are
imported inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType

import click

from gisserver.cli_bench import bench
from gisserver.cli_db import db
from gisserver.cli_options import opened, with_server, with_var
from gisserver.cli_positions import positions
from gisserver.cli_retention import retention
from gisserver.cli_user import user
from gisserver.memory import have_memory_given_back
from gisserver.postgis import PostgisError, database_in_use
from gisserver.settings import ServerSettings, SettingsError, secret_key
from gisserver.terminal import Meter


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """网格 / Wangge: a city's places, people and events on one map."""


cli.add_command(bench)
cli.add_command(db)
cli.add_command(positions)
cli.add_command(retention)
cli.add_command(user)


@cli.command()
@with_server
@with_var
@click.option("--no-demo", is_flag=True, help="不载入演示城市 / leave the database as it is")
def up(host: str, port: int, var: Path, no_demo: bool) -> None:
    """启动平台 / Build, start and serve everything; Ctrl-C stops it."""
    from gisserver.up import UpOptions
    from gisserver.up import up as run

    run(UpOptions(var=var, server=ServerSettings(host=host, port=port), demo=not no_demo))


@cli.command()
@with_server
@with_var
def serve(host: str, port: int, var: Path) -> None:
    """仅启动服务 / Serve a migrated database and do nothing else."""
    from gisserver.up import serve as run

    with database_in_use(var) as url:
        run(var, ServerSettings(host=host, port=port), url)


@cli.command()
@with_var
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--layer", help="图层名,默认自动识别 / layer, else recognised")
@click.option(
    "--crs", default="auto", show_default=True, help="wgs84, gcj02, bd09, cgcs2000, EPSG:n"
)
@click.option("--encoding", help="如 gb18030,默认自动识别 / else recognised")
@click.option("--dry-run", is_flag=True, help="仅检查 / check only")
@click.option("--partial", is_flag=True, help="逐图层写入 / keep what is good, layer by layer")
@click.option("--dem", is_flag=True, help="文件是高程模型 / the files are one elevation model")
@click.option("--vertical-datum", help="高程基准,用于 --dem / of --dem, else as the file says")
def load(
    var: Path,
    files: tuple[Path, ...],
    layer: str | None,
    crs: str,
    encoding: str | None,
    dry_run: bool,
    partial: bool,
    dem: bool,
    vertical_datum: str | None,
) -> None:
    """载入文件 / Load files; each is all or nothing."""
    if dem:
        if layer or encoding or partial:
            raise click.UsageError("--dem: --layer, --encoding, --partial are of other files")
        _load_dem(var, files, crs, vertical_datum, dry_run=dry_run)
        return
    if vertical_datum:
        raise click.UsageError("--vertical-datum: only with --dem")
    from etl.load import LoadError, LoadOptions, load_file
    from layers.core.sealing import Sealer

    options = LoadOptions(layer, crs, encoding, dry_run, partial, reports=var / "reports")
    failed = False
    with opened(var) as engine:
        for path in files:
            meter = Meter()
            try:
                report = load_file(engine, path, options, Sealer(secret_key(var)), meter.count)
            except LoadError as error:
                meter.close()
                click.echo(f"✗ {error}", err=True)
                failed = True
                continue
            meter.close()
            click.echo("\n".join(report.summary_lines()))
            failed = failed or bool(report.stopped)
    sys.exit(1 if failed else 0)


def _load_dem(
    var: Path, files: tuple[Path, ...], crs: str, vertical_datum: str | None, *, dry_run: bool
) -> None:
    from etl.dem import DemOptions, load_dem
    from etl.options import LoadError

    with opened(var) as engine:
        try:
            report = load_dem(engine, files, DemOptions(crs, vertical_datum, dry_run))
        except LoadError as error:
            raise click.ClickException(str(error)) from error
    click.echo("\n".join(report.summary_lines()))


@cli.command()
@with_var
@click.argument("layer")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export(var: Path, layer: str, file: Path) -> None:
    """导出图层 / Write a layer to .gpkg, .geojson, .fgb, .shp, .xlsx or .csv; people masked."""
    from etl.export import ExportError, export_layer
    from layers.catalogue import layer_by_name

    with opened(var) as engine:
        try:
            rows = export_layer(engine, layer_by_name(layer), file)
        except ExportError as error:
            raise click.ClickException(str(error)) from error
    click.echo(f"✓ {file}: {rows:,}")


@cli.command()
@with_var
@click.option("--scale", type=click.Choice(["demo", "district"]), default="demo", show_default=True)
@click.option("--seed", default=1, show_default=True, help="同种子同城市 / same seed, same city")
@click.option("--replace", is_flag=True, help="替换已有的 / replace the one that is there")
@click.option(
    "--over",
    type=click.Choice(["loaded"]),
    help="填充已载入的真实楼栋 / fill loaded real buildings with invented homes",
)
def synth(var: Path, scale: str, seed: int, replace: bool, over: str | None) -> None:
    """生成虚拟城市 / Make a city that does not exist."""
    from etl.synth import SynthError, build, build_over
    from layers.core.sealing import Sealer

    meter = Meter()
    with opened(var) as engine:
        try:
            sealer = Sealer(secret_key(var))
            if over:
                report = build_over(engine, seed=seed, sealer=sealer, progress=meter.share)
            else:
                report = build(
                    engine,
                    scale=scale,
                    seed=seed,
                    sealer=sealer,
                    progress=meter.share,
                    replace=replace,
                )
        except SynthError as error:
            raise click.ClickException(str(error)) from error
        finally:
            meter.close()
    for name, rows in report.rows.items():
        click.echo(f"{rows:>12,}  {name}")
    click.echo(
        f"{report.total_rows:>12,}  {report.seconds:.0f} s, {report.peak_mebibytes:,.0f} MiB; "
        f"写入 / load {report.load_rows_per_second:,.0f} rows/s"
    )
    click.echo(
        f"对比裸 COPY / against bare COPY: {report.load_against_table:.2f} × 同类表 / same tables, "
        f"{report.load_against_heap:.2f} × 无索引无约束 / no index, no key"
    )


@cli.command()
@click.option("--check", is_flag=True, help="仅核对 / only say whether they are up to date")
def contract(check: bool) -> None:
    """生成前端类型 / Write the viewer's types from the catalogue."""
    from gisserver.contract import stale_files, write_contract

    if not check:
        for path in write_contract():
            click.echo(f"✓ {path}")
    elif stale := stale_files():
        raise click.ClickException(
            f"过期,请运行 / out of date, run ./wangge contract: {', '.join(stale)}"
        )


def main() -> None:
    """Run the command line; what a person can put right is told in one line, without a trace."""
    have_memory_given_back()
    from gisserver.up import UpError
    from gisserver.viewer_build import ViewerBuildError
    from layers.core.errors import LayerError

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        cli(prog_name="./wangge")
    except (SettingsError, PostgisError, UpError, ViewerBuildError, LayerError) as error:
        click.echo(f"✗ {error}", err=True)
        sys.exit(1)
    except PermissionError as error:
        click.echo(f"✗ 没有权限 / no permission: {error.filename}", err=True)
        sys.exit(1)


def _leave(number: int, _frame: FrameType | None) -> None:
    """End like a finished program, so that what was started is stopped."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
