"""Row checks: every mapped row is accepted, repaired or rejected, with reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from etl.geometry_check import GeometryCheck
from etl.mapping.row import MappedRow
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
    values: dict[str, Any]
    geometry: BaseGeometry | None
    remarks: tuple[Remark, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The worst of the remarks' outcomes."""
        if not self.remarks:
            return Outcome.ACCEPTED
        outcomes = {remark.outcome for remark in self.remarks}
        if Outcome.REJECTED in outcomes:
            return Outcome.REJECTED
        return Outcome.REPAIRED if Outcome.REPAIRED in outcomes else Outcome.ACCEPTED


class LayerCheck:
    """Checks rows of one layer; `codes` are the values of the code tables it uses."""

    def __init__(self, layer: Layer, codes: Codes, crs: ReferenceSystem) -> None:
        self.layer = layer
        self._values = ValueCheck(layer, codes)
        self._geometry = GeometryCheck(layer, crs)

    def rows(self, rows: Sequence[MappedRow]) -> list[CheckedRow]:
        """The checked rows, in order. Geometries are worked on all at once."""
        found = self._geometry.check([row.geometry for row in rows], [row.notes for row in rows])
        return [
            self._checked(row, geometry, reasons)
            for row, geometry, reasons in zip(rows, found.geometries, found.reasons, strict=True)
        ]

    def _checked(
        self, row: MappedRow, geometry: BaseGeometry | None, reasons: Iterable[tuple[str, str]]
    ) -> CheckedRow:
        values, faults = self._values.check(row.values)
        remarks = [Remark(reason, "", detail) for reason, detail in reasons]
        remarks += [Remark(*fault) for fault in faults]
        key = str(row.key) if row.key is not None else None
        return CheckedRow(self.layer.name, row.row, key, values, geometry, tuple(remarks))


__all__ = ["REASONS", "CheckedRow", "LayerCheck", "Outcome", "Remark"]
