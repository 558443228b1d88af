"""Vector files read by GDAL: GeoPackage, GeoJSON, Shapefile and FlatGeobuf."""

from __future__ import annotations

import json
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw
import shapely

from etl.encoding import decodes, guess_encoding, known_encoding
from etl.raw import Dataset, RawTable, ReadOptions, UnreadableFile

_FORMATS = {
    ".gpkg": "geopackage",
    ".geojson": "geojson",
    ".json": "geojson",
    ".shp": "shapefile",
    ".fgb": "flatgeobuf",
}


def recognises(path: Path) -> bool:
    """True for the suffixes .gpkg, .geojson, .json, .shp and .fgb."""
    return path.suffix.lower() in _FORMATS


def read(path: Path, options: ReadOptions) -> tuple[Dataset, ...]:
    """One dataset for each table with geometry, in the file's order.

    A Shapefile's text is read in the encoding asked for, else in that of its .cpg if the text is
    valid in it, else UTF-8 or GB18030 by its bytes. Raises UnreadableFile when parts of a
    Shapefile are missing or GDAL can't open the file.
    """
    kind = _FORMATS[path.suffix.lower()]
    encoding, notes = _shapefile_encoding(path, options) if kind == "shapefile" else (None, ())
    if kind == "geojson":
        _check_geojson(path)
    try:
        with _warnings_kept() as told:
            layers = pyogrio.list_layers(path)
            names = [str(name) for name, geometry in layers if geometry is not None]
            datasets = [_dataset(path, name, kind, encoding, notes) for name in names]
        extra = tuple(dict.fromkeys(str(warning.message) for warning in told))
        return tuple(replace(dataset, notes=dataset.notes + extra) for dataset in datasets)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise _unreadable(path, kind, error) from error


@contextmanager
def _warnings_kept() -> Iterator[list[warnings.WarningMessage]]:
    """GDAL's warnings go into the report, not to the terminal."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        yield told


def _unreadable(path: Path, kind: str, error: Exception) -> UnreadableFile:
    reason = " ".join(str(error).split())[:160]
    return UnreadableFile(
        f"{path.name}: not readable as {kind} ({reason}); "
        f"allowed: complete files {', '.join(_FORMATS)}"
    )


def _dataset(
    path: Path, layer: str, kind: str, encoding: str | None, notes: tuple[str, ...]
) -> Dataset:
    info = pyogrio.read_info(path, layer=layer, encoding=encoding)
    crs = info["crs"]

    def tables(wanted: Collection[str] | None) -> Iterator[RawTable]:
        return _tables(path, layer, kind, encoding, wanted)

    return Dataset(
        name=layer,
        format=kind,
        fields=tuple(str(name) for name in info["fields"]),
        features=lambda: (raw for table in tables(None) for raw in table.features()),
        crs=str(crs) if crs else None,
        encoding=encoding,
        count=int(info["features"]) if info["features"] >= 0 else None,
        notes=notes,
        tables=tables,
    )


def _tables(
    path: Path, layer: str, kind: str, encoding: str | None, wanted: Collection[str] | None
) -> Iterator[RawTable]:
    """All at once: a GeoJSON or GeoPackage is only read quickly from its beginning."""
    only = None if wanted is None else list(wanted)
    try:
        with _warnings_kept():
            meta, _, wkb, columns = pyogrio.raw.read(
                path, layer=layer, encoding=encoding, columns=only, force_2d=True
            )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise _unreadable(path, kind, error) from error
    names = (str(name) for name in meta["fields"])
    values = {name: _plain(column) for name, column in zip(names, columns, strict=True)}
    yield RawTable(1, values, shapely.from_wkb(wkb, on_invalid="ignore"), {})


def _plain(column: np.ndarray[Any, Any]) -> list[Any]:
    """The column's values as plain Python ones, with None for every kind of missing value."""
    if column.dtype.kind == "f":
        present = column.astype(object)
        present[np.isnan(column)] = None
        return list(present.tolist())
    if column.dtype.kind == "M":
        return [None if str(value) == "NaT" else str(value) for value in column]
    return list(column.tolist())


def _check_geojson(path: Path) -> None:
    """GDAL reads an unfinished GeoJSON as far as it goes; a cut file must be refused instead."""
    try:
        with path.open(encoding="utf-8-sig") as stream:
            document = json.load(stream)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise _unreadable(path, "geojson", error) from error
    kind = document.get("type") if isinstance(document, dict) else None
    if kind not in {"FeatureCollection", "Feature"}:
        raise UnreadableFile(
            f"{path.name}: no GeoJSON feature collection (type is {kind!r}); "
            "allowed: FeatureCollection, Feature"
        )


def _sibling(path: Path, suffix: str) -> Path | None:
    wanted = (path.stem + suffix).lower()
    return next((item for item in path.parent.iterdir() if item.name.lower() == wanted), None)


def _shapefile_encoding(path: Path, options: ReadOptions) -> tuple[str, tuple[str, ...]]:
    missing = [suffix for suffix in (".dbf", ".shx") if _sibling(path, suffix) is None]
    if missing:
        raise UnreadableFile(
            f"{path.name}: {' and '.join(missing)} missing beside it; "
            "a Shapefile needs .shp, .shx and .dbf"
        )
    text = _dbf_text(_sibling(path, ".dbf"))
    if options.encoding is not None:
        name = known_encoding(options.encoding)
        if not decodes(text, name):
            raise UnreadableFile(f"{path.name}: its text is not valid {options.encoding}")
        return name, ()
    label = _sibling(path, ".cpg")
    declared = label.read_text(encoding="ascii", errors="ignore").strip() if label else ""
    labelled = _label_codec(declared)
    if labelled is not None and decodes(text, labelled):
        return labelled, (f"text read as {declared} (.cpg)",)
    found = guess_encoding(text)
    told = f"not valid {declared} as its .cpg says" if declared else "no .cpg"
    return found, (f"text read as {found} ({told})",)


def _label_codec(label: str) -> str | None:
    """The codec of a .cpg label ("GBK", "936", "UTF-8"), None when it names none."""
    aliases = {"936": "gb18030", "65001": "utf-8", "ansi 936": "gb18030", "oem 936": "gb18030"}
    try:
        return aliases.get(label.lower()) or known_encoding(label)
    except UnreadableFile:
        return None


def _dbf_text(path: Path | None) -> bytes:
    """The raw bytes of a dBASE table's records, field by field on lines of their own."""
    data = path.read_bytes() if path is not None else b""
    if len(data) < 33:
        raise UnreadableFile(f"{path.name if path else '.dbf'}: empty or cut off")
    header, width = int.from_bytes(data[8:10], "little"), int.from_bytes(data[10:12], "little")
    widths = [data[at + 16] for at in range(32, header - 1, 32) if data[at] != 0x0D]
    lines = []
    for start in range(header, len(data) - width + 1, max(width, 1)):
        at = start + 1
        for size in widths:
            # A full field may end in half a character; the cut byte is not the encoding's fault.
            lines.append(data[at : at + size].rstrip(b" \0"))
            at += size
        if len(lines) > 200_000:
            break
    return b"\n".join(line for line in lines if not line.isascii())
