"""From a checkout to a city on the map: what `./wangge up` does once Python is there."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import MPServer as Granian

from gisserver.memory import settle_memory
from gisserver.postgis import database_in_use
from gisserver.process import die_with_parent
from gisserver.settings import ServerSettings, Settings, read_settings, secret_key
from gisserver.terminal import Meter, say, step
from gisserver.viewer_build import build_viewer

if TYPE_CHECKING:
    from flask import Flask

ACCOUNTS_FILE = "demo-accounts.json"
STOP_SECONDS = 3  # open event streams never end by themselves
PARENT = "WANGGE_SERVER_PROCESS"


class UpError(RuntimeError):
    """The platform cannot start; the message says why and what to do."""


@dataclass(frozen=True)
class UpOptions:
    """What `./wangge up` was asked for."""

    var: Path
    server: ServerSettings
    demo: bool = True


def up(options: UpOptions) -> None:
    """Build, start, migrate, fill, serve; returns after Ctrl-C with everything stopped."""
    refuse_taken_port(options.server)
    secret_key(options.var)
    with step("页面 / viewer"):
        build_viewer(say)
    with prepared_database(options) as url:
        serve(options.var, options.server, url)
        say("正在停止 / stopping")
    say("已停止 / stopped")


@contextmanager
def prepared_database(options: UpOptions) -> Iterator[str]:
    """Address of the running, migrated and, unless refused, demo-filled database."""
    with ExitStack() as running:
        with step("数据库 / database"):
            url = running.enter_context(database_in_use(options.var))
        with step("表结构 / migrations"):
            migrate(url)
        if options.demo:
            load_demo(url, options.var)
        yield url


def migrate(url: str) -> None:
    """Bring the database to the newest migration."""
    from layers.migrations import upgrade

    upgrade(url)


def load_demo(url: str, var: Path) -> None:
    """Build the demo city and its accounts when the database holds no city yet."""
    from etl.synth import build
    from gisserver.auth.demo import create_demo_accounts
    from layers.core.database import connect_engine
    from layers.core.sealing import Sealer

    engine = connect_engine(url)
    try:
        if holds_no_city(url):
            (var / ACCOUNTS_FILE).unlink(missing_ok=True)  # of a database that is no more
            meter = Meter()
            with step("演示城市 / demo city"), closing(meter):
                sealer = Sealer(secret_key(var))
                build(
                    engine,
                    scale="demo",
                    seed=1,
                    sealer=sealer,
                    progress=meter.share,
                    today=datetime.now(UTC).date(),
                )
        if not (var / ACCOUNTS_FILE).exists():
            with step("演示账号 / demo accounts"):
                create_demo_accounts(engine, var)
    finally:
        engine.dispose()  # the server's worker is forked off and must not share connections


def holds_no_city(url: str) -> bool:
    """Whether no area has been loaded yet."""
    from sqlalchemy import create_engine, text

    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return not connection.execute(
                text("SELECT EXISTS (SELECT FROM territory.area)")
            ).scalar_one()
    finally:
        engine.dispose()


def serve(var: Path, server: ServerSettings, url: str) -> None:
    """Serve the platform over a migrated database until a signal; says where, once it answers."""
    os.environ.update(
        {
            "DATABASE_URL": url,
            "WANGGE_VAR": str(var),
            "WANGGE_HOST": server.host,
            "WANGGE_PORT": str(server.port),
            PARENT: str(os.getpid()),
        }
    )
    Server(
        "gisserver.up:worker_app",
        factory=True,
        address=server.host,
        port=server.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=server.threads,
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    ).serve()


class Server(Granian):
    """Granian that stops, not reloads, when its terminal is closed."""

    def signal_handler_reload(self, *args: object, **kwargs: object) -> None:
        """Treat a hang-up as Ctrl-C."""
        self.signal_handler_interrupt(*args, **kwargs)  # type: ignore[no-untyped-call]


def worker_app() -> Flask:
    """Make the app inside a worker process; it answers from here on, so say where."""
    die_with_parent(int(os.environ[PARENT]))
    from gisserver.app import create_app
    from gisserver.context import EXTENSION

    settings = read_settings()
    app = create_app(settings)
    app.extensions[EXTENSION].keeper.start()
    settle_memory()
    print(welcome(settings), flush=True)
    return app


def welcome(settings: Settings) -> str:
    """What a person needs to begin: the address and who can sign in."""
    lines = ["", f"  网格 Wangge  {settings.server.address}", ""]
    accounts = settings.paths.var / ACCOUNTS_FILE
    if accounts.exists():
        lines.append(f"  演示账号 / demo accounts ({accounts}):")
        lines += [
            f"    {account['login']:<12}{account['password']:<20}"
            f"{account['role']:<12}{account['area']}"
            for account in json.loads(accounts.read_text())
        ]
    else:
        lines.append("  新建账号 / make an account: ./wangge user add LOGIN --role admin")
    lines.append("")
    lines.append("  Ctrl-C 停止 / stops")
    return "\n".join(lines)


def refuse_taken_port(server: ServerSettings) -> None:
    """Raise UpError when somebody else listens there already."""
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((server.host, server.port))
        except OSError as error:
            raise UpError(
                f"{server.host}:{server.port} 无法监听 / cannot listen: {error.strerror}; "
                "choose another with --port"
            ) from error
