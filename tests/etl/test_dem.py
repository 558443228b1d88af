"""Elevation models on their way in: what the file holds, voids as voids, clear words else."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from sqlalchemy import Engine, text

from etl.dem import DemOptions, DemReport, load_dem
from etl.options import LoadError
from layers.territory.terrain import Heights, find_terrain, read_heights

DEGREES = Affine(0.001, 0, 117.6, 0, -0.001, 33.3)


def load(engine: Engine, *paths: Path, **words: Any) -> DemReport:
    return load_dem(engine, paths, DemOptions(**words))


def kept(engine: Engine) -> tuple[Any, Heights]:
    with engine.connect() as connection:
        terrain = find_terrain(connection)
        assert terrain is not None
        grid = terrain.grid
        return terrain, read_heights(connection, terrain, 0, range(grid.rows), range(grid.columns))


def write(path: Path, heights: Any, **profile: Any) -> Path:
    bands: Sequence[Any] = heights if np.ndim(heights) == 3 else [heights]
    rows, columns = np.shape(bands[0])
    words = {
        "driver": "GTiff",
        "count": len(bands),
        "height": rows,
        "width": columns,
        "dtype": np.asarray(bands[0]).dtype,
        "crs": "EPSG:4326",
        "transform": DEGREES,
    }
    with rasterio.open(path, "w", **{**words, **profile}) as raster:
        raster.write(np.asarray(bands))
    return path


@pytest.fixture
def hill() -> Heights:
    rows, columns = np.mgrid[0:40, 0:60]
    return (20 + rows + 0.25 * columns).astype(np.float32)


@pytest.mark.parametrize("name", ["sao_miguel_eu_dem_v11.tif", "N43E007.hgt.zip"])
def test_a_real_model_comes_in_cell_by_cell(engine: Engine, real_files: Path, name: str) -> None:
    path = real_files / "raster" / name
    address = f"/vsizip/{path}/N43E007.hgt" if name.endswith(".zip") else path
    report = load(engine, path)
    terrain, heights = kept(engine)
    with rasterio.open(address) as raster:
        values = raster.read(1, masked=True)
        assert terrain.grid.bounds == pytest.approx(tuple(raster.bounds), abs=1e-9)
        assert terrain.grid.crs == "EPSG:4326"
    np.testing.assert_array_equal(np.isnan(heights), np.ma.getmaskarray(values))
    np.testing.assert_array_equal(heights[~values.mask], values.compressed().astype(np.float32))
    voids = {"sao_miguel_eu_dem_v11.tif": 56_162, "N43E007.hgt.zip": 1_595}[name]
    datum = {"sao_miguel_eu_dem_v11.tif": None, "N43E007.hgt.zip": "EGM96"}[name]
    assert (terrain.voids, terrain.vertical_datum) == (voids, datum)
    assert report.changed


def test_loading_again_doubles_nothing_and_another_takes_its_place(
    engine: Engine, tmp_path: Path, hill: Heights
) -> None:
    first = write(tmp_path / "first.tif", hill)
    assert load(engine, first).changed
    assert not load(engine, first).changed
    report = load(engine, write(tmp_path / "second.tif", hill + 1))
    assert "first.tif" in report.summary_lines()[-1]
    count = "SELECT (SELECT count(*) FROM territory.terrain), count(*) FROM territory.terrain_tile"
    with engine.connect() as connection:
        assert tuple(connection.execute(text(count)).one()) == (1, 1)


def test_a_dry_run_writes_nothing(engine: Engine, tmp_path: Path, hill: Heights) -> None:
    report = load(engine, write(tmp_path / "hill.tif", hill), dry_run=True)
    assert "20.0 … 73.8 m" in "\n".join(report.summary_lines())
    with engine.connect() as connection:
        assert find_terrain(connection) is None


def test_voids_scale_and_datum(engine: Engine, tmp_path: Path) -> None:
    counted = np.array([[100, 250, -32768], [0, 5, 7]], dtype=np.int16)
    path = write(
        tmp_path / "tenths.tif",
        counted,
        crs="EPSG:4549",
        transform=Affine(30, 0, 5e5, 0, -30, 3.7e6),
    )
    with rasterio.open(path, "r+") as raster:
        raster.scales = (0.1,)
        raster.offsets = (2,)
        raster.units = ("m",)
    load(engine, path, vertical_datum="1985 国家高程基准")
    terrain, heights = kept(engine)
    np.testing.assert_allclose(heights, [[12, 27, np.nan], [2, 2.5, 2.7]], rtol=1e-6)
    assert terrain.grid.crs == "EPSG:4549"
    assert (terrain.vertical_datum, terrain.voids) == ("1985 国家高程基准", 1)


def test_a_compound_system_names_the_datum(engine: Engine, tmp_path: Path, hill: Heights) -> None:
    load(engine, write(tmp_path / "hill.tif", hill, crs="EPSG:9518"))
    terrain, _ = kept(engine)
    assert terrain.grid.crs == "EPSG:4326"
    assert "EGM2008" in terrain.vertical_datum


def test_neighbours_on_one_grid_are_one_model(
    engine: Engine, tmp_path: Path, hill: Heights
) -> None:
    left, right = hill[:, :35].copy(), hill[:, 30:].copy()
    left[5, 32] = left[6, 2] = np.nan
    aside = DEGREES @ Affine.translation(30, 0)
    load(
        engine,
        write(tmp_path / "left.tif", left),
        write(tmp_path / "right.tif", right, transform=aside),
    )
    _, heights = kept(engine)
    expected = hill.copy()
    expected[6, 2] = np.nan  # the void at 5, 32 is known to the neighbour
    np.testing.assert_array_equal(heights, expected)


def test_what_lies_askew_is_laid_straight(engine: Engine, tmp_path: Path) -> None:
    """A plane stays the plane it was, wherever its cells were turned to."""
    at = Affine.translation(117.6, 33.3) @ Affine.rotation(-20) @ Affine.scale(0.001, -0.001)
    rows, columns = np.mgrid[0:80, 0:90] + 0.5
    longitude, latitude = at.a * columns + at.b * rows + at.c, at.d * columns + at.e * rows + at.f
    plane = 100 + 1000 * (longitude - 117.6) - 500 * (latitude - 33.3)
    path = write(tmp_path / "askew.tif", plane.astype(np.float32), transform=at, nodata=-9999)
    report = load(engine, path)
    assert any("resampled" in note for note in report.dem.notes)
    terrain, heights = kept(engine)
    grid = terrain.grid
    x = grid.west + grid.cell_width * (np.arange(grid.columns) + 0.5)
    y = grid.north - grid.cell_height * (np.arange(grid.rows) + 0.5)
    expected = 100 + 1000 * (x[None, :] - 117.6) - 500 * (y[:, None] - 33.3)
    measured = np.isfinite(heights)
    assert 0.4 < measured.mean() < 0.9
    inner = measured.copy()
    for shift in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        inner &= np.roll(measured, shift, (0, 1))
    assert np.abs(heights - expected)[inner].max() < 0.2


def refused(engine: Engine, *paths: Path, **words: Any) -> str:
    with pytest.raises(LoadError) as error:
        load(engine, *paths, **words)
    with engine.connect() as connection:
        assert find_terrain(connection) is None
    assert "\n" not in str(error.value)
    return str(error.value)


def test_what_is_no_model_is_refused_in_clear_words(
    engine: Engine, tmp_path: Path, hill: Heights, monkeypatch: pytest.MonkeyPatch
) -> None:
    def made(name: str, heights: Any = hill, **profile: Any) -> Path:
        return write(tmp_path / name, heights, **profile)

    assert "one band" in refused(engine, made("three.tif", np.stack([hill] * 3)))
    assert "no reference system" in refused(engine, made("nowhere.tif", crs=None))
    assert "no numbers" in refused(engine, made("waves.tif", hill.astype(np.complex64)))
    assert "no metres of this earth" in refused(engine, made("feet.tif", hill * 1000))
    assert "no height in it" in refused(engine, made("void.tif", hill * 0 - 9, nodata=-9))
    assert "local parameters" in refused(engine, made("old.tif", crs="EPSG:2437"))
    assert "are no degrees" in refused(engine, made("far.tif", transform=Affine(9, 0, 0, 0, -9, 0)))
    other = DEGREES @ Affine.translation(0.4, 0)
    assert "one grid" in refused(engine, made("a.tif"), made("b.tif", transform=other))
    assert "no such file" in refused(engine, tmp_path / "missing.tif")
    feet = made("unit.tif")
    with rasterio.open(feet, "r+") as raster:
        raster.units = ("ft",)
    assert "metres expected" in refused(engine, feet)
    noise = tmp_path / "noise.tif"
    noise.write_bytes(b"not a raster at all")
    assert "no raster" in refused(engine, noise)
    noise.rename(tmp_path / "noise.zip")
    assert "no .zip" in refused(engine, tmp_path / "noise.zip")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.write(feet, "a.tif")
        archive.write(feet, "b.tif")
    assert "there are 2" in refused(engine, tmp_path / "two.zip")
    assert "a grid cannot be in gcj02" in refused(engine, made("shifted.tif"), crs="gcj02")
    monkeypatch.setattr("etl.formats.dem.MOST_CELLS", 2_000)
    assert "at most 2,000 cells" in refused(engine, made("large.tif"))


def test_a_system_may_be_said_where_the_file_says_none(
    engine: Engine, tmp_path: Path, hill: Heights
) -> None:
    load(engine, write(tmp_path / "nowhere.tif", hill, crs=None), crs="EPSG:4490")
    assert kept(engine)[0].grid.crs == "EPSG:4490"
