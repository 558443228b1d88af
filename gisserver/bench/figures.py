"""What was measured, its goals, and the table a person reads."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Times:
    """How long each of a number of runs took, in seconds."""

    seconds: tuple[float, ...]

    @property
    def p50(self) -> float:
        """Half were faster, in milliseconds."""
        return statistics.median(self.seconds) * 1000

    @property
    def p95(self) -> float:
        """Ninety-five of a hundred were faster, in milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))] * 1000

    @property
    def p99(self) -> float:
        """Ninety-nine of a hundred were faster, in milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))] * 1000

    @property
    def rate(self) -> float:
        """Runs a second, one after the other."""
        return len(self.seconds) / sum(self.seconds)

    def told(self) -> dict[str, float]:
        """As JSON."""
        return {
            "runs": len(self.seconds),
            "p50_ms": round(self.p50, 3),
            "p99_ms": round(self.p99, 3),
            "per_second": round(self.rate, 1),
        }


@dataclass(frozen=True)
class Goal:
    """One promise: what was reached, what is allowed, and whether less is better."""

    title: str
    reached: float
    allowed: float
    unit: str
    is_ceiling: bool

    @property
    def is_met(self) -> bool:
        """Whether the promise is kept."""
        if self.is_ceiling:
            return self.reached <= self.allowed
        return self.reached >= self.allowed

    def line(self) -> str:
        """One line of the report."""
        sign, mark = ("≤" if self.is_ceiling else "≥"), ("✓" if self.is_met else "✗")
        return f"{mark} {self.title}: {self.reached:.2f} {self.unit} ({sign} {self.allowed:g})"


@dataclass(frozen=True)
class Comparison:
    """One question asked both ways."""

    title: str
    bare: Times
    served: Times
    note: str = ""

    @property
    def added(self) -> float:
        """Milliseconds that serving adds at p50."""
        return self.served.p50 - self.bare.p50

    @property
    def ratio(self) -> float:
        """Served against bare at p50."""
        return self.served.p50 / self.bare.p50

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "title": self.title,
            "bare": self.bare.told(),
            "served": self.served.told(),
            "added_ms": round(self.added, 3),
            "ratio": round(self.ratio, 3),
            "note": self.note,
        }


@dataclass
class Report:
    """Everything one run has found."""

    rows: dict[str, int]
    comparisons: list[Comparison] = field(default_factory=list)
    goals: list[Goal] = field(default_factory=list)
    facts: dict[str, float] = field(default_factory=dict)

    def compare(self, found: Sequence[Comparison], goals: Iterable[Goal]) -> None:
        """What was asked both ways, and what is promised of it."""
        self.comparisons.extend(found)
        self.goals.extend(goals)

    def add(self, facts: Mapping[str, float], goals: Iterable[Goal]) -> None:
        """What a measurement without a comparison has found."""
        self.facts.update(facts)
        self.goals.extend(goals)

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "rows": self.rows,
            "comparisons": [each.told() for each in self.comparisons],
            "facts": {name: round(value, 3) for name, value in self.facts.items()},
            "goals": [
                {
                    "title": goal.title,
                    "reached": round(goal.reached, 3),
                    "allowed": goal.allowed,
                    "unit": goal.unit,
                    "is_met": goal.is_met,
                }
                for goal in self.goals
            ],
        }

    def lines(self) -> list[str]:
        """As a person reads it: comparisons in a table, then facts, then goals."""
        counted = ", ".join(f"{rows:,} {name}" for name, rows in self.rows.items() if rows)
        return [
            counted,
            "",
            *_table(self.comparisons),
            "",
            *(f"{name}: {value:,.1f}" for name, value in self.facts.items()),
            "",
            *(goal.line() for goal in self.goals),
        ]


HEAD = (
    "ms",
    "bare SQL p50",
    "p99",
    "HTTP p50",
    "p99",
    "adds",
    "×",
)


def _table(comparisons: Sequence[Comparison]) -> list[str]:
    width = max([len(each.title) for each in comparisons] + [12])
    lines = [f"{HEAD[0]:<{width}}" + "".join(f"{name:>14}" for name in HEAD[1:])]
    for each in comparisons:
        numbers = (
            each.bare.p50,
            each.bare.p99,
            each.served.p50,
            each.served.p99,
            each.added,
            each.ratio,
        )
        cells = "".join(f"{number:>14.2f}" for number in numbers)
        lines.append(f"{each.title:<{width}}{cells}  {each.note}")
    return lines
