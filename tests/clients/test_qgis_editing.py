"""QGIS edits: what it sends, what a conflict shows, and the terrain as a raster of its own.

QGIS edits and filters by CQL2 from 3.32 on (Debian 13 has 3.40); of an older one only the raster is
tried. Another QGIS than the system's is named by `QGIS_PYTHON`, the command that starts its Python.
"""

from __future__ import annotations

import base64
import json
import os
import shlex
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rasterio
from sqlalchemy import Engine, text

from tests.clients.recorder import Passed, recorder

EDITOR = Path(__file__).with_name("qgis_editor.py")
PYTHON = shlex.split(os.environ.get("QGIS_PYTHON", "/usr/bin/python3"))
SECONDS = 300
FIRST_EDITING = 33200

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def accounts(city_accounts: Path) -> dict[str, tuple[str, str]]:
    """Login and password by role."""
    listed = json.loads(city_accounts.read_text())
    return {each["role"]: (each["login"], each["password"]) for each in listed}


def asked(
    address: str, account: tuple[str, str], method: str = "GET", body: Any = None
) -> tuple[bytes, Any]:
    """The body of an answer."""
    request = urllib.request.Request(address, method=method)
    packed = base64.b64encode(":".join(account).encode()).decode()
    request.add_header("Authorization", f"Basic {packed}")
    if body is not None:
        request.add_header("Content-Type", "application/merge-patch+json")
        request.data = json.dumps(body).encode()
    with urllib.request.urlopen(request, timeout=30) as answer:
        return bytes(answer.read()), answer.headers


@pytest.fixture(scope="module")
def names(city_server: str, accounts: dict[str, tuple[str, str]]) -> dict[str, int]:
    """Four buildings of the supervisor's community, by name."""
    condition = "levels%20%3D%204%20AND%20name%20IS%20NOT%20NULL%20AND%20alias%20IS%20NULL"
    address = f"{city_server}/ogc/collections/buildings/items?limit=4&filter={condition}"
    content, _ = asked(address, accounts["supervisor"])
    found = {each["properties"]["name"]: each["id"] for each in json.loads(content)["features"]}
    assert len(found) == 4
    return found


@pytest.fixture(scope="module")
def edited(
    city_server: str,
    accounts: dict[str, tuple[str, str]],
    names: dict[str, int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[dict[str, Any], list[Passed]]]:
    """What QGIS says, and what it asked."""
    folder = tmp_path_factory.mktemp("qgis")
    address = f"{city_server}/ogc/collections"
    terrain, _ = asked(f"{address}/elevation/coverage?f=geotiff", accounts["supervisor"])
    (folder / "elevation.tif").write_bytes(terrain)
    with recorder(city_server) as (door, passed):
        words = [str(EDITOR), f"{door}/ogc", *accounts["supervisor"], str(folder)]
        environment = os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_RUNTIME_DIR": str(folder),
            "QGIS_AUTH_DB_DIR_PATH": str(folder),
            "HOME": str(folder),
        }
        environment.pop("PYTHONPATH", None)
        log = (folder / "log").open("w")
        started = subprocess.Popen(
            [*PYTHON, *words, json.dumps(list(names))], env=environment, stdout=log, stderr=log
        )
        deadline = time.monotonic() + SECONDS
        while started.poll() is None and not (folder / "read").exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        _, _, third, fourth = names.values()
        for item, change in ((third, {"alias": "另一人"}), (fourth, {"built_year": 1987})):
            body = {"properties": change}
            asked(f"{address}/buildings/items/{item}", accounts["admin"], "PATCH", body)
        (folder / "other-saved").touch()
        started.wait(timeout=SECONDS)
        log.close()
        file = folder / "told.json"
        assert file.exists(), (folder / "log").read_text()[-3000:]
        yield json.loads(file.read_text()), list(passed)


