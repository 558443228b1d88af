"""From a file to checked rows: recognise, map, find the datum, check, give keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from etl.areas import SOURCE as AREA_SOURCE
from etl.areas import read_index, resolve_areas
from etl.check import CheckedRow, LayerCheck, Remark
from etl.datum import Datum, datum_of, shifted_against
from etl.formats import open_file
from etl.keys import Digest, plain_digest, with_keys
from etl.mapping import MappedRow, SourceMapping, known_mapping
from etl.mapping.columns import columns_mapping, guess_layer
from etl.options import LoadError, LoadOptions, Progress
from etl.raw import Dataset, ReadOptions
from etl.reasons import Outcome
from etl.report import LoadReport
from etl.store import codes_taken, find_references, load_order, read_centroids, read_codes
from layers.catalogue import LAYERS, layer_by_name
from layers.core.crs import GCJ02
from layers.core.layer import Layer
from layers.core.sealing import Sealer

CHUNK = 5_000
_SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """Checked rows of one layer from one dataset, with the source they are kept under."""

    dataset: str
    layer: str
    source: str
    rows: list[CheckedRow]


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
            mapped, read = self._map(dataset, mapping, _shifted(progress, done, total))
            done += read
            for note in dataset.notes:
                self._note(dataset, note)
            result += self._batches(dataset, mapping, self._check(dataset, mapped))
        progress(done, done)
        return result

    def _note(self, dataset: Dataset, note: str) -> None:
        self._report.notes.append(f"{dataset.name}: {note}")

    def _map(
        self, dataset: Dataset, mapping: SourceMapping, progress: Callable[[int], None]
    ) -> tuple[list[MappedRow], int]:
        """All mapped rows and the number of features read; the report counts those of no layer."""
        only = self._options.layer
        rows: list[MappedRow] = []
        read = 0
        for raw in dataset.features():
            found = mapping.rows(raw)
            rows.extend(row for row in found if only is None or row.layer == only)
            read += 1
            if not found:
                self._report.leave_out(mapping.left_out(raw))
            if read % CHUNK == 0:
                progress(read)
        return rows, read

    def _check(self, dataset: Dataset, mapped: Sequence[MappedRow]) -> list[CheckedRow]:
        datum = self._datum(dataset, mapped)
        if datum.note:
            self._note(dataset, datum.note)
        checked: list[CheckedRow] = []
        for layer in load_order({row.layer for row in mapped}):
            own = self._referred(layer, [row for row in mapped if row.layer == layer.name])
            check = LayerCheck(layer, self._codes, datum.crs)
            rows = [row for chunk in _chunks(own) for row in check.rows(chunk)]
            if layer.name == "areas":
                rows = resolve_areas(rows, self._index)
            keyed, trusted = with_keys(rows, self._digest(layer))
            if not trusted:
                self._note(
                    dataset,
                    "编号列有重复，不作为来源键 / "
                    "the id column repeats; keys come from the content",
                )
            checked += keyed
        return checked

    def _digest(self, layer: Layer) -> Digest:
        sealer = self._sealer
        if not layer.sensitive_fields or sealer is None:
            return plain_digest
        return lambda content: sealer.blind("source_key", content.hex()).hex()

    def _datum(self, dataset: Dataset, mapped: Sequence[MappedRow]) -> Datum:
        shapes = [row.geometry for row in islice(mapped, _SAMPLE) if row.geometry is not None]
        datum = datum_of(dataset, self._options.crs, shapes)
        if self._options.crs.lower() != "auto" or not datum.crs.is_wgs84:
            return datum
        outlines = {
            str(row.values["code"]): row.geometry
            for row in mapped
            if row.layer == "areas" and row.geometry is not None and row.values.get("code")
        }
        if not outlines:
            return datum
        why = shifted_against(outlines, read_centroids(self._connection))
        return Datum(GCJ02, why) if why else datum

    def _referred(self, layer: Layer, rows: list[MappedRow]) -> list[MappedRow]:
        """The rows with business codes of other layers' rows replaced by their ids."""
        for name, info in layer.fields.items():
            if info.reference is None:
                continue
            asked = {str(row.values[name]) for row in rows if row.values.get(name)}
            if not asked:
                continue
            found = find_references(self._connection, layer_by_name(info.reference), asked)
            rows = [_with_reference(row, name, found) for row in rows]
        return rows

    def _batches(
        self, dataset: Dataset, mapping: SourceMapping, rows: Sequence[CheckedRow]
    ) -> list[Batch]:
        result = []
        for layer in load_order({row.layer for row in rows}):
            own = [row for row in rows if row.layer == layer.name]
            source = mapping.source or self._path.name
            if layer.name == "areas":
                source = AREA_SOURCE
            else:
                own = self._without_taken(layer, source, own)
            result.append(Batch(dataset.name, layer.name, source, own))
        return result

    def _without_taken(self, layer: Layer, source: str, rows: list[CheckedRow]) -> list[CheckedRow]:
        keys = {
            str(row.values["code"]): str(row.key)
            for row in rows
            if row.values.get("code") and row.outcome is not Outcome.REJECTED
        }
        taken = codes_taken(self._connection, layer, source, keys) if keys else frozenset()
        return [
            replace(row, remarks=(*row.remarks, Remark("code_taken", "code", str(code))))
            if (code := row.values.get("code")) in taken
            else row
            for row in rows
        ]


def source_mapping(dataset: Dataset, layer_name: str | None) -> SourceMapping | None:
    """How a dataset is to be mapped: as the named layer if one is, else as it is recognised.

    None when neither says. Raises LoadError when no column fits the named layer, NotFound when
    there is no such layer.
    """
    known = known_mapping(dataset)
    if layer_name is None:
        if known is not None:
            return known
        guessed = guess_layer(dataset, LAYERS)
        return columns_mapping(guessed) if guessed is not None else None
    layer = layer_by_name(layer_name)
    if known is not None and (
        dataset.format == "osm" or layer.name == "areas" or layer.name in known.layers
    ):
        return known
    mapping = columns_mapping(layer)
    if not mapping.recognises(dataset):
        titles = [f"{info.title[0]}/{name}" for name, info in layer.fields.items()]
        raise LoadError(
            f"{dataset.name}: no column fits layer {layer.name}; it has: {', '.join(titles)}"
        )
    return mapping


def _unknown_table(dataset: Dataset) -> str:
    names = ", ".join(layer.name for layer in LAYERS)
    return (
        f"{dataset.name}: columns {', '.join(dataset.fields[:8])} do not say which layer is meant; "
        f"name it with --layer, one of: {names}"
    )


def _shifted(progress: Progress, base: int, total: int | None) -> Callable[[int], None]:
    return lambda read: progress(base + read, total)


def _with_reference(row: MappedRow, name: str, found: dict[str, int]) -> MappedRow:
    value = row.values.get(name)
    identity = found.get(str(value)) if value else None
    lost = ("bad_reference",) if value and identity is None else ()
    return replace(row, values={**row.values, name: identity}, notes=(*row.notes, *lost))


def _chunks(rows: Sequence[MappedRow]) -> Iterator[Sequence[MappedRow]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]
