from __future__ import annotations

from pathlib import Path

import pytest
import shapely
from sqlalchemy import Engine

from etl.export import ExportError, export_layer
from layers.catalogue import layer_by_name
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from tests.etl.conftest import Loading
from tests.etl.test_load import collection, query, written

NEAR, FAR = shapely.box(121.0, 31.0, 121.001, 31.001), shapely.box(122.0, 31.0, 122.001, 31.001)


@pytest.fixture
def two_buildings(load: Loading, tmp_path: Path) -> None:
    load(written(tmp_path / "codes.csv", "code,name\n310112,闵行区\n310115,浦东新区\n"))
    outlines = (
        ({"adcode": 310112, "name": "闵行区"}, shapely.box(120.9, 30.9, 121.1, 31.1)),
        ({"adcode": 310115, "name": "浦东新区"}, shapely.box(121.9, 30.9, 122.1, 31.1)),
    )
    load(collection(tmp_path / "areas.geojson", *outlines))
    buildings = (({"名称": "近", "层数": 6}, NEAR), ({"名称": "远", "层数": None}, FAR))
    load(collection(tmp_path / "b.geojson", *buildings), layer="buildings")


@pytest.mark.usefixtures("two_buildings")
@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".xlsx", ".csv"])
def test_what_goes_out_comes_back_in(
    load: Loading, engine: Engine, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"buildings{suffix}"
    assert export_layer(engine, layer_by_name("buildings"), path) == 2
    report = load(path, layer="buildings")
    assert report.layers["buildings"].inserted == 2, report.summary_lines()
    found = query(
        engine,
        f"SELECT name, levels, round(ST_XMin(geom)::numeric, 6) FROM housing.building "
        f"WHERE source = '{path.name}' ORDER BY name DESC",
    )
    assert [(name, levels, float(west)) for name, levels, west in found] == [
        ("远", None, 122.0),
        ("近", 6, 121.0),
    ]


def test_rows_of_other_layers_go_out_by_their_code(
    load: Loading, engine: Engine, tmp_path: Path
) -> None:
    load(collection(tmp_path / "b.geojson", ({"编码": "B-1", "层数": 6}, NEAR)))
    load(written(tmp_path / "d.csv", "编码,所属楼栋,层,房号\nD-1,B-1,3,301\n"), layer="dwellings")
    path = tmp_path / "out" / "d.csv"
    export_layer(engine, layer_by_name("dwellings"), path)
    head, row = path.read_text(encoding="utf-8-sig").splitlines()
    assert dict(zip(head.split(","), row.split(","), strict=True))["building_id"] == "B-1"
    again = load(path, layer="dwellings")
    assert again.reasons["bad_reference"] == 0


@pytest.mark.usefixtures("two_buildings")
def test_a_reader_takes_out_no_more_than_the_map_shows(engine: Engine, tmp_path: Path) -> None:
    reader = Reader(1, "a", (Grant(Role.SUPERVISOR, "310112"),))
    path = tmp_path / "mine.csv"
    assert export_layer(engine, layer_by_name("buildings"), path, reader) == 1
    assert "近" in path.read_text(encoding="utf-8-sig")


def test_sealed_columns_never_leave(load: Loading, engine: Engine, tmp_path: Path) -> None:
    load(written(tmp_path / "p.csv", "姓名,人口类型\n张三丰,户籍人口\n"), layer="persons")
    path = tmp_path / "persons.csv"
    assert export_layer(engine, layer_by_name("persons"), path) == 1
    content = path.read_text(encoding="utf-8-sig")
    assert "张**" in content
    assert "张三丰" not in content
    assert "cipher" not in content


def test_another_format_is_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"allowed: \.gpkg"):
        export_layer(engine, layer_by_name("buildings"), tmp_path / "b.dwg")
    with pytest.raises(ExportError, match=r"allowed: \.xlsx, \.csv"):
        export_layer(engine, layer_by_name("persons"), tmp_path / "p.gpkg")
