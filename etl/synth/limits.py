"""Registration conditions and closing conditions of invented cases, out of the code tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from etl.synth.shapes import Floats, Random
from layers.core.codes import CodeTableFile, read_code_tables

CODES = Path(__file__).resolve().parents[2] / "data" / "codes"
# Eight working hours are a day and seven days have five of them: what passes meanwhile.
ELAPSED = 24 / 8 * 7 / 5


@dataclass(frozen=True)
class Limits:
    """Of each case: its condition, the seconds its limit lasts by day and night, its closing."""

    condition: list[str]
    pace: Floats
    closing: list[str]

    @property
    def inputs(self) -> list[str]:
        """What is given when a case is registered, as JSON."""
        return [json.dumps({"condition": code}) for code in self.condition]

    @property
    def closing_inputs(self) -> list[str]:
        """What is given when a case is closed, as JSON."""
        return [json.dumps({"closing_condition": code}) for code in self.closing]


def limits_of(category: Sequence[str], random: Random) -> Limits:
    """One of the conditions of each case's category, or of the group above it, at random."""
    tables = {table.name: table for table in read_code_tables(CODES)}
    known = _conditions(tables["registration_condition"], tables["time_limit_unit"])
    closings = {row.code for row in tables["closing_condition"].rows}
    of_category = {name: known.get(name) or known[name[:-2]] for name in set(category)}
    draws = random.random(len(category)).tolist()
    chosen = [
        of_category[name][int(draw * len(of_category[name]))]
        for name, draw in zip(category, draws, strict=True)
    ]
    return Limits(
        [code for code, _ in chosen],
        np.array([seconds for _, seconds in chosen]),
        [name if name in closings else name[:-2] for name in category],
    )


def _conditions(
    conditions: CodeTableFile, units: CodeTableFile
) -> dict[str, list[tuple[str, float]]]:
    seconds = {
        row.code: float(row.extra["unit_minutes"])
        * 60
        * (1 if row.extra["counts_night"] == "1" else ELAPSED)
        for row in units.rows
    }
    found: dict[str, list[tuple[str, float]]] = {}
    for row in conditions.rows:
        lasts = float(row.extra["limit_value"]) * seconds[row.extra["limit_unit"]]
        found.setdefault(row.extra["class_code"], []).append((row.code, lasts))
    return found