@pytest.fixture
def editing(edited: tuple[dict[str, Any], list[Passed]]) -> tuple[dict[str, Any], list[Passed]]:
    """The same, of a QGIS that can edit."""
    if edited[0]["version"] < FIRST_EDITING:
        pytest.skip(f"QGIS {edited[0]['version']} cannot edit features of OGC API")
    return edited


def stored(engine: Engine, item: int) -> Any:
    """A building as it is kept."""
    statement = text("SELECT alias, built_year FROM housing.building WHERE id = :id")
    with engine.connect() as connection:
        return connection.execute(statement, {"id": item}).one()


def writes(passed: list[Passed], item: int) -> list[Passed]:
    """The requests that write a building."""
    return [
        each
        for each in passed
        if each.method in ("PUT", "PATCH") and each.path.endswith(f"/items/{item}")
    ]


def test_the_layer_can_be_edited(editing: tuple[dict[str, Any], list[Passed]]) -> None:
    told, _ = editing
    assert told["can_change"]
    assert told["can_move"]


def test_an_attribute_is_saved_in_one_request(
    editing: tuple[dict[str, Any], list[Passed]], names: dict[str, int], city_engine: Engine
) -> None:
    told, passed = editing
    first = next(iter(names.values()))
    assert told["attribute"]["done"], told["attribute"]
    assert [each.status for each in writes(passed, first)] == [204]
    assert stored(city_engine, first).alias == "QGIS"


def test_shape_and_attribute_are_two_requests_and_both_are_kept(
    editing: tuple[dict[str, Any], list[Passed]], names: dict[str, int], city_engine: Engine
) -> None:
    told, passed = editing
    second = list(names.values())[1]
    assert told["both"]["done"], told["both"]
    assert [each.status for each in writes(passed, second)] == [204, 204]
    assert stored(city_engine, second).alias == "QGIS"


def test_a_conflict_is_told_and_the_other_edit_stays(
    editing: tuple[dict[str, Any], list[Passed]], names: dict[str, int], city_engine: Engine
) -> None:
    """The third was changed by somebody else in the same field; QGIS stops there."""
    told, passed = editing
    _, _, third, fourth = names.values()
    assert not told["conflict"]["done"]
    assert "Cannot modify feature" in " ".join(told["conflict"]["errors"])
    # It tells its log panel the status and leaves the reason out.
    assert "server replied: Conflict" in " ".join(told["said"])
    assert [each.status for each in writes(passed, third)] == [409]
    assert stored(city_engine, third).alias == "另一人"
    assert stored(city_engine, fourth).built_year == 1987


def test_a_filter_is_judged_by_the_server(
    editing: tuple[dict[str, Any], list[Passed]],
    city_server: str,
    accounts: dict[str, tuple[str, str]],
) -> None:
    told, passed = editing
    address = f"{city_server}/ogc/collections/buildings/items?levels=4&limit=1"
    content, _ = asked(address, accounts["supervisor"])
    assert told["filtered"] == json.loads(content)["numberMatched"] > 0
    paths = [each.path for each in passed if "/buildings/items" in each.path]
    assert any("filter=" in path and "levels" in path for path in paths), paths[-3:]
    assert all(
        each.status == 200 for each in passed if each.path in paths and "filter=" in each.path
    )


def test_the_terrain_is_a_raster_layer(
    edited: tuple[dict[str, Any], list[Passed]],
    city_server: str,
    accounts: dict[str, tuple[str, str]],
) -> None:
    told, _ = edited
    assert told["elevation"]["valid"]
    content, _ = asked(
        f"{city_server}/ogc/collections/elevation/coverage?f=geotiff", accounts["commander"]
    )
    with rasterio.MemoryFile(content) as memory, memory.open() as raster:
        assert told["elevation"]["size"] == [raster.width, raster.height]
        assert told["elevation"]["crs"] == f"EPSG:{raster.crs.to_epsg()}"
        (value,) = next(raster.sample([told["elevation"]["place"]]))
    assert told["elevation"]["value"] == pytest.approx(float(value))
