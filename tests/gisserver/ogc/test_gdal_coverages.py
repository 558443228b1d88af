"""GDAL reads coverages by their addresses, with an account, as rasters."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from threading import Thread
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.serving import make_server

from tests.gisserver.ogc.conftest import PASSWORD
from tests.gisserver.ogc.ground import CELL, GRID, get, keep_ground, rough, values
from tests.gisserver.ogc.ground import tiff as opened

# In a process of its own: GDAL holds Python still while it waits for the answer.
READ = """
import json, sys, rasterio
from rasterio.windows import Window
path, account, window = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
with rasterio.Env(GDAL_HTTP_USERPWD=account, GDAL_HTTP_AUTH="BASIC"):
    with rasterio.open(path) as raster:
        cells = raster.read(1, window=Window(*window) if window else None, masked=True)
        print(json.dumps({
            "driver": raster.driver, "bounds": list(raster.bounds), "epsg": raster.crs.to_epsg(),
            "values": cells.astype("float64").filled(float("nan")).tolist(),
        }))
"""


@pytest.fixture(scope="module")
def address(city: Flask, module_engine: Engine) -> Iterator[str]:
    """Address of the collections of the small city, with ground."""
    keep_ground(module_engine, rough())
    server = make_server("127.0.0.1", 0, city, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/ogc/collections"
    server.shutdown()
    thread.join(timeout=10)


def read(
    address: str, login: str = "chief", window: Any = None
) -> subprocess.CompletedProcess[str]:
    """What GDAL tells of the raster at an address."""
    path = f"/vsicurl?use_head=no&url={quote(address, safe='')}"
    words = [READ, path, f"{login}:{PASSWORD}", json.dumps(window)]
    return subprocess.run(
        [sys.executable, "-c", *words], capture_output=True, text=True, timeout=60, check=False
    )


def told(address: str, **more: Any) -> dict[str, Any]:
    done = read(address, **more)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_elevation_whole_and_in_a_window(address: str) -> None:
    ground = rough()
    whole = told(f"{address}/elevation/coverage?f=geotiff")
    assert whole["driver"] == "GTiff"
    assert whole["epsg"] == 4326
    assert whole["bounds"] == pytest.approx(GRID.bounds)
    np.testing.assert_array_equal(np.array(whole["values"], np.float32), ground)
    part = told(f"{address}/elevation/coverage?f=geotiff", window=[25, 30, 40, 20])
    np.testing.assert_array_equal(np.array(part["values"], np.float32), ground[30:50, 25:65])


def test_elevation_of_a_box_is_the_same_numbers(address: str) -> None:
    box = "117.0,33.0,117.01,33.01"
    part = told(f"{address}/elevation/coverage?f=geotiff&bbox={box}")
    assert part["bounds"] == pytest.approx([117.0, 33.0, 117.01, 33.01], abs=CELL / 1000)
    np.testing.assert_array_equal(np.array(part["values"], np.float32), rough()[25:50, 25:50])


def test_heat_is_the_numbers_of_the_export(address: str, client: FlaskClient) -> None:
    found = told(f"{address}/heat-buildings/coverage?f=geotiff&radius=300")
    assert found["epsg"] == 3857
    with opened(client, "heat-buildings", radius="300") as expected:
        np.testing.assert_array_equal(np.array(found["values"], np.float32), values(expected))
    assert np.nanmax(np.array(found["values"])) > 0


def test_gdal_is_refused_what_the_account_may_not_take_out(
    address: str, client: FlaskClient
) -> None:
    get(client, "heat-buildings/coverage", login="auditor", status=403)
    done = read(f"{address}/heat-buildings/coverage?f=geotiff", login="auditor")
    assert done.returncode != 0
    done = read(f"{address}/elevation/coverage?f=geotiff", login="nobody")
    assert done.returncode != 0
