"""A terrain that coverages are asked for: uneven, with voids, around the small city."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import rasterio
from flask.testing import FlaskClient
from rasterio.io import DatasetReader
from sqlalchemy import Engine

from layers.core.database import owner_transaction
from layers.territory.terrain import Heights, TerrainGrid, keep_terrain
from tests.gisserver.ogc.conftest import PASSWORD

CELL = 0.0004
GRID = TerrainGrid("EPSG:4326", 116.99, 33.02, CELL, CELL, columns=110, rows=90)
VOIDS = ((0, 0), (20, 30), (20, 31), (21, 30), (89, 109), (60, 5))


def rough() -> Heights:
    """Heights no two of which are alike, so that a shift by one cell is seen."""
    rows, columns = np.mgrid[0 : GRID.rows, 0 : GRID.columns]
    noise = np.random.default_rng(7).normal(0, 2, rows.shape)
    heights = (30 + 0.3 * rows - 0.1 * columns + noise).astype(np.float32)
    for row, column in VOIDS:
        heights[row, column] = np.nan
    return heights


def plane(grid: TerrainGrid) -> Heights:
    """Heights that grow evenly with x and y of the grid's own system."""
    x = grid.west + grid.cell_width * (np.arange(grid.columns) + 0.5)
    y = grid.north - grid.cell_height * (np.arange(grid.rows) + 0.5)
    return height_at(x[None, :], y[:, None]).astype(np.float32)


def height_at(x: Any, y: Any) -> Any:
    """The plane's height at longitude and latitude."""
    return 50 + 1000 * (x - 117) - 500 * (y - 33)


def keep_ground(engine: Engine, heights: Heights, grid: TerrainGrid = GRID) -> None:
    """Keep heights as the terrain."""
    with owner_transaction(engine) as connection:
        keep_terrain(connection, grid, heights, title="ground.tif", source="test")


def get(
    client: FlaskClient, path: str, login: str = "chief", status: int = 200, **query: Any
) -> Any:
    """An answer of `/ogc/collections/…`."""
    names = {name.replace("_", "-"): value for name, value in query.items()}
    address = f"/ogc/collections/{path}"
    answer = client.get(address, query_string=names, auth=(login, PASSWORD))
    assert answer.status_code == status, answer.text
    return answer


def tiff(client: FlaskClient, name: str = "elevation", **query: Any) -> DatasetReader:
    """The GeoTIFF of a coverage, opened by rasterio."""
    answer = get(client, f"{name}/coverage", f="geotiff", **query)
    assert answer.content_type == "image/tiff; application=geotiff"
    return rasterio.open(io.BytesIO(answer.data))


def values(raster: DatasetReader, band: int = 1) -> Heights:
    """Its numbers with NaN for voids."""
    read = raster.read(band, masked=True)
    return np.ma.filled(read.astype(np.float32), np.nan)
