"""What several commands share: the instance, where to listen, the opened database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from gisserver.postgis import database_in_use
from gisserver.settings import var_folder

if TYPE_CHECKING:
    from sqlalchemy import Engine

Command = TypeVar("Command", bound=Callable[..., object])


def with_var(command: Command) -> Command:
    """Add the option that says which instance is meant."""
    return click.option(
        "--var",
        type=click.Path(path_type=Path, file_okay=False),
        help="本实例的数据目录 / folder of this instance's data [var/]",
        callback=lambda _context, _option, value: value.resolve() if value else var_folder(),
    )(command)


def with_server(command: Command) -> Command:
    """Add the options that say where to listen."""
    command = click.option("--port", default=8080, show_default=True, help="端口 / port")(command)
    return click.option("--host", default="127.0.0.1", show_default=True, help="地址 / address")(
        command
    )


@contextmanager
def opened(var: Path) -> Iterator[Engine]:
    """Engine of the instance's database, as owner of the tables, migrated."""
    from layers.core.database import connect_engine
    from layers.migrations import upgrade

    with database_in_use(var) as url:
        upgrade(url)
        engine = connect_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()
