"""TiPg as its documentation runs it: uvicorn with a worker for each core."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, quote_plus

from tests.bench.peers.load import Address
from tests.bench.peers.plain import Place
from tests.bench.peers.process import free_port, running
from tests.bench.peers.questions import (
    LEVELS,
    MOST,
    PAGE,
    USAGE,
    Box,
    Deep,
    First,
    Item,
    Narrow,
    Question,
    Row,
    Square,
)
from tests.bench.peers.server import PROCESSES, Peer, Running, answers

_ITEMS = "/collections/public.building/items"


class Tipg(Peer):
    """TiPg."""

    name = "TiPg"

    @contextmanager
    def serve(self, home: Path, folder: Path, place: Place) -> Iterator[Running]:
        port = free_port()
        user = f"{quote_plus(place.user)}:{quote_plus(place.password or 'none')}"
        host = f"{quote_plus(place.host)}:{place.port}"
        environment = {
            "DATABASE_URL": f"postgresql://{user}@{host}/{place.database}",
            "TIPG_DB_SCHEMAS": '["public"]',
            "TIPG_DB_FUNCTIONS": "[]",
            # A tile that leaves buildings out would be no answer.
            "TIPG_MAX_FEATURES_PER_TILE": "1000000",
        }
        command = [
            str(home / "tipg/bin/uvicorn"),
            "tipg.main:app",
            f"--port={port}",
            f"--workers={PROCESSES}",
            "--log-level=warning",
            "--no-access-log",
        ]
        address = Address(port)
        ready = f"{_ITEMS}?limit=1"
        with running(command, environment, folder, lambda: answers(address, ready)) as process:
            yield Running(address, process)

    def path(self, row: Row, question: Question) -> str | None:
        match question:
            case First():
                return f"{_ITEMS}?limit={PAGE}"
            case Box():
                return f"{_ITEMS}?limit={MOST}&bbox={question.text}"
            case Item():
                return f"{_ITEMS}/{question.id}"
            case Deep():
                return f"{_ITEMS}?limit={PAGE}&offset={question.offset}"
            case Narrow():
                wanted = (
                    f"levels > {LEVELS} AND usage = '{USAGE}' "
                    f"AND S_INTERSECTS(geom, {question.polygon})"
                )
                return f"{_ITEMS}?limit={MOST}&filter-lang=cql2-text&filter={quote(wanted)}"
            case Square(z, x, y):
                return f"/collections/public.building/tiles/WebMercatorQuad/{z}/{x}/{y}"
