"""What every file format is turned into: datasets of raw features."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shapely.geometry.base import BaseGeometry


class UnreadableFile(ValueError):
    """A file can't be read; the message is one line: what was asked and what is allowed."""


@dataclass(frozen=True, slots=True)
class RawFeature:
    """One record of a file as it stands there, before any check.

    `row` counts from 1 in reading order. `key` is the record's own stable name ("way/123") or
    None when the format has none. `geometry` is in the file's reference system, x (east) first;
    None when there is none or it can't be built. `notes` are reason codes found while reading.
    """

    row: int
    properties: Mapping[str, Any]
    geometry: BaseGeometry | None = None
    key: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RawTable:
    """Records of a file column by column: the same as raw features, quicker to work on.

    `first` is the row number of the first record; all columns are equally long; `notes` are the
    reason codes of single records by their position.
    """

    first: int
    columns: Mapping[str, Sequence[Any]]
    geometries: Sequence[Any]
    notes: Mapping[int, tuple[str, ...]]

    @classmethod
    def of(cls, features: Sequence[RawFeature]) -> RawTable:
        """The table of consecutive features; a property that one does not have is None there."""
        names = dict.fromkeys(name for raw in features for name in raw.properties)
        return cls(
            features[0].row if features else 1,
            {name: [raw.properties.get(name) for raw in features] for name in names},
            [raw.geometry for raw in features],
            {at: raw.notes for at, raw in enumerate(features) if raw.notes},
        )

    def features(self) -> Iterator[RawFeature]:
        """The records one by one."""
        names = tuple(self.columns)
        rows = zip(*self.columns.values(), strict=True) if names else (() for _ in self.geometries)
        for at, (row, geometry) in enumerate(zip(rows, self.geometries, strict=True)):
            properties = dict(zip(names, row, strict=True))
            notes = self.notes.get(at, ())
            yield RawFeature(self.first + at, properties, geometry, None, notes)


Tables = Callable[[Collection[str] | None], Iterator[RawTable]]
"""Reads a dataset from the top; of the columns named, or of all."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """One table of a file. `features()` starts a new reading from the top each time.

    `tables` reads the same records column by column, where the format has columns.
    `format` is the name of the format; `crs` is what the file itself declares, None when it says
    nothing; `encoding` is the text encoding used, None where the format fixes it; `count` is the
    number of records if it is known before reading; `notes` are lines for the reader's report.
    """

    name: str
    format: str
    fields: tuple[str, ...]
    features: Callable[[], Iterator[RawFeature]]
    crs: str | None = None
    encoding: str | None = None
    count: int | None = None
    notes: tuple[str, ...] = field(default=())
    tables: Tables | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the reader of a file may be told: a text encoding that overrides the detected one."""

    encoding: str | None = None
