"""`./wangge positions`: how long positions are kept."""

from __future__ import annotations

from pathlib import Path

import click

from gisserver.cli_options import opened, with_var


@click.group()
def positions() -> None:
    """定位 / Positions of staff on duty and vehicles."""


@positions.command("drop")
@with_var
@click.option(
    "--keep",
    "days",
    type=click.IntRange(min=1),
    required=True,
    help="保留天数 / days that are kept",
)
@click.option("--dry-run", is_flag=True, help="仅列出 / only tell what would be dropped")
def drop(var: Path, days: int, dry_run: bool) -> None:
    """删除过期定位 / Drop positions of days longer ago; noted in the audit log."""
    from layers.core.database import owner_transaction
    from layers.patrol.retention import drop_old_days

    with opened(var) as engine, owner_transaction(engine) as connection:
        dropped = drop_old_days(connection, days, dry_run=dry_run)
    for each in dropped:
        click.echo(f"{each.day}  {each.fixes:>12,}  {each.bytes / 1024 / 1024:>9,.1f} MiB")
    done = "将删除 / would drop" if dry_run else "已删除 / dropped"
    click.echo(f"{done}: {len(dropped)} 天 / days, {sum(each.fixes for each in dropped):,}")
