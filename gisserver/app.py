"""The one Flask app, and the only place that wires its parts."""

from __future__ import annotations

import atexit
from datetime import date, datetime
from typing import Any

from flask import Flask, request
from flask.json.provider import DefaultJSONProvider

from gisserver import health, viewer
from gisserver.answers import WithSecurityHeaders, register_answers
from gisserver.api import BLUEPRINTS
from gisserver.auth.guard import Auth
from gisserver.auth.request_rate import RequestRate
from gisserver.codes import CodeBook
from gisserver.context import EXTENSION, Services, services
from gisserver.counts import Kept
from gisserver.due import Due
from gisserver.errors import register_errors
from gisserver.intake.devices import DeviceBook
from gisserver.intake.doorway import Doorway
from gisserver.intake.keeper import Keeper
from gisserver.intake.writer import Writer
from gisserver.live import stream
from gisserver.live.hub import Hub
from gisserver.live.listener import Listener
from gisserver.live.positions import PositionBoard
from gisserver.live.versions import Versions
from gisserver.live.walls import Walls
from gisserver.metrics import Metrics
from gisserver.ogc.blueprint import create_blueprint as create_ogc
from gisserver.ogc.extents import Extents
from gisserver.processes.runner import JobRunner
from gisserver.settings import Settings
from gisserver.tiles import routes as tiles
from gisserver.tiles.maker import TileMaker
from layers.core.database import connect_engine
from layers.core.sealing import Sealer
from layers.patrol.intake import Intake

LARGEST_BODY = 16 * 1024 * 1024
# What answers without signing in; everything else is 401, also what does not exist.
OPEN_ENDPOINTS = frozenset(
    {
        "viewer.index",
        "viewer.asset",
        "viewer.top_file",
        "health.healthz",
        "health.metrics",
        "session.sign_in",
        # Devices: their token is in what they send.
        "positions.take",
        "positions.take_batch",
    }
)


class Json(DefaultJSONProvider):
    """JSON in the order given, readable characters, dates in ISO 8601."""

    sort_keys = False
    ensure_ascii = False
    compact = True

    @staticmethod
    def default(o: Any) -> Any:
        """Dates as ISO 8601; all else as Flask does."""
        return o.isoformat() if isinstance(o, date | datetime) else DefaultJSONProvider.default(o)


def create_app(settings: Settings) -> Flask:
    """The app over a migrated database; starts this process's listener for changes."""
    app = Flask("gisserver", static_folder=None)
    app.json = Json(app)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.strict_slashes = False
    house = app.extensions[EXTENSION] = _services(settings)
    register_answers(app)
    app.before_request(_admit)
    register_errors(app)
    rooms = (health.blueprint, viewer.blueprint, create_ogc(), tiles.blueprint, stream.blueprint)
    for blueprint in (*rooms, *BLUEPRINTS):
        app.register_blueprint(blueprint)
    app.wsgi_app = Doorway(WithSecurityHeaders(app.wsgi_app), house)  # type: ignore[method-assign]
    house.listener.start()
    house.board.start()
    house.due.start()
    house.jobs.start(app)
    atexit.register(close_app, app)
    return app


def close_app(app: Flask) -> None:
    """Stop what the app started and close its connections; it answers no more."""
    house: Services = app.extensions[EXTENSION]
    house.writer.stop()
    house.keeper.stop()
    house.board.stop()
    house.due.stop()
    house.jobs.stop()
    house.listener.stop()
    house.engine.dispose()
    house.trips.dispose()


def _services(settings: Settings) -> Services:
    url, pool_size = settings.database.url, settings.database.pool_size
    engine = connect_engine(url, pool_size=pool_size)
    trips = connect_engine(url, pool_size=max(pool_size // 2, 1), of_trips=True)
    rate = RequestRate(settings.rate.per_second, settings.rate.burst)
    codes = CodeBook(engine)
    auth, hub, versions, walls = Auth(engine, rate), Hub(), Versions(engine), Walls(engine)
    board, devices = PositionBoard(engine, hub), DeviceBook(engine)
    intake = Intake(engine, lambda: (versions.current("grids"), versions.current("areas")))

    def forget_accounts() -> None:
        auth.cache.clear()
        devices.cache.clear()

    return Services(
        engine=engine,
        trips=trips,
        sealer=Sealer(settings.secrets.key),
        codes=codes,
        counts=Kept(),
        extents=Extents(),
        auth=auth,
        hub=hub,
        versions=versions,
        walls=walls,
        board=board,
        devices=devices,
        intake=intake,
        writer=Writer(intake),
        keeper=Keeper(engine, devices),
        due=Due(engine),
        jobs=JobRunner(engine, codes, settings.jobs.workers),
        listener=Listener(engine, hub, versions, walls, board, forget_accounts),
        tiles=TileMaker(trips, versions, settings.tiles.cache_bytes),
        metrics=Metrics(),
        settings=settings,
        viewer_dist=settings.paths.viewer,
    )


def _admit() -> None:
    if request.endpoint not in OPEN_ENDPOINTS:
        services().auth.admit()
