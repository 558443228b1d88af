"""QGIS itself, without a screen: layers, counts, boxes, styles, tiles and the project.

Run by `./wangge test --clients`, which installs QGIS; the other tests do without.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

READER = Path(__file__).with_name("qgis_reader.py")
# The Python for which Debian installs QGIS.
PYTHON = "/usr/bin/python3"
SECONDS = 300

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def account(city_accounts: Path) -> dict[str, Any]:
    """The demo city's commander, who sees the whole of it."""
    accounts = json.loads(city_accounts.read_text())
    return next(each for each in accounts if each["role"] == "commander")


@pytest.fixture(scope="module")
def told(
    city_server: str, account: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What QGIS says of the demo city's server."""
    folder = tmp_path_factory.mktemp("qgis")
    address, login, password = f"{city_server}/ogc", account["login"], account["password"]
    for path, file in (
        ("qgis-project", "project.qgs"),
        ("styles/buildings?f=sld11", "buildings.sld"),
        ("styles/wangge?f=mapbox", "style.json"),
    ):
        (folder / file).write_bytes(fetched(f"{address}/{path}", login, password))
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(folder),
        "QGIS_AUTH_DB_DIR_PATH": str(folder),
        "HOME": str(folder),
    }
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [PYTHON, str(READER), address, login, password, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    file = folder / "told.json"
    assert file.exists(), f"QGIS ended with {done.returncode}: {done.stderr[-3000:]}"
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def fetched(address: str, login: str, password: str) -> bytes:
    """The body of an answer."""
    asked = urllib.request.Request(address)
    packed = base64.b64encode(f"{login}:{password}".encode()).decode()
    asked.add_header("Authorization", f"Basic {packed}")
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return bytes(answer.read())


def counted(engine: Engine, condition: str = "TRUE", **values: Any) -> int:
    """Buildings in the database."""
    with engine.connect() as connection:
        statement = text(f"SELECT count(*) FROM housing.building WHERE {condition}")
        return int(connection.execute(statement, values).scalar_one())


def test_a_collection_is_a_layer_with_typed_fields(told: dict[str, Any]) -> None:
    layer = told["layer"]
    assert layer["valid"]
    assert layer["fields"]["levels"].lower() in ("integer", "integer64")
    assert layer["fields"]["name"].lower() == "string"


def test_all_features_are_counted_and_read_once(told: dict[str, Any], city_engine: Engine) -> None:
    rows = counted(city_engine)
    assert told["layer"]["count"] == told["layer"]["read"] == rows > 1000, "more than one page"


def test_a_box_and_an_expression_find_what_the_database_finds(
    told: dict[str, Any], city_engine: Engine
) -> None:
    west, south, east, north = told["layer"]["box"]
    inside = "ST_Intersects(geom, ST_MakeEnvelope(:west, :south, :east, :north, 4326))"
    box = {"west": west, "south": south, "east": east, "north": north}
    assert told["layer"]["in_box"] == counted(city_engine, inside, **box)
    high = counted(city_engine, f"{inside} AND levels > 10", **box)
    assert told["layer"]["high_in_box"] == high > 0


def test_without_an_account_nothing_opens(told: dict[str, Any]) -> None:
    assert not told["refused"]
    assert not told["hidden"]


def test_the_sld_draws_a_building_by_its_use(told: dict[str, Any]) -> None:
    assert told["sld"]["read"], told["sld"]["message"]
    assert told["sld"]["rules"] > 5
    assert told["drawn"] > 5


def test_vector_tiles_are_drawn(told: dict[str, Any]) -> None:
    assert told["tiles"]["valid"]
    assert told["tiles"]["colours"] > 1


def test_the_project_opens_with_its_groups_in_chinese(told: dict[str, Any]) -> None:
    assert told["project"]["read"], told["project"]["error"]
    assert "楼栋" in told["project"]["layers"]
    assert told["project"]["untied"] == []
    assert told["project"]["crs"] == "EPSG:3857"
    assert 0 < told["project"]["width"] < 100_000
    assert len(told["project"]["groups"]) > 3


def test_the_mapbox_style_is_converted(told: dict[str, Any]) -> None:
    assert told["mapbox"]["done"], told["mapbox"]["warnings"]
