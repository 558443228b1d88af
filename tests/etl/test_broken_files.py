"""A broken file gives one clear line and leaves nothing behind."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas
import pytest
import shapely
from sqlalchemy import Engine, text

from etl.load import LoadError
from tests.etl.conftest import Loading
from tests.etl.test_formats import OSM


def truncated_osm(folder: Path) -> Path:
    path = folder / "cut.osm"
    path.write_text(OSM[: len(OSM) // 2])
    return path


def truncated_pbf(folder: Path) -> Path:
    path = folder / "cut.osm.pbf"
    path.write_bytes(b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x7c")
    return path


def wrong_suffix(folder: Path) -> Path:
    path = folder / "notes.geojson"
    path.write_text("name,lon,lat\na,121,31\n")
    return path


def cut_geojson(folder: Path) -> Path:
    path = folder / "cut.geojson"
    path.write_text('{"type": "FeatureCollection", "features": [{"type": "Feature", "prop')
    return path


def other_json(folder: Path) -> Path:
    path = folder / "model.json"
    path.write_text('{"type": "CityJSON", "version": "2.0"}')
    return path


def no_suffix_known(folder: Path) -> Path:
    path = folder / "plan.dwg"
    path.write_bytes(b"AC1032")
    return path


def empty(folder: Path) -> Path:
    path = folder / "empty.csv"
    path.touch()
    return path


def header_only(folder: Path) -> Path:
    path = folder / "header.csv"
    path.write_text("name,lon,lat\n")
    return path


def no_header(folder: Path) -> Path:
    path = folder / "numbers.csv"
    path.write_text("121.1,31.1\n121.2,31.2\n")
    return path


def unknown_columns(folder: Path) -> Path:
    path = folder / "odd.csv"
    path.write_text("foo,bar\n1,2\n")
    return path


def no_workbook(folder: Path) -> Path:
    path = folder / "t.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "not a workbook")
    return path


def shapefile_without_table(folder: Path) -> Path:
    path = folder / "t.shp"
    frame = geopandas.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(1.5, 2)], crs="EPSG:4326")
    frame.to_file(path)
    path.with_suffix(".dbf").unlink()
    return path


def cut_geopackage(folder: Path) -> Path:
    path = folder / "t.gpkg"
    path.write_bytes(b"SQLite format 3\x00" + b"\x00" * 200)
    return path


def absent(folder: Path) -> Path:
    return folder / "absent.csv"


def binary_text(folder: Path) -> Path:
    path = folder / "noise.csv"
    path.write_bytes(b"name,lon\n\xff\xfe\xfd\x81,1\n")
    return path


CASES: list[tuple[Callable[[Path], Path], str]] = [
    (truncated_osm, "complete .osm"),
    (truncated_pbf, "complete .osm"),
    (wrong_suffix, "not readable as geojson"),
    (cut_geojson, "not readable as geojson"),
    (other_json, "allowed: FeatureCollection"),
    (no_suffix_known, "allowed: .osm"),
    (empty, "the file is empty"),
    (header_only, "no row below"),
    (no_header, "column names"),
    (unknown_columns, "--layer, one of: "),
    (no_workbook, "allowed: .xlsx"),
    (shapefile_without_table, ".dbf missing"),
    (cut_geopackage, "not readable as geopackage"),
    (absent, "no such file"),
    (binary_text, "--encoding"),
]


@pytest.mark.parametrize(("broken", "message"), CASES, ids=[case.__name__ for case, _ in CASES])
def test_a_broken_file_is_refused_in_one_line(
    load: Loading, engine: Engine, tmp_path: Path, broken: Callable[[Path], Path], message: str
) -> None:
    with pytest.raises(LoadError, match=message) as caught:
        load(broken(tmp_path))
    assert "\n" not in str(caught.value)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM core.history")).scalar_one() == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"crs": "mars"}, "allowed: wgs84, gcj02"),
        ({"crs": "EPSG:4214"}, "local parameters"),
        ({"encoding": "klingon"}, "allowed: utf-8"),
        ({"layer": "dragons"}, "there are: areas"),
        ({"layer": "vehicles"}, "no column fits layer vehicles"),
    ],
)
def test_a_wrong_option_says_what_is_allowed(
    load: Loading, tmp_path: Path, options: dict[str, str], message: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("场所类型,lon,lat\n小学,121.1,31.1\n")
    with pytest.raises(LoadError, match=message):
        load(path, **({"layer": "key_sites"} | options))


def test_metres_without_a_reference_system_are_not_guessed(load: Loading, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("name,x,y\n一中,490980.5,2494025.5\n")
    with pytest.raises(LoadError, match="--crs EPSG:n"):
        load(path, layer="key_sites")
