"""Is it alive, and what is it doing: for the launcher, load balancers and Prometheus."""

from __future__ import annotations

from ipaddress import ip_address

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from gisserver.context import services
from gisserver.errors import problem
from gisserver.parameters import take_parameters
from layers.core.errors import Forbidden

blueprint = Blueprint("health", __name__)

LIMIT = {"connect_timeout": 1, "options": "-c statement_timeout=1000"}


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 when the database answers within a second, else 503.

    Asked on a connection of its own: a full pool is busy, not dead.
    """
    take_parameters(request)
    url = services().settings.database.url
    engine = create_engine(url, poolclass=NullPool, connect_args=LIMIT)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError:
        return problem(503, "Database does not answer", "no answer within one second")
    return jsonify({"status": "ok"})


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus figures, for callers on this machine."""
    take_parameters(request)
    if not _is_local():
        raise Forbidden("figures are given to callers on this machine only")
    house = services()
    body = house.metrics.text(house.hub.open_streams)
    return Response(body, content_type="text/plain; version=0.0.4; charset=utf-8")


def _is_local() -> bool:
    """Whether the caller itself, not a proxy for somebody else, is on this machine."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
