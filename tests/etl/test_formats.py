from __future__ import annotations

import gzip
import json
from pathlib import Path

import geopandas
import openpyxl
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from etl.formats import open_file
from etl.raw import Dataset, RawFeature, ReadOptions

OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="1" version="1" lat="22.0" lon="114.0"/>
 <node id="2" version="1" lat="22.0" lon="114.001"/>
 <node id="3" version="1" lat="22.001" lon="114.001"/>
 <node id="4" version="1" lat="22.001" lon="114.0"/>
 <node id="5" version="1" lat="22.0003" lon="114.0003"><tag k="highway" v="street_lamp"/></node>
 <node id="6" version="1" lat="22.0003" lon="114.0006"/>
 <node id="7" version="1" lat="22.0006" lon="114.0006"/>
 <node id="8" version="1" lat="22.0006" lon="114.0003"/>
 <way id="10" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="1"/></way>
 <way id="11" version="1"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="8"/><nd ref="5"/></way>
 <way id="12" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>
  <tag k="building" v="yes"/></way>
 <way id="13" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>
  <tag k="highway" v="residential"/></way>
 <way id="14" version="1"><nd ref="1"/><nd ref="2"/><nd ref="99"/><nd ref="1"/>
  <tag k="building" v="yes"/></way>
 <way id="15" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
  <tag k="highway" v="footway"/><tag k="railway" v="platform"/></way>
 <way id="16" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
  <tag k="railway" v="platform"/></way>
 <relation id="20" version="1"><member type="way" ref="10" role="outer"/>
  <member type="way" ref="11" role="inner"/>
  <tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation>
 <relation id="21" version="1"><member type="way" ref="98" role="outer"/>
  <tag k="type" v="multipolygon"/><tag k="building" v="yes"/></relation>
