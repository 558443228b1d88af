"""Measured answers on real files, without a database. Collected only where the files are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import shapely

from etl.check import CheckedRow, LayerCheck, Outcome
from etl.datum import datum_of
from etl.formats import open_file
from etl.raw import RawFeature, ReadOptions
from etl.reading import map_rows, source_mapping
from etl.value_check import Codes, code_names
from layers.catalogue import layer_by_name
from layers.core.codes import read_code_tables
from layers.core.crs import GCJ02, WGS84
from layers.migrations import CODES

TABLES: Codes = {
    table.name: code_names({row.code: (row.name_zh, row.name_en) for row in table.rows})
    for table in read_code_tables(CODES)
}
READABLE = [
    *(f"osm/{name}" for name in (
        "helsinki_centre_2019.osm.pbf", "monaco_2021.osm.pbf", "shanghai_baoshan_shu_2021.osm",
        "shanghai_lujiazui_tilezen.gpkg", "shenzhen_longgang_2019.osm",
    )),
    *(f"admin/cn_codes_2023/{name}.csv" for name in (
        "provinces", "cities", "areas", "streets", "villages_31", "villages_4403",
    )),
    "admin/datav_gcj02/310000.json", "admin/datav_gcj02/310112.json",
    "admin/datav_gcj02/440307.json", "admin/shanghai_districts/shanghai_districts.shp",
    "admin/shenzhen_districts_wgs84.geojson", "keysites/shanghai_school.csv",
    "keysites/shanghai_urban.csv", "incidents/baltimore_311_10k.csv",
    "incidents/boston_311_100.csv", "buildings/suzhou_buildings_floor.geojson",
]  # fmt: skip


def raws(path: Path, dataset: str | None = None) -> list[RawFeature]:
    return [
        raw
        for found in open_file(path, ReadOptions())
        if dataset in {None, found.name}
        for raw in found.features()
    ]


def checked(path: Path) -> list[CheckedRow]:
    """Every row of a file, mapped and checked as a load would do it, areas not resolved."""
    result: list[CheckedRow] = []
    for dataset in open_file(path, ReadOptions()):
        mapping = source_mapping(dataset, None)
        assert mapping is not None
        mapped, _ = map_rows(dataset, mapping)
        shapes = [shape for rows in mapped for shape in rows.geometries if shape is not None]
        crs = datum_of(dataset, "auto", shapes[:100]).crs
        for rows in mapped:
            result += LayerCheck(layer_by_name(rows.layer), TABLES, crs).check(rows).rows()
    return result


def kept(rows: list[CheckedRow], layer: str) -> list[CheckedRow]:
    return [row for row in rows if row.layer == layer and row.outcome is not Outcome.REJECTED]


def reasons(rows: list[CheckedRow]) -> Counter[str]:
    return Counter(remark.reason for row in rows for remark in row.remarks)


@pytest.mark.parametrize("name", READABLE)
def test_every_real_file_opens_and_is_understood(real_files: Path, name: str) -> None:
    rows = checked(real_files / name)
    assert rows
    for row in rows:
        if row.geometry is not None:
            west, south, east, north = row.geometry.bounds
            assert -180 <= west <= east <= 180
            assert -90 <= south <= north <= 90
            assert row.geometry.is_valid
        assert row.geometry is not None or row.layer == "areas" or row.remarks


def test_longgang_has_139_buildings_all_in_its_district(real_files: Path) -> None:
    rows = checked(real_files / "osm/shenzhen_longgang_2019.osm")
    buildings = kept(rows, "buildings")
    assert len(buildings) == 139
    districts = raws(real_files / "admin/shenzhen_districts_wgs84.geojson")
    longgang = next(raw.geometry for raw in districts if raw.properties["qh"] == "龙岗")
    assert all(shapely.covers(longgang, row.geometry.point_on_surface()) for row in buildings)  # type: ignore[union-attr]
    assert sum(row.values["name"] is not None for row in buildings) == 65
    assert all(row.key is not None and row.key.split("/")[0] in {"way", "relation"}
               for row in buildings)  # fmt: skip


def test_helsinki_cameras_lamps_and_hydrants(real_files: Path) -> None:
    rows = checked(real_files / "osm/helsinki_centre_2019.osm.pbf")
    assert len(kept(rows, "cameras")) == 221
    kinds = Counter(row.values["kind"] for row in kept(rows, "components"))
    assert kinds["C13-0137"] == 586
    assert kinds["C13-0124"] == 37
    buildings = [row for row in rows if row.layer == "buildings"]
    assert len(buildings) == 500
    cut = [row for row in buildings if row.outcome is Outcome.REJECTED]
    assert {remark.reason for row in cut for remark in row.remarks} == {"incomplete"}
    assert len(cut) == 54


def test_monaco_buildings_sites_and_cameras(real_files: Path) -> None:
    rows = checked(real_files / "osm/monaco_2021.osm.pbf")
    buildings = kept(rows, "buildings")
    assert len(buildings) == 1207
    assert sum(row.values["levels"] is not None for row in buildings) > 80
    assert len(kept(rows, "cameras")) == 10
    sites = Counter(row.values["kind"] for row in kept(rows, "key_sites"))
    assert sites["10301"] == 6, "hospitals"


def test_shanghai_university_has_107_buildings(real_files: Path) -> None:
    rows = checked(real_files / "osm/shanghai_baoshan_shu_2021.osm")
    buildings = kept(rows, "buildings")
    assert len(buildings) == 107
    assert sum(row.values["name"] is not None for row in buildings) == 69


def test_lujiazui_has_1450_outlines_of_which_129_are_parts(real_files: Path) -> None:
    path = real_files / "osm/shanghai_lujiazui_tilezen.gpkg"
    outlines = raws(path, "buildings")
    assert len(outlines) == 1450
    buildings = kept(checked(path), "buildings")
    assert len(buildings) == 1450 - 129
    assert sum(row.values["height"] is not None for row in buildings) > 500


def test_all_6151_schools_are_accepted_and_lie_where_they_say(real_files: Path) -> None:
    path = real_files / "keysites/shanghai_school.csv"
    rows = checked(path)
    assert len(rows) == 6151
    assert {row.outcome for row in rows} == {Outcome.ACCEPTED}
    assert {row.values["kind"] for row in rows} <= {
        "10201", "10202", "10204", "10205", "10206", "10207", "10210",
    }  # fmt: skip
    districts = raws(real_files / "admin/shanghai_districts/shanghai_districts.shp")
    now = {"闸北区": "静安区", "崇明县": "崇明区"}
    names = [now.get(raw.properties["NAME"], raw.properties["NAME"]) for raw in districts]
    tree = shapely.STRtree([raw.geometry for raw in districts if raw.geometry is not None])
    points, polygons = tree.query([row.geometry for row in rows], predicate="within")
    assert len(set(points.tolist())) == 6151, "none outside all districts"
    said = [raw.properties["adname"] for raw in raws(path)]
    agreed = sum(
        names[polygon] == said[point] for point, polygon in zip(points, polygons, strict=True)
    )
    assert agreed / 6151 == pytest.approx(0.9982, abs=5e-5)
    assert sum(names[polygon] == "闵行区" for polygon in polygons) == 684
    assert said.count("闵行区") == 680


def test_metro_stations_are_449(real_files: Path) -> None:
    rows = checked(real_files / "keysites/shanghai_urban.csv")
    assert len(kept(rows, "key_sites")) == 449


def test_district_names_in_gbk_are_read_right(real_files: Path) -> None:
    path = real_files / "admin/shanghai_districts/shanghai_districts.shp"
    dataset = open_file(path, ReadOptions())[0]
    assert dataset.encoding == "gb18030"
    names = {raw.properties["NAME"] for raw in dataset.features()}
    assert len(names) == 17
    assert {"闸北区", "崇明县", "闵行区", "浦东新区"} <= names


@pytest.mark.parametrize("name", ["310000", "310112", "440307"])
def test_datav_files_are_recognised_as_gcj02(real_files: Path, name: str) -> None:
    dataset = open_file(real_files / f"admin/datav_gcj02/{name}.json", ReadOptions())[0]
    datum = datum_of(dataset, "auto", [])
    assert datum.crs == GCJ02
    assert "--crs wgs84" in datum.note
    assert datum_of(dataset, "wgs84", []).crs == WGS84


def test_the_converted_outline_agrees_with_the_true_one(real_files: Path) -> None:
    districts = raws(real_files / "admin/shanghai_districts/shanghai_districts.shp")
    true = next(raw.geometry for raw in districts if raw.properties["NAME"] == "闵行区")
    given = raws(real_files / "admin/datav_gcj02/310112.json")[0].geometry
    assert true is not None
    assert given is not None

    def difference(other: shapely.Geometry) -> float:
        return float(shapely.area(shapely.symmetric_difference(true, other)) / true.area)

    assert difference(GCJ02.geometry_to_wgs84(given)) < 0.5 * difference(given)


def test_whole_degrees_of_baltimore_are_found(real_files: Path) -> None:
    rows = checked(real_files / "incidents/baltimore_311_10k.csv")
    assert len(rows) == 10_000
    assert reasons(rows) == {"whole_degrees": 892, "no_coordinates": 590}
    first = rows[1]
    assert first.values["code"] == "18-00838880"
    reported = first.values["reported_at"]
    assert (reported.year, reported.month, reported.day, reported.hour) == (2018, 11, 13, 13)
    closed = sum(row.values["closed_at"] is not None for row in rows)
    assert all(
        row.values["closed_at"] >= row.values["reported_at"]
        for row in rows
        if row.values["closed_at"] is not None
    )
    assert closed > 9_500


def test_boston_has_100_requests(real_files: Path) -> None:
    rows = checked(real_files / "incidents/boston_311_100.csv")
    assert [row.outcome for row in rows] == [Outcome.ACCEPTED] * 100


def test_suzhou_buildings_have_1_to_28_levels_of_3_metres(real_files: Path) -> None:
    rows = checked(real_files / "buildings/suzhou_buildings_floor.geojson")
    assert len(rows) == 3076
    assert {row.outcome for row in rows} == {Outcome.ACCEPTED}
    levels = [row.values["levels"] for row in rows]
    assert (min(levels), max(levels)) == (1, 28)
    assert all(row.values["height"] == 3 * row.values["levels"] for row in rows)


@pytest.mark.parametrize(
    ("name", "count", "digits"),
    [
        ("provinces", 31, 2),
        ("cities", 342, 4),
        ("areas", 2978, 6),
        ("streets", 41352, 9),
        ("villages_31", 6509, 12),
        ("villages_4403", 788, 12),
    ],
)
def test_code_lists_are_whole(real_files: Path, name: str, count: int, digits: int) -> None:
    found = raws(real_files / f"admin/cn_codes_2023/{name}.csv")
    assert len(found) == count
    assert sum(len(raw.properties["code"]) == digits for raw in found) >= count - 3


def test_counts_by_district_and_city(real_files: Path) -> None:
    shanghai = raws(real_files / "admin/cn_codes_2023/villages_31.csv")
    shenzhen = raws(real_files / "admin/cn_codes_2023/villages_4403.csv")
    assert sum(raw.properties["code"].startswith("310112") for raw in shanghai) == 596
    assert sum(raw.properties["code"].startswith("440307") for raw in shenzhen) == 144
