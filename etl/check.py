"""Row checks: every mapped row is accepted, repaired or rejected, with reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from etl.geometry_check import GeometryCheck, object_array
from etl.mapping.row import MappedRows
from etl.reasons import REASONS, Outcome
from etl.value_check import Codes, ValueCheck
from layers.core.crs import ReferenceSystem
from layers.core.layer import Layer


@dataclass(frozen=True, slots=True)
class Remark:
    """One reason found in a row; `field` is empty for the geometry or the row as a whole."""

    reason: str
    field: str = ""
    detail: str = ""

    @property
    def outcome(self) -> Outcome:
        """What the reason alone makes of the row."""
        return REASONS[self.reason].outcome

    def text(self) -> str:
        """The reason in both languages with field and detail, for reports."""
        reason = REASONS[self.reason]
        where = f"{self.field}: " if self.field else ""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{where}{reason.zh} / {reason.en}{detail}"


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row with values of the declared types and WGS 84 geometry, and what was found in it."""

    layer: str
    row: int
    key: str | None
    values: Mapping[str, Any]
    geometry: BaseGeometry | None
    remarks: tuple[Remark, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The worst of the remarks' outcomes."""
        return worst(self.remarks)


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """Checked rows of one layer, column by column.

    `remarks` are those of single rows by their position.
    """

    layer: str
    numbers: Sequence[int]
    keys: Sequence[str | None]
    values: Mapping[str, Sequence[Any]]
    geometries: NDArray[Any]
    remarks: Mapping[int, tuple[Remark, ...]]

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.numbers)

    def outcome(self, at: int) -> Outcome:
        """What became of the row at a position."""
        return worst(self.remarks.get(at, ()))

    def remarked(self, added: Mapping[int, Remark]) -> CheckedRows:
        """The same rows with a remark more at some positions."""
        more = {at: (*self.remarks.get(at, ()), remark) for at, remark in added.items()}
        return replace(self, remarks={**self.remarks, **more})

    def kept(self) -> CheckedRows:
        """The rows that were not rejected."""
        lost = {at for at in self.remarks if self.outcome(at) is Outcome.REJECTED}
        if not lost:
            return self
        stays = [at not in lost for at in range(len(self))]
        places = {at: place for place, at in enumerate(compress(range(len(self)), stays))}
        return CheckedRows(
            self.layer,
            list(compress(self.numbers, stays)),
            list(compress(self.keys, stays)),
            {name: list(compress(column, stays)) for name, column in self.values.items()},
            self.geometries[np.array(stays)],
            {places[at]: found for at, found in self.remarks.items() if at not in lost},
        )

    def row(self, at: int) -> CheckedRow:
        """The row at a position."""
        values = {name: column[at] for name, column in self.values.items()}
        remarks = self.remarks.get(at, ())
        return CheckedRow(
            self.layer, self.numbers[at], self.keys[at], values, self.geometries[at], remarks
        )

    def rows(self) -> list[CheckedRow]:
        """The rows one by one."""
        return [self.row(at) for at in range(len(self))]

    @classmethod
    def of(cls, layer: str, rows: Sequence[CheckedRow]) -> CheckedRows:
        """The same rows, all of one layer, as columns; a value that a row has not is None."""
        fields = dict.fromkeys(name for row in rows for name in row.values)
        return cls(
            layer,
            [row.row for row in rows],
            [row.key for row in rows],
            {name: [row.values.get(name) for row in rows] for name in fields},
            object_array([row.geometry for row in rows]),
            {at: row.remarks for at, row in enumerate(rows) if row.remarks},
        )


def worst(remarks: Iterable[Remark]) -> Outcome:
    """What some remarks together make of a row."""
    outcomes = {remark.outcome for remark in remarks}
    if Outcome.REJECTED in outcomes:
        return Outcome.REJECTED
    return Outcome.REPAIRED if Outcome.REPAIRED in outcomes else Outcome.ACCEPTED


class LayerCheck:
    """Checks rows of one layer; `codes` are the values of the code tables it uses."""

    def __init__(self, layer: Layer, codes: Codes, crs: ReferenceSystem) -> None:
        self.layer = layer
        self._values = ValueCheck(layer, codes)
        self._geometry = GeometryCheck(layer, crs)

    def check(self, rows: MappedRows) -> CheckedRows:
        """The checked rows, in order."""
        found = self._geometry.check(rows.geometries, rows.notes)
        values, faults = self._values.check(rows.values, len(rows))
        remarks: dict[int, list[Remark]] = {}
        for at, reasons in found.reasons.items():
            remarks.setdefault(at, []).extend(Remark(code, "", detail) for code, detail in reasons)
        for at, own in faults.items():
            remarks.setdefault(at, []).extend(Remark(*fault) for fault in own)
        return CheckedRows(
            self.layer.name,
            rows.numbers,
            rows.keys,
            values,
            found.geometries,
            {at: tuple(remarks[at]) for at in sorted(remarks)},
        )


__all__ = ["REASONS", "CheckedRow", "CheckedRows", "LayerCheck", "Outcome", "Remark"]
