"""Tables with coordinates: CSV in any usual encoding and Excel workbooks (.xlsx)."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import shapely
from openpyxl.utils.exceptions import InvalidFileException

from etl.encoding import file_encoding
from etl.formats.columns import CoordinateColumns, coordinate_columns, parse_degrees
from etl.raw import Dataset, RawTable, ReadOptions, UnreadableFile

_CHUNK = 5_000
_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
_WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm"})


def recognises(path: Path) -> bool:
    """True for the suffixes .csv, .tsv, .txt, .xlsx and .xlsm."""
    return path.suffix.lower() in _TEXT_SUFFIXES | _WORKBOOK_SUFFIXES


def read(path: Path, options: ReadOptions) -> tuple[Dataset, ...]:
    """One dataset for a text table, one for each filled sheet of a workbook.

    Coordinates come from columns named like longitude and latitude (also 经度, 纬度), from one
    "lon,lat" column or from WKT; a table without any has features without geometry. A datum in a
    column's name ("gcj_lng", 百度经度) becomes the dataset's `crs`.
    Raises UnreadableFile for an empty table, a table without header, or an unknown encoding.
    """
    if path.suffix.lower() in _WORKBOOK_SUFFIXES:
        return _workbook(path)
    encoding = file_encoding(path, options.encoding)
    return (text_dataset(path, encoding),)


def text_rows(path: Path, encoding: str) -> Iterator[list[str]]:
    """The rows of a text table, header first, with the delimiter found in its first line."""
    with path.open(encoding=encoding, newline="") as stream:
        first = stream.readline()
        stream.seek(0)
        delimiter = max(",\t;|", key=first.count)
        try:
            for row in csv.reader(stream, delimiter=delimiter):
                if any(cell.strip() for cell in row):
                    yield row
        except csv.Error as error:
            raise UnreadableFile(f"{path.name}: not readable as CSV ({error})") from error


def text_dataset(path: Path, encoding: str) -> Dataset:
    """The dataset of a text table read in a given encoding."""
    return _dataset(path, path.stem, "csv", lambda: text_rows(path, encoding), encoding)


def _dataset(path: Path, name: str, kind: str, rows: Any, encoding: str | None = None) -> Dataset:
    head = list(islice(rows(), 200))
    if not head:
        raise UnreadableFile(f"{path.name}: the table is empty; a header line and rows are needed")
    header = tuple(str(cell).strip() if cell is not None else "" for cell in head[0])
    if len(head) == 1:
        raise UnreadableFile(f"{path.name}: there is a header line but no row below it")
    if not any(header) or (len(header) > 1 and all(_is_number(cell) for cell in header if cell)):
        raise UnreadableFile(f"{path.name}: the first line must hold the column names")
    places = coordinate_columns(header, head[1:])

    def tables(wanted: Collection[str] | None) -> Iterator[RawTable]:
        return _tables(header, rows(), places, wanted)

    return Dataset(
        name=name,
        format=kind,
        fields=tuple(cell for cell in header if cell),
        features=lambda: (raw for table in tables(None) for raw in table.features()),
        crs=places.crs if places else None,
        encoding=encoding,
        notes=(f"text read as {encoding}",) if encoding else (),
        tables=tables,
    )


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(\.\d+)?", text))


def _tables(
    header: tuple[str, ...],
    rows: Iterator[Sequence[Any]],
    places: CoordinateColumns | None,
    wanted: Collection[str] | None,
) -> Iterator[RawTable]:
    next(rows)
    kept = [
        (at, name) for at, name in enumerate(header) if name and (wanted is None or name in wanted)
    ]
    first = 1
    while chunk := list(islice(rows, _CHUNK)):
        geometries, notes = _geometries(chunk, places)
        columns = {name: [_cell(_at(row, at)) for row in chunk] for at, name in kept}
        told = {at: note for at, note in enumerate(notes) if note}
        yield RawTable(first, columns, geometries, told)
        first += len(chunk)


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        stripped = value.strip()
        return stripped or None
    return value


def _geometries(
    chunk: list[Sequence[Any]], places: CoordinateColumns | None
) -> tuple[Sequence[Any], Sequence[tuple[str, ...]]]:
    if places is None:
        return [None] * len(chunk), [()] * len(chunk)
    if places.wkt is not None:
        return _from_wkt([_at(row, places.wkt) for row in chunk])
    pairs = [places.pair(row) for row in chunk]
    missing = [x in (None, "") or y in (None, "") for x, y in pairs]
    xs = np.array([parse_degrees(x) for x, _ in pairs])
    ys = np.array([parse_degrees(y) for _, y in pairs])
    bad = np.isnan(xs) | np.isnan(ys)
    geometries = np.full(len(chunk), None, dtype=object)
    geometries[~bad] = shapely.points(xs[~bad], ys[~bad])
    notes: list[tuple[str, ...]] = [
        () if not wrong else (("no_coordinates",) if absent else ("bad_coordinates",))
        for wrong, absent in zip(bad, missing, strict=True)
    ]
    return list(geometries), notes


def _from_wkt(texts: list[Any]) -> tuple[Sequence[Any], Sequence[tuple[str, ...]]]:
    cleaned = [re.sub(r"^SRID=\d+;", "", str(text).strip()) if text else None for text in texts]
    geometries = shapely.from_wkt(np.array(cleaned, dtype=object), on_invalid="ignore")
    notes: list[tuple[str, ...]] = [
        () if geometry is not None else (("bad_coordinates",) if text else ("no_coordinates",))
        for text, geometry in zip(cleaned, geometries, strict=True)
    ]
    return list(geometries), notes


def _at(row: Sequence[Any], index: int) -> Any:
    return row[index] if index < len(row) else None


def _workbook(path: Path) -> tuple[Dataset, ...]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError) as error:
        raise UnreadableFile(
            f"{path.name}: not readable as an Excel workbook; allowed: .xlsx (save .xls as .xlsx)"
        ) from error
    names = [sheet.title for sheet in book.worksheets if next(_sheet_rows(path, sheet.title), None)]
    book.close()
    if not names:
        raise UnreadableFile(f"{path.name}: every sheet of the workbook is empty")
    return tuple(
        _dataset(path, name, "excel", lambda name=name: _sheet_rows(path, name)) for name in names
    )


def _sheet_rows(path: Path, sheet: str) -> Iterator[Sequence[Any]]:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        for row in book[sheet].iter_rows(values_only=True):
            if any(cell not in (None, "") for cell in row):
                yield row
    finally:
        book.close()
