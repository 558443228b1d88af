"""From a file to checked rows: recognise, map, find the datum, check, give keys."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from etl.areas import SOURCE as AREA_SOURCE
from etl.areas import read_index, resolve_areas
from etl.check import CheckedRows, LayerCheck, Remark
from etl.datum import Datum, datum_of, shifted_against
from etl.formats import open_file
from etl.keys import Digest, plain_digest, with_keys
from etl.mapping import MappedRow, SourceMapping, known_mapping
from etl.mapping.columns import columns_mapping, guess_layer
from etl.mapping.row import ColumnMapping, MappedRows
from etl.options import LoadError, LoadOptions, Progress
from etl.raw import Dataset, RawTable, ReadOptions
from etl.reasons import Outcome
from etl.report import LoadReport
from etl.store import (
    codes_taken,
    find_references,
    load_order,
    read_centroids,
    read_codes,
    read_grid_codes,
)
from layers.catalogue import LAYERS, layer_by_name
from layers.core.crs import GCJ02
from layers.core.layer import Layer
from layers.core.sealing import Sealer
from layers.territory.area import prefix_of

CHUNK = 5_000
_SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """Checked rows of one layer from one dataset, with the source they are kept under."""

    dataset: str
    source: str
    rows: CheckedRows


class FileReading:
    """Reads one file against what the database knows: codes, areas, rows referred to."""

    def __init__(
        self,
        connection: Connection,
        path: Path,
        options: LoadOptions,
        sealer: Sealer | None,
        report: LoadReport,
    ) -> None:
        self._connection = connection
        self._path = path
        self._options = options
        self._sealer = sealer
        self._report = report
        self._index = read_index(connection)
        self._codes = read_codes(connection, LAYERS)

    def batches(self, progress: Progress) -> list[Batch]:
        """The checked rows of every dataset that is understood, by layer.

        Raises LoadError when a file's only table is not understood, and what formats and
        reference systems raise.
        """
        datasets = open_file(self._path, ReadOptions(self._options.encoding))
        total = sum(data.count for data in datasets if data.count is not None) or None
        done = 0
        result: list[Batch] = []
        for dataset in datasets:
            mapping = source_mapping(dataset, self._options.layer)
            if mapping is None:
                if len(datasets) == 1:
                    raise LoadError(_unknown_table(dataset))
                self._note(dataset, "未识别 / not understood, left out")
                continue
            mapped, read = map_rows(
                dataset,
                mapping,
                self._options.layer,
                self._report.leave_out,
                _shifted(progress, done, total),
            )
            done += read
            for note in dataset.notes:
                self._note(dataset, note)
            checked = self._check(dataset, mapped)
            result += [self._batch(dataset, mapping, rows) for rows in checked]
        progress(done, done)
        return result

    def _note(self, dataset: Dataset, note: str) -> None:
        self._report.notes.append(f"{dataset.name}: {note}")

    def _check(self, dataset: Dataset, mapped: Sequence[MappedRows]) -> Iterator[CheckedRows]:
        datum = self._datum(dataset, mapped)
        if datum.note:
            self._note(dataset, datum.note)
        by_layer = {rows.layer: rows for rows in mapped}
        for layer in load_order(by_layer):
            referred = self._referred(layer, by_layer[layer.name])
            rows = LayerCheck(layer, self._codes, datum.crs).check(referred)
            if layer.area_from == "given":
                rows = self._in_known_areas(rows)
            if layer.name == "areas":
                rows = CheckedRows.of(layer.name, resolve_areas(rows.rows(), self._index))
            keyed, trusted = with_keys(rows, self._digest(layer))
            if not trusted:
                self._note(
                    dataset,
                    "编号列有重复，不作为来源键 / "
                    "the id column repeats; keys come from the content",
                )
            yield keyed

    def _digest(self, layer: Layer) -> Digest:
        sealer = self._sealer
        if not layer.sensitive_fields or sealer is None:
            return plain_digest
        return lambda content: sealer.blind("source_key", content.hex()).hex()

    def _datum(self, dataset: Dataset, mapped: Sequence[MappedRows]) -> Datum:
        shapes = (shape for rows in mapped for shape in rows.geometries if shape is not None)
        datum = datum_of(dataset, self._options.crs, list(islice(shapes, _SAMPLE)))
        if self._options.crs.lower() != "auto" or not datum.crs.is_wgs84:
            return datum
        outlines = {
            str(code): shape
            for rows in mapped
            if rows.layer == "areas" and "code" in rows.values
            for code, shape in zip(rows.values["code"], rows.geometries, strict=True)
            if code and shape is not None
        }
        if not outlines:
            return datum
        why = shifted_against(outlines, read_centroids(self._connection))
        return Datum(GCJ02, why) if why else datum

    def _referred(self, layer: Layer, rows: MappedRows) -> MappedRows:
        """The rows with business codes of other layers' rows replaced by their ids."""
        values, notes = dict(rows.values), dict(rows.notes)
        for name, info in layer.fields.items():
            if info.reference is None or name not in values:
                continue
            asked = [reference_text(value) for value in values[name]]
            target = layer_by_name(info.reference)
            wanted = set(filter(None, asked))
            found = find_references(self._connection, target, wanted, self._sealer)
            values[name] = [found.get(text) if text else None for text in asked]
            for at, text in enumerate(asked):
                if text and text not in found:
                    notes[at] = (*notes.get(at, ()), "bad_reference")
        return replace(rows, values=values, notes=notes)

    def _in_known_areas(self, rows: CheckedRows) -> CheckedRows:
        """The rows with the areas entered as they are compared; unknown ones rejected."""
        given = rows.values.get("area_code")
        if given is None:
            return rows
        prefixes = [None if code is None else prefix_of(str(code)) for code in given]
        known = self._index.by_prefix.keys() | read_grid_codes(self._connection)
        unknown = {
            at: Remark("no_such_area", "area_code", str(given[at]))
            for at, prefix in enumerate(prefixes)
            if prefix is not None and prefix not in known
        }
        values = {**rows.values, "area_code": prefixes}
        return replace(rows, values=values).remarked(unknown)

    def _batch(
        self, dataset: Dataset, mapping: SourceMapping | ColumnMapping, rows: CheckedRows
    ) -> Batch:
        if rows.layer == "areas":
            return Batch(dataset.name, AREA_SOURCE, rows)
        named = mapping.source if isinstance(mapping, SourceMapping) else None
        source = named or self._path.name
        return Batch(dataset.name, source, self._without_taken(source, rows))

    def _without_taken(self, source: str, rows: CheckedRows) -> CheckedRows:
        keys = {
            str(code): str(key)
            for at, (code, key) in enumerate(
                zip(rows.values.get("code", ()), rows.keys, strict=False)
            )
            if code and (at not in rows.remarks or rows.outcome(at) is not Outcome.REJECTED)
        }
        layer = layer_by_name(rows.layer)
        taken = codes_taken(self._connection, layer, source, keys) if keys else frozenset()
        if not taken:
            return rows
        return rows.remarked(
            {
                at: Remark("code_taken", "code", str(code))
                for at, code in enumerate(rows.values["code"])
                if code in taken
            }
        )


