"""Loads one file: read, recognise, map, check, store, report.

A file is one transaction: an error in the database or a broken file leaves nothing behind.
Rejected rows are left out and reported; when more than half are rejected the file is probably
not what it was taken for, and nothing is written. With `partial` each layer is a transaction of
its own and many rejected rows are no obstacle.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from etl.areas import SOURCE as AREA_SOURCE
from etl.check import Remark
from etl.options import LoadError, LoadOptions, Progress
from etl.raw import UnreadableFile
from etl.reading import Batch, FileReading
from etl.reasons import Outcome
from etl.report import LayerCounts, LoadReport, ReportFile
from etl.store import adopt_areas, count_outside, load_order, store_rows
from etl.tracks import TrackFile, is_of_tracks
from layers.catalogue import layer_by_name
from layers.core.crs import UnknownReferenceSystem
from layers.core.database import owner_transaction
from layers.core.errors import NotFound
from layers.core.sealing import Sealer

REJECTED_LIMIT = 0.5

Transaction = Callable[[], AbstractContextManager[Connection]]
"""Opens the transaction in which rows are written."""

__all__ = ["LoadError", "LoadOptions", "LoadReport", "Progress", "Transaction", "load_file"]


def no_progress(done: int, total: int | None) -> None:
    """Takes progress and shows none."""


def load_file(
    engine: Engine,
    path: Path,
    options: LoadOptions,
    sealer: Sealer | None,
    progress: Progress = no_progress,
    transaction: Transaction | None = None,
) -> LoadReport:
    """Checks and loads one file; `progress` gets features read so far and the total if known.

    Rows are written in what `transaction` opens, the owner's transaction if None.

    Raises: LoadError when the file, the layer or the reference system can't be understood, or
    the database refuses the rows; nothing is written then. Its message begins with the file.
    """
    started = time.monotonic()
    report = LoadReport(path.name, options.dry_run)
    tracks = TrackFile(engine, path, options, report) if is_of_tracks(path, options) else None
    batches: Sequence[Batch] = ()
    try:
        if tracks is not None:
            found = tracks.read(progress)
        else:
            with engine.connect() as connection:
                reading = FileReading(connection, path, options, sealer, report)
                batches = reading.batches(progress)
            found = [(batch.dataset, batch.rows) for batch in batches]
    except (UnreadableFile, UnknownReferenceSystem, NotFound, LoadError) as error:
        raise LoadError(_named(path, str(error))) from error
    listing = None
    if options.reports is not None:
        listing = ReportFile(options.reports, path.name, datetime.now(UTC).astimezone())
        report.path = listing.path
    try:
        for dataset, rows in found:
            report.count(rows)
            if listing is not None:
                listing.add(dataset, rows)
        report.stopped = _stopped(report, options)
        if report.written and tracks is not None:
            tracks.write()
        elif report.written:
            begin = transaction or (lambda: owner_transaction(engine, login=options.login))
            _Writing(begin, path, options, sealer, report, listing).run(batches)
    finally:
        if listing is not None:
            listing.close()
    report.seconds = time.monotonic() - started
    return report


def _named(path: Path, message: str) -> str:
    return message if message.startswith((path.name, str(path))) else f"{path.name}: {message}"


def _stopped(report: LoadReport, options: LoadOptions) -> str:
    rejected = sum(counts.rejected for counts in report.layers.values())
    read = sum(counts.read for counts in report.layers.values())
    if read == 0:
        return "没有可载入的要素 / no feature belongs to a layer; name one with --layer"
    if options.partial or rejected <= REJECTED_LIMIT * read:
        return ""
    return (
        f"{rejected}/{read} 行被拒绝，请核对图层、坐标系与编码；仍要载入其余行请加 --partial / "
        f"{rejected} of {read} rows rejected: check --layer, --crs and --encoding; "
        "pass --partial to load the rest all the same"
    )


class _Writing:
    """Stores the batches of one file and adds to the report what became of them."""

    def __init__(
        self,
        begin: Transaction,
        path: Path,
        options: LoadOptions,
        sealer: Sealer | None,
        report: LoadReport,
        listing: ReportFile | None,
    ) -> None:
        self._begin = begin
        self._path = path
        self._options = options
        self._sealer = sealer
        self._report = report
        self._listing = listing

    def run(self, batches: Sequence[Batch]) -> None:
        """All in one transaction, or with `partial` each in its own; failures of one are noted."""
        order = [layer.name for layer in load_order({batch.rows.layer for batch in batches})]
        ordered = sorted(batches, key=lambda batch: order.index(batch.rows.layer))
        if not self._options.partial:
            try:
                self._commit(ordered)
            except DBAPIError as error:
                raise LoadError(
                    f"{self._path.name}: refused by the database: {_reason(error)}"
                ) from error
            return
        for batch in ordered:
            try:
                self._commit([batch])
            except DBAPIError as error:
                self._report.notes.append(
                    f"{batch.rows.layer}: 未写入 / nothing written: {_reason(error)}"
                )

    def _commit(self, batches: Sequence[Batch]) -> None:
        with self._begin() as connection:
            for batch in batches:
                self._store(connection, batch)

    def _store(self, connection: Connection, batch: Batch) -> None:
        layer = layer_by_name(batch.rows.layer)
        rows = batch.rows.kept()
        if not len(rows):
            return
        keys = [str(key) for key in rows.keys]
        if layer.name == "areas":
            adopt_areas(connection, AREA_SOURCE, keys)
        note = f"load {self._path.name}"
        result = store_rows(connection, layer, rows, batch.source, note, self._sealer)
        counts = self._report.layers.setdefault(layer.name, LayerCounts())
        counts.inserted += result.inserted
        counts.updated += result.updated
        counts.unchanged += result.unchanged
        outside = count_outside(connection, layer, batch.source, keys)
        if not outside:
            return
        counts.outside += len(outside)
        self._report.reasons["outside_areas"] += len(outside)
        if self._listing is not None:
            remark = Remark("outside_areas")
            for at, key in enumerate(keys):
                if key in outside:
                    self._listing.line(batch.dataset, rows, at, remark, Outcome.ACCEPTED)


def _reason(error: DBAPIError) -> str:
    return " ".join(str(error.orig).split())
