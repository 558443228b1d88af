"""Real files into a real database, in one order. Collected only where the files are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from etl.report import LoadReport
from tests.etl.conftest import Loading, loading

LISTS = ("provinces", "cities", "areas", "streets", "villages_31", "villages_4403")


@pytest.fixture(scope="module")
def load_real(
    module_engine: Engine, real_files: Path, tmp_path_factory: pytest.TempPathFactory
) -> Loading:
    """Loads a real file by its path below the folder; the code lists are in already."""
    into = loading(module_engine, tmp_path_factory.mktemp("reports"))

    def load(name: str, **options: object) -> LoadReport:
        return into(real_files / name, **options)

    for name in LISTS:
        load(f"admin/cn_codes_2023/{name}.csv")
    return load


@pytest.fixture(scope="module")
def districts(load_real: Loading) -> dict[str, LoadReport]:
    """Reports of the two cities' district polygons."""
    return {
        "shanghai": load_real("admin/shanghai_districts/shanghai_districts.shp"),
        "shenzhen": load_real("admin/shenzhen_districts_wgs84.geojson"),
    }


def value(engine: Engine, sql: str) -> Any:
    with engine.connect() as connection:
        return connection.execute(text(sql)).scalar_one()


def details(report: LoadReport, reason: str) -> set[str]:
    assert report.path is not None
    lines = report.path.read_text(encoding="utf-8-sig").splitlines()
    return {line for line in lines if f",{reason}," in line}


def test_the_area_tree_stands_without_polygons(load_real: Loading, module_engine: Engine) -> None:
    counts = "SELECT count(*) FROM territory.area WHERE level = '{}'"
    assert value(module_engine, counts.format("province")) == 31
    assert value(module_engine, counts.format("community")) == 6509 + 788
    longgang = (
        "SELECT count(*) FROM territory.area WHERE parent_code = '440307000000' "
        "AND level = 'street' AND full_name LIKE '广东省深圳市龙岗区%'"
    )
    assert value(module_engine, longgang) == 14
    again = load_real("admin/cn_codes_2023/areas.csv").layers["areas"]
    assert (again.inserted, again.updated, again.unchanged) == (0, 0, 2978)


def test_old_district_names_of_shanghai_are_reported(districts: dict[str, LoadReport]) -> None:
    report = districts["shanghai"]
    counts = report.layers["areas"]
    assert (counts.accepted, counts.repaired, counts.rejected) == (15, 1, 1)
    (gone,) = details(report, "not_in_code_list")
    assert "310108 闸北区" in gone
    (renamed,) = details(report, "matched_by_name")
    assert "310230 崇明县 → 310151 崇明区; not in the code list in force" in renamed


def test_shenzhen_is_matched_by_bare_names_and_dapeng_is_not(
    districts: dict[str, LoadReport], module_engine: Engine
) -> None:
    report = districts["shenzhen"]
    assert report.layers["areas"].repaired == 9
    (dapeng,) = details(report, "no_area_of_that_name")
    assert "大鹏" in dapeng
    placed = (
        "SELECT count(*) FROM territory.area WHERE geom IS NOT NULL "
        "AND code LIKE '4403%' AND level = 'county'"
    )
    assert value(module_engine, placed) == 9


def test_longgang_buildings_are_placed_and_load_once(
    districts: dict[str, LoadReport], load_real: Loading, module_engine: Engine
) -> None:
    report = load_real("osm/shenzhen_longgang_2019.osm")
    counts = report.layers["buildings"]
    assert (counts.accepted, counts.inserted, counts.outside) == (139, 139, 0)
    placed = "SELECT count(*) FROM housing.building WHERE area_code = '440307'"
    assert value(module_engine, placed) == 139
    again = load_real("osm/shenzhen_longgang_2019.osm")
    assert sum(c.inserted + c.updated for c in again.layers.values()) == 0


def test_schools_are_counted_by_district(
    districts: dict[str, LoadReport], load_real: Loading, module_engine: Engine
) -> None:
    report = load_real("keysites/shanghai_school.csv")
    assert report.layers["key_sites"].inserted == 6151
    inside = "SELECT count(*) FROM places.key_site WHERE area_code = '310112'"
    assert value(module_engine, inside) == 684


def test_datav_polygons_land_on_the_true_ones(
    districts: dict[str, LoadReport], load_real: Loading, module_engine: Engine
) -> None:
    centre = "SELECT ST_X(ST_Centroid(geom)) FROM territory.area WHERE area_code = '310112'"
    before = value(module_engine, centre)
    report = load_real("admin/datav_gcj02/310112.json")
    assert report.reasons["gcj02"] == 1
    assert abs(value(module_engine, centre) - before) < 0.0015


def test_baltimore_is_loaded_without_its_imprecise_rows(
    load_real: Loading, module_engine: Engine
) -> None:
    report = load_real("incidents/baltimore_311_10k.csv")
    assert report.reasons["whole_degrees"] == 892
    assert report.layers["incidents"].inserted == 10_000 - 892 - 590
    closed = (
        "SELECT count(*) FROM incidents.incident WHERE state = 'closed' AND closed_at IS NOT NULL"
    )
    assert value(module_engine, closed) > 7_000
    first = "SELECT reported_at::text FROM incidents.incident WHERE code = '18-00838880'"
    assert value(module_engine, first) == "2018-11-13 18:06:56+00"


@pytest.mark.parametrize(
    ("name", "layer", "inserted"),
    [
        ("osm/helsinki_centre_2019.osm.pbf", "cameras", 221),
        ("osm/monaco_2021.osm.pbf", "buildings", 1207),
        ("osm/shanghai_baoshan_shu_2021.osm", "buildings", 107),
        ("osm/shanghai_lujiazui_tilezen.gpkg", "buildings", 1321),
        ("keysites/shanghai_urban.csv", "key_sites", 449),
        ("incidents/boston_311_100.csv", "incidents", 100),
        ("buildings/suzhou_buildings_floor.geojson", "buildings", 3076),
    ],
)
def test_the_other_files_load(load_real: Loading, name: str, layer: str, inserted: int) -> None:
    report = load_real(name)
    assert report.written, report.stopped
    assert report.layers[layer].inserted == inserted
    again = load_real(name)
    assert sum(counts.inserted + counts.updated for counts in again.layers.values()) == 0
