"""Rows out to a file people open: GeoPackage, GeoJSON, FlatGeobuf, Shapefile, Excel or CSV.

Rows come in batches and are written batch by batch, so that a large answer needs little memory
(FlatGeobuf and Shapefile cannot be appended to and take all at once). Coordinates are WGS 84. Days
and moments are dates in every format; in tables moments are those of China (UTC+8).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pyogrio.raw
import shapely
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from layers.core.model import FieldKind

CHINA = ZoneInfo("Asia/Shanghai")
GEOJSON_DECIMALS = 7
_UTC_FLAG = 100  # OGR's mark for a moment given in UTC
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 48

Row: TypeAlias = Sequence[Any]
Batch: TypeAlias = Sequence[Row]


@dataclass(frozen=True, slots=True)
class Column:
    """One column as people read it."""

    title: str
    kind: FieldKind = "text"


@dataclass(frozen=True, slots=True)
class Rows:
    """What is written: each row is a value a column, then its geometry as WKB or None.

    `geometry` is the GeoJSON name of the geometry type, None when rows have none. `point_titles`
    head two columns of longitude and latitude in Excel and CSV; without them the shape stands
    there as text (WKT), which can be loaded again.
    """

    name: str
    columns: tuple[Column, ...]
    geometry: str | None
    batches: Iterable[Batch]
    point_titles: tuple[str, str] | None = None


def write_rows(rows: Rows, path: Path) -> int:
    """Writes a file in the format of its suffix; returns the number of rows in it.

    Raises: KeyError for a suffix that is not in `WRITERS`.
    """
    write = WRITERS[path.suffix.lower()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    counted = _Counted(rows.batches)
    write(rows, counted, path)
    return counted.rows


class _Counted:
    """Batches as they pass by, counted."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._batches = batches
        self.rows = 0

    def __iter__(self) -> Iterator[Batch]:
        for batch in self._batches:
            self.rows += len(batch)
            yield batch


_Write: TypeAlias = Callable[[Rows, Iterable[Batch], Path], None]


def _write_vector(driver: str, **options: str) -> _Write:
    def write(rows: Rows, batches: Iterable[Batch], path: Path) -> None:
        is_first = True
        for batch in _at_least_one(batches):
            values = [_array(rows, place, batch) for place in range(len(rows.columns))]
            moments = {
                column.title: np.full(len(batch), _UTC_FLAG)
                for column in rows.columns
                if column.kind == "datetime"
            }
            pyogrio.raw.write(
                path,
                geometry=_shapes(rows, batch) if rows.geometry else None,
                field_data=[data for data, _ in values],
                field_mask=[mask for _, mask in values],
                fields=[column.title for column in rows.columns],
                layer=rows.name,
                driver=driver,
                geometry_type=rows.geometry,
                crs="EPSG:4326" if rows.geometry else None,
                append=not is_first,
                gdal_tz_offsets=moments,
                **options,
            )
            is_first = False

    return write


def _write_whole(driver: str, **options: str) -> _Write:
    """For formats that cannot be appended to."""

    def write(rows: Rows, batches: Iterable[Batch], path: Path) -> None:
        batch = list(chain.from_iterable(batches))
        more = dict(options)
        if driver == "ESRI Shapefile":
            rows = replace(rows, columns=tuple(map(_without_moment, rows.columns)))
        if driver == "FlatGeobuf" and any(row[-1] is None for row in batch):
            more["SPATIAL_INDEX"] = "NO"  # its index has no place for a row without geometry
        _write_vector(driver, **more)(rows, [batch], path)

    return write


def _without_moment(column: Column) -> Column:
    """Shapefile knows days only; a moment is written as text."""
    return replace(column, kind="text") if column.kind == "datetime" else column


