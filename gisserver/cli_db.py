"""`./wangge db`: the tables of an instance."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from gisserver.cli_options import with_var
from gisserver.postgis import database_in_use


@click.group()
def db() -> None:
    """数据库 / The instance's database."""


@db.command("upgrade")
@with_var
def db_upgrade(var: Path) -> None:
    """升级表结构 / Bring the tables to this version."""
    from layers.migrations import upgrade

    with database_in_use(var) as url:
        upgrade(url)
    click.echo("✓ 已是最新 / up to date")


@db.command("check")
@with_var
def db_check(var: Path) -> None:
    """核对表结构 / Fail when tables and declarations differ."""
    from alembic.util import CommandError

    from layers.migrations import check

    with database_in_use(var) as url:
        try:
            check(url)
        except CommandError as error:
            raise click.ClickException(str(error)) from error


@db.command("revision")
@with_var
@click.argument("message")
def db_revision(var: Path, message: str) -> None:
    """起草迁移脚本 / Draft a migration from what differs."""
    from alembic import command

    from layers.migrations import configuration, upgrade

    with database_in_use(var) as url:
        upgrade(url)
        command.revision(configuration(url), message=message, autogenerate=True)


@db.command("shell")
@with_var
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def db_shell(var: Path, arguments: tuple[str, ...]) -> None:
    """打开 psql / Open psql; give it arguments after `--`."""
    with database_in_use(var) as url:
        plain = url.replace("postgresql+psycopg2://", "postgresql://", 1)
        finished = subprocess.run(["psql", plain, *arguments], check=False)
    sys.exit(finished.returncode)