def map_rows(
    dataset: Dataset,
    mapping: SourceMapping | ColumnMapping,
    only: str | None = None,
    leave_out: Callable[[str | None], None] = lambda _reason: None,
    progress: Callable[[int], None] = lambda _read: None,
) -> tuple[list[MappedRows], int]:
    """The mapped rows of a dataset by layer, of one layer if it is named, and the records read.

    `leave_out` is told of each record of no layer, with the reason if there is one; `progress`
    of the records read so far.
    """
    if isinstance(mapping, ColumnMapping):
        parts, read = [], 0
        for table in _tables(dataset, mapping.columns):
            parts.append(mapping.rows(table))
            read += len(parts[-1])
            progress(read)
        return ([MappedRows.joined(parts)] if parts else []), read
    rows: dict[str, list[MappedRow]] = {}
    read = 0
    for raw in dataset.features():
        found = mapping.rows(raw)
        for row in found:
            if only in (None, row.layer):
                rows.setdefault(row.layer, []).append(row)
        read += 1
        if not found:
            leave_out(mapping.left_out(raw))
        if read % CHUNK == 0:
            progress(read)
    return [MappedRows.of(layer, own) for layer, own in rows.items()], read


def _tables(dataset: Dataset, wanted: Collection[str]) -> Iterator[RawTable]:
    if dataset.tables is not None:
        return dataset.tables(wanted)
    return iter([RawTable.of(list(dataset.features()))])


def source_mapping(
    dataset: Dataset, layer_name: str | None
) -> SourceMapping | ColumnMapping | None:
    """How a dataset is to be mapped: as the named layer if one is, else as it is recognised.

    None when neither says. Raises LoadError when no column fits the named layer, NotFound when
    there is no such layer.
    """
    known = known_mapping(dataset)
    if layer_name is None:
        if known is not None:
            return known
        guessed = guess_layer(dataset, LAYERS)
        return columns_mapping(dataset, guessed) if guessed is not None else None
    layer = layer_by_name(layer_name)
    if known is not None and (
        dataset.format == "osm" or layer.name == "areas" or layer.name in known.layers
    ):
        return known
    mapping = columns_mapping(dataset, layer)
    if mapping is None:
        titles = [f"{info.title[0]}/{name}" for name, info in layer.fields.items()]
        raise LoadError(
            f"{dataset.name}: no column fits layer {layer.name}; it has: {', '.join(titles)}"
        )
    return mapping


def reference_text(value: Any) -> str | None:
    """A business code as text, also where a table made a number of it; None for none."""
    if value is None or value == "":
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _unknown_table(dataset: Dataset) -> str:
    names = ", ".join(layer.name for layer in LAYERS)
    return (
        f"{dataset.name}: columns {', '.join(dataset.fields[:8])} do not say which layer is meant; "
        f"name it with --layer, one of: {names}"
    )


def _shifted(progress: Progress, base: int, total: int | None) -> Callable[[int], None]:
    return lambda read: progress(base + read, total)
