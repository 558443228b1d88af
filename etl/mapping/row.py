"""The rows of a layer that raw features become, before they are checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from shapely.geometry.base import BaseGeometry

from etl.raw import Dataset, RawFeature, RawTable


@dataclass(frozen=True, slots=True)
class MappedRow:
    """Values for one row of the layer named `layer`.

    `values` holds declared fields by name, as text or as plain values; the check turns them into
    the declared types. `row` and `key` are those of the raw feature; `notes` are reason codes.
    """

    layer: str
    values: Mapping[str, Any]
    geometry: BaseGeometry | None
    row: int
    key: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MappedRows:
    """Mapped rows of one layer, column by column; a row without a field has None there.

    `notes` are those of single rows by their position.
    """

    layer: str
    numbers: Sequence[int]
    keys: Sequence[str | None]
    values: Mapping[str, Sequence[Any]]
    geometries: Sequence[BaseGeometry | None]
    notes: Mapping[int, tuple[str, ...]]

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.numbers)

    @classmethod
    def of(cls, layer: str, rows: Sequence[MappedRow]) -> MappedRows:
        """The same rows, all of one layer, as columns."""
        fields = dict.fromkeys(name for row in rows for name in row.values)
        return cls(
            layer,
            [row.row for row in rows],
            [row.key for row in rows],
            {name: [row.values.get(name) for row in rows] for name in fields},
            [row.geometry for row in rows],
            {at: row.notes for at, row in enumerate(rows) if row.notes},
        )

    @classmethod
    def joined(cls, parts: Sequence[MappedRows]) -> MappedRows:
        """Parts with the same fields one after the other."""
        if len(parts) == 1:
            return parts[0]
        notes: dict[int, tuple[str, ...]] = {}
        start = 0
        for part in parts:
            notes.update({start + at: told for at, told in part.notes.items()})
            start += len(part)
        return cls(
            parts[0].layer,
            list(chain.from_iterable(part.numbers for part in parts)),
            list(chain.from_iterable(part.keys for part in parts)),
            {
                name: list(chain.from_iterable(part.values[name] for part in parts))
                for name in parts[0].values
            },
            list(chain.from_iterable(part.geometries for part in parts)),
            notes,
        )


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """How the columns of a table become the fields of one layer: field → column, and the key's."""

    layer: str
    fields: Mapping[str, str]
    key: str | None

    @property
    def columns(self) -> frozenset[str]:
        """The columns that are looked at."""
        return frozenset(self.fields.values()) | ({self.key} if self.key else frozenset())

    def rows(self, table: RawTable) -> MappedRows:
        """One row for each record of the table."""
        size = len(table.geometries)
        nothing = [None] * size
        own = table.columns.get(self.key, nothing) if self.key else nothing
        return MappedRows(
            self.layer,
            range(table.first, table.first + size),
            [None if key in (None, "") else str(key) for key in own],
            {field: table.columns.get(name, nothing) for field, name in self.fields.items()},
            table.geometries,
            table.notes,
        )


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """How one kind of source becomes layers, feature by feature.

    `recognises` looks at a dataset's format and columns; `rows` gives the rows of one feature,
    none when the feature belongs to no layer. `source` names the source in `Feature.source`; None
    stands for the file's own name. `layers` are those it makes rows of, where it is the right one
    also when a layer is named. `left_out` names the reason why a feature has no row, where
    that deserves a line in the report.
    """

    name: str
    recognises: Callable[[Dataset], bool]
    rows: Callable[[RawFeature], tuple[MappedRow, ...]]
    source: str | None = None
    layers: tuple[str, ...] = ()
    left_out: Callable[[RawFeature], str | None] = lambda _raw: None