</osm>
"""


def only(path: Path, encoding: str | None = None) -> Dataset:
    datasets = open_file(path, ReadOptions(encoding))
    assert len(datasets) == 1
    return datasets[0]


def features(path: Path, encoding: str | None = None) -> list[RawFeature]:
    return list(only(path, encoding).features())


def xy(geometry: BaseGeometry | None) -> tuple[float, float]:
    assert isinstance(geometry, shapely.Point)
    return geometry.x, geometry.y


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("name", ["city.osm", "city.osm.gz"])
def test_osm_objects_have_keys_shapes_and_reasons(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(OSM.encode()) if name.endswith("gz") else OSM.encode())
    found = {raw.key: raw for raw in features(path)}
    assert set(found) == {
        "node/5", "way/12", "way/13", "way/14", "way/15", "way/16", "relation/20", "relation/21",
    }  # fmt: skip
    kinds = {key: raw.geometry.geom_type if raw.geometry else None for key, raw in found.items()}
    assert kinds["way/12"] == "Polygon"
    assert kinds["way/13"] == "LineString", "a ring road is a line"
    assert found["way/15"].notes == (), "a path along a platform is a way"
    assert found["way/16"].notes == ("open_ring",)
    assert found["way/14"].notes == ("incomplete",)
    assert found["relation/21"].notes == ("incomplete",)
    surface = found["relation/20"].geometry
    assert isinstance(surface, shapely.MultiPolygon)
    assert len(surface.geoms[0].interiors) == 1
    assert found["relation/20"].properties["building"] == "yes"


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("name,lon,lat", "甲,121.5,31.2"),
        ("名称,经度,纬度", "甲,121.5,31.2"),
        ("名称,纬度(°),经度(°)", "甲,31.2,121.5"),
        ("name,Longitude,Latitude", "甲,121.5,31.2"),
        ("name;x;y", "甲;121.5;31.2"),
        ("name\tLNG\tLAT", "甲\t121.5\t31.2"),
        ("name,坐标", '甲,"121.5,31.2"'),
        ("name,wkt", "甲,POINT (121.5 31.2)"),
        ("name,经度,纬度", "甲,121°30′00″E,31°12′00″N"),
    ],
)
def test_coordinates_are_found_under_many_names(tmp_path: Path, header: str, row: str) -> None:
    raw = features(written(tmp_path / "t.csv", f"{header}\n{row}\n"))[0]
    assert xy(raw.geometry) == pytest.approx((121.5, 31.2))


@pytest.mark.parametrize(
    ("header", "crs"),
    [
        ("name,gcj_lng,gcj_lat", "gcj02"),
        ("名称,百度经度,百度纬度", "bd09"),
        ("name,lon_wgs84,lat_wgs84", "wgs84"),
        ("name,lon,lat", None),
    ],
)
def test_a_datum_in_the_column_names_is_heard(tmp_path: Path, header: str, crs: str | None) -> None:
    assert only(written(tmp_path / "t.csv", f"{header}\n甲,121.5,31.2\n")).crs == crs


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings_of_text_tables_are_recognised(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path / "t.csv", "名称,经度,纬度\n闵行区莘庄镇,121.4,31.1\n", encoding)
    assert features(path)[0].properties["名称"] == "闵行区莘庄镇"


def test_the_encoding_asked_for_wins(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "名稱,經度,lat\n臺北,121.4,25\n", "big5")
    assert features(path, "big5")[0].properties["名稱"] == "臺北"


def test_missing_and_unreadable_coordinates_are_told_apart(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "name,lon,lat\na,,\nb,east,31\nc,121,31.5\n")
    assert [raw.notes for raw in features(path)] == [("no_coordinates",), ("bad_coordinates",), ()]


def test_rows_shorter_than_the_header_lose_nothing(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", "lon,lat,name,note\n121.1,31.1,a\n121.2,31.2,b,n,x\n")
    assert [raw.properties["note"] for raw in features(path)] == [None, "n"]


def test_every_filled_sheet_of_a_workbook_is_a_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "学校"
    book.active.append(["名称", "经度", "纬度"])
    book.active.append(["一中", 121.5, 31.2])
    book.create_sheet("空")
    book.save(tmp_path / "t.xlsx")
    dataset = only(tmp_path / "t.xlsx")
    assert dataset.name == "学校"
    assert xy(next(iter(dataset.features())).geometry) == (121.5, 31.2)


def test_a_code_list_is_not_mistaken_for_a_table(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", 'code,name,cityCode\n310112000000,"闵行区",3101\n')
    dataset = only(path)
    assert dataset.format == "region_codes"
    raw = next(iter(dataset.features()))
    assert (raw.key, raw.properties["name"]) == ("310112", "闵行区")


@pytest.fixture
def squares() -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(
        {"楼名": ["一号楼", "二号楼"], "层数": [6, None]},
        geometry=[shapely.box(121, 31, 121.1, 31.1), shapely.box(122, 31, 122.1, 31.1)],
        crs="EPSG:4490",
    )


@pytest.mark.parametrize("name", ["t.gpkg", "t.fgb", "t.shp", "t.geojson"])
def test_vector_files_keep_text_numbers_and_nothing(
    tmp_path: Path, squares: geopandas.GeoDataFrame, name: str
) -> None:
    path = tmp_path / name
    if name.endswith("geojson"):
        squares = squares.to_crs("EPSG:4326")
    squares.to_file(path, **({"encoding": "GB18030"} if name.endswith("shp") else {}))
    dataset = only(path)
    found = sorted(dataset.features(), key=lambda raw: str(raw.properties["楼名"]))
    assert [raw.properties["楼名"] for raw in found] == ["一号楼", "二号楼"]
    assert [raw.properties["层数"] for raw in found] == [6, None]
    assert dataset.crs == ("EPSG:4326" if name.endswith("geojson") else "EPSG:4490")
    assert dataset.count == 2


@pytest.mark.parametrize("label", ["", "UTF-8", "ISO-8859-5x"])
def test_a_shapefile_in_gbk_is_read_whatever_its_label_says(
    tmp_path: Path, squares: geopandas.GeoDataFrame, label: str
) -> None:
    path = tmp_path / "t.shp"
    squares.to_file(path, encoding="GB18030")
    path.with_suffix(".cpg").write_text(label)
    assert only(path).encoding == "gb18030"
    assert {raw.properties["楼名"] for raw in features(path)} == {"一号楼", "二号楼"}


def test_every_table_of_a_geopackage_is_read(
    tmp_path: Path, squares: geopandas.GeoDataFrame
) -> None:
    for layer in ("a", "b"):
        squares.to_file(tmp_path / "t.gpkg", layer=layer)
    assert {d.name for d in open_file(tmp_path / "t.gpkg", ReadOptions())} == {"a", "b"}


def test_heights_in_coordinates_are_dropped(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"a": 1},
        "geometry": {"type": "Point", "coordinates": [121.5, 31.2, 8.0]},
    }
    path = written(
        tmp_path / "t.geojson", json.dumps({"type": "FeatureCollection", "features": [feature]})
    )
    assert not shapely.has_z(features(path)[0].geometry)
