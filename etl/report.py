"""What a load did: counts by layer, reasons, a CSV with every row that was not simply accepted."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from etl.check import CheckedRows, Remark
from etl.reasons import REASONS, Outcome

_HEADER = "dataset row layer source_key outcome reason field detail reason_zh reason_en".split()


@dataclass(slots=True)
class LayerCounts:
    """Rows of one layer by outcome of the check, and by what the database did with them."""

    accepted: int = 0
    repaired: int = 0
    rejected: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    outside: int = 0

    @property
    def read(self) -> int:
        """All rows checked."""
        return self.accepted + self.repaired + self.rejected


@dataclass(slots=True)
class LoadReport:
    """The outcome of loading one file.

    `ignored` are features that belong to no layer; `stopped` says why nothing was written, empty
    when all that passed the check was; `path` is the CSV report.
    """

    file: str
    dry_run: bool = False
    layers: dict[str, LayerCounts] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    ignored: int = 0
    notes: list[str] = field(default_factory=list)
    stopped: str = ""
    path: Path | None = None
    seconds: float = 0.0

    @property
    def written(self) -> bool:
        """True when the rows are in the database."""
        return not self.dry_run and not self.stopped

    def count(self, rows: CheckedRows) -> None:
        """Adds checked rows of a layer to the counts."""
        counts = self.layers.setdefault(rows.layer, LayerCounts())
        outcomes = Counter(rows.outcome(at) for at in rows.remarks)
        counts.accepted += outcomes[Outcome.ACCEPTED] + len(rows) - outcomes.total()
        counts.repaired += outcomes[Outcome.REPAIRED]
        counts.rejected += outcomes[Outcome.REJECTED]
        for remarks in rows.remarks.values():
            self.reasons.update({remark.reason for remark in remarks})

    def leave_out(self, reason: str | None) -> None:
        """Counts a feature that belongs to no layer, with its reason if there is one."""
        self.ignored += 1
        if reason is not None:
            self.reasons[reason] += 1

    def summary_lines(self) -> list[str]:
        """Lines for the screen, Chinese first."""
        lines = [self.file, *(f"  {note}" for note in self.notes)]
        lines += [self._layer_line(name, counts) for name, counts in self.layers.items()]
        for reason, count in self.reasons.most_common():
            known = REASONS[reason]
            lines.append(f"  {count:>7}  {known.outcome}  {known.zh} / {known.en}")
        if self.ignored:
            lines.append(f"  {self.ignored:>7}  不属于任何图层，未载入 / of no layer, left out")
        if self.path is not None:
            lines.append(f"  报告 / report: {self.path}")
        if self.stopped:
            lines.append(f"  未写入 / nothing written: {self.stopped}")
        elif self.dry_run:
            lines.append("  仅检查，未写入 / checked only, nothing written")
        return lines

    def _layer_line(self, name: str, counts: LayerCounts) -> str:
        line = (
            f"  {name}: 读取 read {counts.read}, 接受 accepted {counts.accepted}, "
            f"修复 repaired {counts.repaired}, 拒绝 rejected {counts.rejected}"
        )
        if self.written:
            line += (
                f" → 新增 new {counts.inserted}, 更新 updated {counts.updated}, "
                f"不变 unchanged {counts.unchanged}"
            )
            if counts.outside:
                line += f"; 区划外 outside all areas {counts.outside}"
        return line


class ReportFile:
    """The CSV under the reports folder, written row by row; readable by Excel (UTF-8 with BOM)."""

    def __init__(self, folder: Path, source: str, moment: datetime) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{source}.{moment:%Y%m%d-%H%M%S}.csv"
        self._stream = self.path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._stream)
        self._writer.writerow(_HEADER)

    def add(self, dataset: str, rows: CheckedRows) -> None:
        """Writes one line for each remark of each row."""
        for at in sorted(rows.remarks):
            outcome = rows.outcome(at)
            for remark in rows.remarks[at]:
                self.line(dataset, rows, at, remark, outcome)

    def line(
        self, dataset: str, rows: CheckedRows, at: int, remark: Remark, outcome: Outcome
    ) -> None:
        """Writes one line about the row at a position."""
        reason = REASONS[remark.reason]
        self._writer.writerow(
            [
                dataset,
                rows.numbers[at],
                rows.layer,
                rows.keys[at] or "",
                outcome.value,
                remark.reason,
                remark.field,
                remark.detail,
                reason.zh,
                reason.en,
            ]
        )

    def close(self) -> None:
        """Finishes the file."""
        self._stream.close()
