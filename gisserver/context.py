"""What a request works with: the services of the app and the reader who asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import current_app
from sqlalchemy import Connection, Engine

from layers.core.change import Tools
from layers.core.database import OneTrip, reader_transaction
from layers.core.errors import Forbidden
from layers.core.quotas import QuotaSpent, record_refusal
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.sealing import Sealer

if TYPE_CHECKING:
    from gisserver.auth.guard import Auth
    from gisserver.codes import CodeBook
    from gisserver.counts import Kept
    from gisserver.due import Due
    from gisserver.intake.devices import DeviceBook
    from gisserver.intake.keeper import Keeper
    from gisserver.intake.writer import Writer
    from gisserver.live.hub import Hub
    from gisserver.live.listener import Listener
    from gisserver.live.positions import PositionBoard
    from gisserver.live.versions import Versions
    from gisserver.live.walls import Walls
    from gisserver.metrics import Metrics
    from gisserver.ogc.extents import Extents
    from gisserver.processes.runner import JobRunner
    from gisserver.settings import Settings
    from gisserver.tiles.maker import TileMaker
    from layers.patrol.intake import Intake

EXTENSION = "wangge"


@dataclass(frozen=True)
class Services:
    """Everything made once per process by `create_app`; `codes(table)` gives its valid codes."""

    engine: Engine
    trips: Engine
    sealer: Sealer
    codes: CodeBook
    counts: Kept
    extents: Extents
    auth: Auth
    hub: Hub
    versions: Versions
    walls: Walls
    board: PositionBoard
    devices: DeviceBook
    intake: Intake
    writer: Writer
    keeper: Keeper
    due: Due
    jobs: JobRunner
    listener: Listener
    tiles: TileMaker
    metrics: Metrics
    settings: Settings
    viewer_dist: Path

    @property
    def tools(self) -> Tools:
        """What `apply_change` needs to check and seal values."""
        return Tools(codes=self.codes, sealer=self.sealer)


def services() -> Services:
    """The services of the app that answers this request."""
    return cast(Services, current_app.extensions[EXTENSION])


def current_reader() -> Reader:
    """Who asks.

    Raises: Unauthenticated (401) when nobody is signed in.
    """
    return services().auth.current().reader


@contextmanager
def reader_connection(*, streams: bool = False) -> Iterator[Connection]:
    """One transaction within the scope of who asks; committed at the end of the block.

    `streams` is needed to read rows as they come (`stream_results`).
    """
    with reader_transaction(services().engine, current_reader(), streams=streams) as connection:
        yield connection


@contextmanager
def counted_connection() -> Iterator[Connection]:
    """Like `reader_connection`, for looks under a quota: a refusal is told to the auditor.

    Raises: QuotaSpent (429), after its line is committed.
    """
    try:
        with reader_connection() as connection:
            yield connection
    except QuotaSpent as refused:
        with reader_connection() as connection:
            record_refusal(connection, current_reader(), refused)
        raise


def one_trip() -> OneTrip:
    """Asks single statements within the scope of who asks, each in one round trip."""
    return OneTrip(services().trips, current_reader())


def require(right: Right) -> Reader:
    """Who asks, when the right is held in at least one area.

    Raises: Unauthenticated (401); Forbidden (403) without the right.
    """
    reader = current_reader()
    if right not in reader.rights:
        raise Forbidden(f"this needs the right {right.value}")
    return reader
