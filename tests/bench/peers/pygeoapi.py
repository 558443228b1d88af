"""pygeoapi as it comes, with its PostgreSQL and MVT providers, served by granian."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

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

_ITEMS = "/collections/building/items"
THREADS = 8
TILE_ZOOM = 16
"""Below it a tile takes ten seconds and more."""
TILES = 8


class Pygeoapi(Peer):
    """Stock pygeoapi."""

    name = "pygeoapi"

    @contextmanager
    def serve(self, home: Path, folder: Path, place: Place) -> Iterator[Running]:
        port = free_port()
        binaries = home / "pygeoapi/bin"
        configuration, openapi = folder / "configuration.yml", folder / "openapi.yml"
        # JSON is YAML.
        configuration.write_text(json.dumps(_configuration(port, place)))
        openapi.write_text(json.dumps({"openapi": "3.0.2", "info": {"title": "", "version": ""}}))
        environment = {"PYGEOAPI_CONFIG": str(configuration), "PYGEOAPI_OPENAPI": str(openapi)}
        command = [
            str(binaries / "granian"),
            "--interface=wsgi",
            f"--port={port}",
            f"--workers={PROCESSES}",
            f"--blocking-threads={THREADS}",
            "--workers-kill-timeout=3",
            "--log-level=warning",
            "pygeoapi.flask_app:APP",
        ]
        address = Address(port)
        ready = f"{_ITEMS}?limit=1&f=json"
        with running(command, environment, folder, lambda: answers(address, ready)) as process:
            yield Running(address, process)

    def path(self, row: Row, question: Question) -> str | None:
        match question:
            case First():
                return f"{_ITEMS}?f=json&limit={PAGE}"
            case Box():
                return f"{_ITEMS}?f=json&limit={MOST}&bbox={question.text}"
            case Item():
                return f"{_ITEMS}/{question.id}?f=json"
            case Deep():
                return f"{_ITEMS}?f=json&limit={PAGE}&offset={question.offset}"
            case Narrow():
                wanted = (
                    f"levels > {LEVELS} AND usage = '{USAGE}' "
                    f"AND INTERSECTS(geom, {question.polygon})"
                )
                return f"{_ITEMS}?f=json&limit={MOST}&filter={quote(wanted)}"
            case Square(z, x, y):
                if row is not Row.COLD or z != TILE_ZOOM:
                    return None
                return f"/collections/building/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt"

    def asked(self, row: Row, questions: tuple[Question, ...]) -> tuple[str, ...]:
        paths = super().asked(row, questions)
        return paths[:TILES] if row is Row.COLD else paths


def _configuration(port: int, place: Place) -> dict[str, Any]:
    text = {"en": "peers"}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": f"http://127.0.0.1:{port}",
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "languages": ["en-US"],
            "pretty_print": False,
            "gzip": False,
            "limits": {"default_items": 10, "max_items": 10_000},
            "map": {"url": "http://127.0.0.1/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": text,
                "description": text,
                "keywords": {"en": ["peers"]},
                "keywords_type": "theme",
                "terms_of_service": "none",
                "url": "http://127.0.0.1",
            },
            "license": {"name": "none", "url": "http://127.0.0.1"},
            "provider": {"name": "peers", "url": "http://127.0.0.1"},
            "contact": {"name": "peers", "email": "nobody@example.org"},
        },
        "resources": {
            "building": _collection(
                place, "building", [_provider(place, "building"), _tiles(place)]
            ),
            "component": _collection(place, "component", [_provider(place, "component")]),
        },
    }


def _collection(place: Place, title: str, providers: list[dict[str, Any]]) -> dict[str, Any]:
    text = {"en": title}
    crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    return {
        "type": "collection",
        "title": text,
        "description": text,
        "keywords": {"en": [title]},
        "links": [],
        "extents": {"spatial": {"bbox": [-180, -90, 180, 90], "crs": crs84}},
        "providers": providers,
    }


def _provider(place: Place, table: str) -> dict[str, Any]:
    return {
        "type": "feature",
        "name": "PostgreSQL",
        "data": {
            "host": place.host,
            "port": place.port,
            "dbname": place.database,
            "user": place.user,
            "password": place.password,
            "search_path": ["public"],
        },
        "id_field": "id",
        "table": table,
        "geom_field": "geom",
    }


def _tiles(place: Place) -> dict[str, Any]:
    return {
        **_provider(place, "building"),
        "type": "tile",
        "name": "MVT-postgresql",
        "storage_crs": "http://www.opengis.net/def/crs/EPSG/0/4326",
        "options": {"zoom": {"min": 0, "max": 22}},
        "format": {"name": "pbf", "mimetype": "application/vnd.mapbox-vector-tile"},
    }
