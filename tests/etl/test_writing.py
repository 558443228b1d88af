"""Files of rows: what was written is what the usual programs read back."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyogrio
import pytest
import shapely

from etl.writing import WRITERS, Column, Rows, write_rows

COLUMNS = (
    Column("名称"),
    Column("层数 (层)", "integer"),
    Column("高度", "number"),
    Column("估计", "boolean"),
    Column("建成", "date"),
    Column("更新", "datetime"),
)
AT = datetime(2026, 11, 25, 18, 30, tzinfo=UTC)
FULL = ["甲幢", 6, 18.5, True, date(2001, 2, 3), AT, shapely.box(121, 31, 121.1, 31.1).wkb]
EMPTY = [None] * 7
TRICKY = ["=1+1", -3, float("inf"), False, date(1900, 1, 1), AT, shapely.box(0, 0, 1, 1).wkb]


def rows(*batches: Sequence[Sequence[Any]], points: bool = True) -> Rows:
    titles = ("经度", "纬度") if points else None
    return Rows("楼栋", COLUMNS, "Polygon", batches, titles)


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb"])
def test_gis_files_hold_rows_types_and_gaps(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    assert write_rows(rows([FULL], [EMPTY, FULL]), path) == 3
    found = pyogrio.read_dataframe(path)
    assert list(found.columns) == [*(column.title for column in COLUMNS), "geometry"]
    assert len(found) == 3
    full = next(row for _, row in found.iterrows() if row["名称"] == "甲幢")
    assert (full["层数 (层)"], full["高度"], bool(full["估计"])) == (6, 18.5, True)
    assert full["建成"].date() == date(2001, 2, 3)
    assert full["更新"] == AT
    assert found.geometry.isna().sum() == 1
    assert found["层数 (层)"].isna().sum() == 1
    assert found.crs.to_epsg() == 4326


def test_a_table_has_points_and_chinese_time(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    assert write_rows(rows([FULL, EMPTY, TRICKY]), path) == 3
    sheet = openpyxl.load_workbook(path)["楼栋"]
    head, full, empty, tricky = sheet.iter_rows()
    assert [cell.value for cell in head] == [*(c.title for c in COLUMNS), "经度", "纬度"]
    assert [cell.value for cell in full][:4] == ["甲幢", 6, 18.5, True]
    assert full[5].value == datetime(2026, 11, 26, 2, 30)  # noqa: DTZ001 Excel knows no zones
    assert (full[6].value, full[7].value) == (pytest.approx(121.05), pytest.approx(31.05))
    assert {cell.value for cell in empty} == {None}
    assert (tricky[0].value, tricky[0].data_type) == ("=1+1", "s"), "a text, not a formula"


def test_csv_opens_in_excel_and_calculates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert write_rows(rows([FULL, TRICKY]), path) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        _, full, tricky = csv.reader(stream)
    assert full[:3] == ["甲幢", "6", "18.5"]
    assert tricky[0] == "'=1+1"
    assert tricky[1] == "-3"


@pytest.mark.parametrize("suffix", sorted(set(WRITERS) - {".shp"}))
def test_nothing_found_is_a_file_with_columns(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"none{suffix}"
    assert write_rows(rows(points=False), path) == 0
    assert path.exists()
    if suffix in (".gpkg", ".fgb"):
        assert "名称" in pyogrio.read_dataframe(path).columns
