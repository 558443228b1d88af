"""GDAL reads our tiles, from the links of a collection to each tile, as a client not of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import requests
import shapely

LEVEL = 16
# Of a tile at that level, in degrees.
STEP = 360 / 2**LEVEL / 4096


@pytest.fixture(params=["commander", "supervisor"])
def account(request: pytest.FixtureRequest, city_accounts: Path) -> Iterator[tuple[str, str]]:
    """Login and password of somebody, told to GDAL."""
    accounts = {each["role"]: each for each in json.loads(city_accounts.read_text())}
    one = accounts[request.param]
    pair = one["login"], one["password"]
    pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": ":".join(pair)})
    yield pair
    pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": None})


def items(server: str, account: tuple[str, str]) -> dict[int, Any]:
    """Every building that the account may see, by id."""
    found: dict[int, Any] = {}
    address: str | None = f"{server}/ogc/collections/buildings/items?limit=1000"
    while address:
        page = requests.get(address, auth=account, timeout=30).json()
        found |= {
            each["id"]: shapely.from_geojson(json.dumps(each["geometry"]))
            for each in page["features"]
        }
        address = next((each["href"] for each in page["links"] if each["rel"] == "next"), None)
    return found


def test_gdal_reads_the_tiles_of_the_cgcs2000_quad(
    city_server: str, account: tuple[str, str]
) -> None:
    stored = items(city_server, account)
    meta, _, geometry, columns = pyogrio.raw.read(
        f"OGCAPI:{city_server}/ogc/collections/buildings",
        layer=LEVEL - 12,
        API="TILES",
        TILEMATRIXSET="CGCS2000Quad",
    )
    assert meta["crs"] == "EPSG:4490"
    fields = dict(zip(meta["fields"], columns, strict=True))
    assert {"name", "usage", "levels"} <= set(fields)
    drawn: dict[int, list[Any]] = {}
    for identifier, shape in zip(fields["mvt_id"], shapely.from_wkb(geometry), strict=True):
        drawn.setdefault(int(identifier), []).append(shape)
    # Each is there, and nothing that the account may not see.
    assert set(drawn) == set(stored)
    whole = [(shapes[0], stored[number]) for number, shapes in drawn.items() if len(shapes) == 1]
    assert len(whole) > len(drawn) / 2
    distances = [shapely.hausdorff_distance(one, other) for one, other in whole]
    # Half a step is lost to rounding, a little more where corners of a step fall together.
    assert float(np.max(distances)) < 3 * STEP
