"""A bare Flask route that passes on what the database makes, without rights, rules or cache.

The module is both the contender and, served by granian in pygeoapi's environment, the app.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gisserver.settings import ROOT
from tests.bench.peers.load import Address
from tests.bench.peers.plain import Place
from tests.bench.peers.process import free_port, running
from tests.bench.peers.questions import Box, Deep, First, Item, Narrow, Question, Row, Square
from tests.bench.peers.server import PROCESSES, Peer, Running, answers

THREADS = 8


class Passthrough(Peer):
    """Flask, psycopg2 and nothing else."""

    name = "Flask pass-through"

    @contextmanager
    def serve(self, home: Path, folder: Path, place: Place) -> Iterator[Running]:
        port = free_port()
        environment = {
            "PGHOST": place.host,
            "PGPORT": str(place.port),
            "PGUSER": place.user,
            "PGPASSWORD": place.password,
            "PGDATABASE": place.database,
            "PYTHONPATH": str(ROOT),
        }
        command = [
            str(Path(sys.executable).parent / "granian"),
            "--interface=wsgi",
            f"--port={port}",
            f"--workers={PROCESSES}",
            f"--blocking-threads={THREADS}",
            "--workers-kill-timeout=3",
            "--log-level=warning",
            "tests.bench.peers.passthrough_app:app",
        ]
        address = Address(port)
        with running(command, environment, folder, lambda: answers(address, "/first")) as process:
            yield Running(address, process)

    def path(self, row: Row, question: Question) -> str | None:
        if row is Row.WARM:
            return None
        match question:
            case First():
                return "/first"
            case Box(west, south, east, north):
                return f"/box/{west}/{south}/{east}/{north}"
            case Item(id_):
                return f"/item/{id_}"
            case Deep(offset, _):
                return f"/deep/{offset}"
            case Narrow(polygon):
                return f"/filter/{polygon.replace(' ', '%20')}"
            case Square(z, x, y):
                return f"/tile/{z}/{x}/{y}"