def _at_least_one(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The batches, or one without rows: columns are written all the same."""
    batch: Batch | None = None
    for batch in batches:
        yield batch
    if batch is None:
        yield []


def _shapes(rows: Rows, batch: Batch) -> Any:
    place = len(rows.columns)
    shapes = np.empty(len(batch), dtype=object)
    shapes[:] = [None if row[place] is None else bytes(row[place]) for row in batch]
    return shapes


_NUMBERS: Mapping[str, tuple[Any, str]] = {
    "integer": (0, "int64"),
    "number": (np.nan, "float64"),
    "boolean": (False, "bool"),
}


def _array(rows: Rows, place: int, batch: Batch) -> tuple[Any, Any]:
    """A column as numpy holds it, and where it has no value."""
    values = [row[place] for row in batch]
    missing = np.array([value is None for value in values], dtype=bool)
    kind = rows.columns[place].kind
    if kind == "text":
        texts = np.empty(len(values), dtype=object)
        texts[:] = [None if value is None else str(value) for value in values]
        return texts, None
    if kind == "date":
        return np.array(values, dtype="datetime64[D]"), None
    if kind == "datetime":
        plain = [value and value.astimezone(UTC).replace(tzinfo=None) for value in values]
        return np.array(plain, dtype="datetime64[ms]"), None
    empty, dtype = _NUMBERS[kind]
    return np.array([empty if value is None else value for value in values], dtype=dtype), missing


def _write_geojson(rows: Rows, batches: Iterable[Batch], path: Path) -> None:
    titles = [column.title for column in rows.columns]
    with path.open("w", encoding="utf-8") as stream:
        head = json.dumps({"type": "FeatureCollection", "name": rows.name}, ensure_ascii=False)
        stream.write(f'{head[:-1]}, "features": [')
        separator = "\n"
        for batch in batches:
            for row, shape in zip(batch, _geojson(rows, batch), strict=True):
                cells = {t: _plain(v) for t, v in zip(titles, row, strict=False)}
                properties = json.dumps(cells, ensure_ascii=False)
                stream.write(
                    f'{separator}{{"type": "Feature", "properties": {properties}, '
                    f'"geometry": {shape or "null"}}}'
                )
                separator = ",\n"
        stream.write("\n]}\n")


def _geojson(rows: Rows, batch: Batch) -> Any:
    if rows.geometry is None:
        return [None] * len(batch)
    shapes = shapely.from_wkb(_shapes(rows, batch))
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, GEOJSON_DECIMALS))
    return shapely.to_geojson(rounded)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _write_csv(rows: Rows, batches: Iterable[Batch], path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(_titles(rows))
        for batch in batches:
            writer.writerows([_unlike_formula(cell) for cell in row] for row in _table(rows, batch))


def _unlike_formula(cell: Any) -> Any:
    """A text that a spreadsheet would calculate, kept from it by an apostrophe."""
    if isinstance(cell, str) and cell.startswith(_FORMULA_MARKS):
        return f"'{cell}"
    return cell


def _write_excel(rows: Rows, batches: Iterable[Batch], path: Path) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(rows.name[:31])
    sheet.freeze_panes = "A2"
    titles = _titles(rows)
    for place, title in enumerate(titles, 1):
        sheet.column_dimensions[get_column_letter(place)].width = min(_WIDEST, 4 + 2 * len(title))
    sheet.append([_heading(sheet, title) for title in titles])
    for batch in batches:
        for row in _table(rows, batch):
            sheet.append([_excel_cell(sheet, cell) for cell in row])
    book.save(path)


def _heading(sheet: Any, title: str) -> Any:
    cell = WriteOnlyCell(sheet, title)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="E6EEFA")
    cell.alignment = Alignment(vertical="center")
    return cell


def _excel_cell(sheet: Any, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    if not text.startswith("="):
        return text
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # a text, not a formula
    return cell


def _titles(rows: Rows) -> list[str]:
    titles = [column.title for column in rows.columns]
    if rows.geometry is None:
        return titles
    return [*titles, *(rows.point_titles or ("wkt",))]


def _table(rows: Rows, batch: Batch) -> Iterator[list[Any]]:
    """Rows with moments in China's time and the geometry as cells."""
    width = len(rows.columns)
    places = _places(rows, batch) if rows.geometry else [()] * len(batch)
    for row, place in zip(batch, places, strict=True):
        yield [*(_local(cell) for cell in row[:width]), *place]


def _local(cell: Any) -> Any:
    if isinstance(cell, datetime):
        return cell.astimezone(CHINA).replace(tzinfo=None)
    return cell


def _places(rows: Rows, batch: Batch) -> Sequence[tuple[Any, ...]]:
    shapes = shapely.from_wkb(_shapes(rows, batch))
    if rows.point_titles is None:
        return [(text,) for text in shapely.to_wkt(shapes, rounding_precision=8)]
    points = shapely.point_on_surface(shapes)
    longitudes, latitudes = shapely.get_x(points), shapely.get_y(points)
    return [
        (None, None) if np.isnan(x) else (round(float(x), 7), round(float(y), 7))
        for x, y in zip(longitudes, latitudes, strict=True)
    ]


WRITERS: Mapping[str, _Write] = {
    ".gpkg": _write_vector("GPKG"),
    ".geojson": _write_geojson,
    ".fgb": _write_whole("FlatGeobuf"),
    ".shp": _write_whole("ESRI Shapefile", encoding="UTF-8"),
    ".xlsx": _write_excel,
    ".csv": _write_csv,
}
