"""GDAL as a client, and filters in the words in which QGIS writes them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from tests.gisserver.ogc.conftest import PASSWORD, SOUTH, WEST, ask

# In a process of its own: GDAL holds Python still while it waits for the answer.
READ = """
import json, sys, pyogrio
address, where, options = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": sys.argv[4], "GDAL_HTTP_AUTH": "BASIC"})
found = pyogrio.read_dataframe(
    f"OAPIF:{address}/ogc/collections/buildings", where=where or None, **options
)
print(json.dumps([sorted(found["name"]), {name: str(kind) for name, kind in found.dtypes.items()}]))
"""


@pytest.fixture
def asked(city: Flask) -> Iterator[tuple[str, list[str]]]:
    """Address of the server and the items that were asked of it."""
    addresses: list[str] = []

    def note() -> None:
        if request.path.endswith("/items"):
            addresses.append(request.full_path)

    server = make_server("127.0.0.1", 0, _noting(city, note), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}", addresses
    server.shutdown()
    thread.join(timeout=10)


def _noting(app: Flask, note: Any) -> Any:
    def answer(environment: Any, start: Any) -> Any:
        with app.request_context(environment):
            note()
        return app(environment, start)

    return answer


def read(address: str, where: str, options: Any = None) -> tuple[list[str], dict[str, str]]:
    """Names of the buildings that GDAL gives, and the types of its columns."""
    words = [READ, address, where, json.dumps(options or {}), f"chief:{PASSWORD}"]
    done = subprocess.run(
        [sys.executable, "-c", *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    names, types = json.loads(done.stdout.splitlines()[-1])
    return names, types


@pytest.mark.parametrize(
    ("where", "count", "sent"),
    [
        ("levels = 3", 8, {"levels": ["3"]}),
        ("levels = 3 AND usage = 'B1'", 8, {"levels": ["3"], "usage": ["B1"]}),
        ("name = '7号楼' AND levels > 1", 1, {"name": ["7号楼"]}),
        ("levels > 3", 24, {}),
        ("levels IN (1, 6) OR name = '7号楼'", 18, {}),
        ("levels IS NULL", 0, {}),
    ],
)
def test_gdal_sends_what_is_equal_and_gets_all_of_it(
    asked: tuple[str, list[str]], where: str, count: int, sent: dict[str, list[str]]
) -> None:
    """GDAL 3.12 knows queryables, not CQL2: it sends equality and judges the rest itself."""
    address, addresses = asked
    names, _ = read(address, where)
    assert len(names) == len(set(names)) == count
    question = parse_qs(urlsplit(addresses[-1]).query)
    own = {"f", "limit", "crs", "after"}
    assert {name: words for name, words in question.items() if name not in own} == sent


def test_gdal_reads_the_types_of_the_schema(asked: tuple[str, list[str]]) -> None:
    _, types = read(asked[0], "")
    assert types["levels"].lower().startswith("int")
    assert types["updated_at"].startswith("datetime64")
    assert types["levels_estimated"] in ("bool", "boolean", "object")


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        ('(("levels" > 3) AND ("name" LIKE \'1%\'))', 5),
        ('(NOT ("levels" = 3))', 42),
        ("(\"name\" IN ('1号楼','2号楼'))", 2),
        ('("levels" BETWEEN 2 AND 3)', 17),
        ("(CASEI(\"usage\") LIKE CASEI('b%'))", 50),
        ('("height" IS NULL)', 50),
        ("(\"updated_at\" >= TIMESTAMP('2020-01-01T00:00:00.000Z'))", 50),
        ("(\"valid_from\" = DATE('2020-01-01'))", 0),
        (f'S_INTERSECTS("geom",BBOX({WEST},{SOUTH},{WEST + 0.01},{SOUTH + 0.01}))', 25),
        (
            f'S_WITHIN("geom",Polygon (({WEST} {SOUTH}, {WEST + 1} {SOUTH}, {WEST} 34, '
            f"{WEST} {SOUTH})))",
            50,
        ),
    ],
)
def test_filters_as_qgis_writes_them(client: FlaskClient, expression: str, count: int) -> None:
    """Names in double quotes, each part in parentheses."""
    crs = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    path = f"/collections/buildings/items?limit=1000&filter={quote(expression)}"
    page = ask(client, f"{path}&filter-lang=cql2-text&filter-crs={crs}&crs={crs}")
    assert page["numberMatched"] == len(page["features"]) == count
