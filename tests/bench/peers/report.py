"""The table of figures, their goals, and both as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gisserver.bench.figures import Goal
from tests.bench.peers.contender import BARE, SAME_TILE

OURS = "Wangge"
COLUMNS = (
    BARE,
    "Flask pass-through",
    "QGIS Server",
    "TiPg",
    "MapServer",
    "pygeoapi",
    OURS,
    "Wangge, all attributes",
)
TITLES = {
    "first": "items limit=10 with numberMatched, req/s",
    "box": "bbox 2.6 km², limit=1000, req/s",
    "item": "one item by id, req/s",
    "deep": "deep page (offset 100,000), req/s",
    "filter": "CQL2: two attributes and a polygon, limit=1000, req/s",
    "cold": "tiles z12–z16 cold, tiles/s",
    "warm": "tiles z12–z16 warm, tiles/s",
    "points": "points read by GDAL, points/s",
    "memory": "largest process after the run, MiB",
    "accounts": "items limit=10, req/s: 10 accounts, 1,000 accounts",
    "collections": "items limit=10, req/s: who sees few, who sees all collections",
}
STEADY = 0.9
"""What grows tenfold and more may cost no more than this share: two measurements differ as much."""


@dataclass(frozen=True)
class Cell:
    """What one contender reached in one row: each round, or why there is none."""

    rounds: Sequence[float] = ()
    reason: str = ""

    @property
    def median(self) -> float | None:
        """The middle of the rounds."""
        return statistics.median(self.rounds) if self.rounds else None

    def text(self) -> str:
        """As the table shows it."""
        if self.median is None:
            return "–"
        return f"{self.median:,.1f}" if self.median < 100 else f"{self.median:,.0f}"


@dataclass
class Table:
    """Everything measured so far."""

    facts: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, dict[str, Cell]] = field(default_factory=dict)

    def put(self, row: str, name: str, cell: Cell) -> None:
        """Keep what a contender reached."""
        self.rows.setdefault(row, {})[name] = cell

    def value(self, row: str, name: str) -> float | None:
        """The median of a cell, None when nothing was measured."""
        cell = self.rows.get(row, {}).get(name)
        return None if cell is None else cell.median

    def goals(self) -> list[Goal]:
        """Promises about the rows that were measured; without a peer's figure there is none."""
        return [*self._against_peers(), *self._of_ourselves()]

    def _against_peers(self) -> Iterator[Goal]:
        for row, other, least in (
            ("first", "QGIS Server", 1.5),
            ("box", "QGIS Server", 2),
            ("box", "TiPg", 10),
            ("item", "TiPg", 1.5),
            ("deep", "pygeoapi", 20),
            ("filter", "TiPg", 3),
            ("cold", self._best_peer("cold"), 3),
            ("warm", "TiPg", 30),
            ("points", "pygeoapi", 4),
        ):
            ours, theirs = self.value(row, OURS), self.value(row, other)
            if ours is not None and theirs is not None:
                title = f"{TITLES[row]} against {other}"
                yield Goal(title, ours / theirs, least, "×", is_ceiling=False)

    def _of_ourselves(self) -> Iterator[Goal]:
        for row, other in (("box", BARE), ("cold", SAME_TILE)):
            ours, bare = self.value(row, OURS), self.value(row, other)
            if ours is not None and bare is not None:
                title = f"{other} against ours, {TITLES[row]}"
                yield Goal(title, bare / ours, 1.4, "×", is_ceiling=True)
        memory = self.value("memory", OURS)
        if memory is not None:
            yield Goal("memory of a worker", memory, 150, "MiB", is_ceiling=True)
        for row in ("accounts", "collections"):
            found = list(self.rows.get(row, {}).values())
            values = [cell.median for cell in found if cell.median is not None]
            if len(values) == 2:
                title = f"rate with many {row} against few"
                yield Goal(title, values[1] / values[0], STEADY, "×", is_ceiling=False)

    def _best_peer(self, row: str) -> str:
        """The peer that reached most; a pass-through of ours is none."""
        peers = ("QGIS Server", "TiPg", "MapServer")
        return max(peers, key=lambda name: self.value(row, name) or 0.0)

    def markdown(self) -> str:
        """The table, what is not in it and why, the goals."""
        names = [name for name in COLUMNS if any(name in cells for cells in self.rows.values())]
        lines = [f"| work | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
        reasons: dict[str, None] = {}
        for row, cells in self.rows.items():
            if row in ("accounts", "collections"):
                continue
            shown = [cells.get(name, Cell()).text() for name in names]
            lines.append(f"| {TITLES[row]} | {' | '.join(shown)} |")
            for name, cell in cells.items():
                if cell.median is None and cell.reason:
                    reasons[f"- {name}, {TITLES[row]}: {cell.reason}"] = None
        same = self.rows.get("cold", {}).get(SAME_TILE)
        if same is not None:
            lines += ["", f"{SAME_TILE}: {same.text()} tiles/s"]
        for row in ("accounts", "collections"):
            told = [f"{name}: {cell.text()}" for name, cell in self.rows.get(row, {}).items()]
            if told:
                lines += ["", f"{TITLES[row]}: {'; '.join(told)}"]
        lines += ["", *reasons, "", *(f"- {goal.line()}" for goal in self.goals()), ""]
        lines += [f"- {name}: {value}" for name, value in self.facts.items()]
        return "\n".join(lines) + "\n"

    def told(self) -> Mapping[str, Any]:
        """As JSON."""
        return {
            "facts": self.facts,
            "rows": {
                row: {
                    name: {
                        "median": cell.median,
                        "rounds": [round(each, 2) for each in cell.rounds],
                        "reason": cell.reason,
                        "against_ours": self._ratio(row, cell),
                    }
                    for name, cell in cells.items()
                }
                for row, cells in self.rows.items()
            },
            "goals": [
                {
                    "title": goal.title,
                    "reached": round(goal.reached, 3),
                    "allowed": goal.allowed,
                    "unit": goal.unit,
                    "is_met": goal.is_met,
                }
                for goal in self.goals()
            ],
        }

    def _ratio(self, row: str, cell: Cell) -> float | None:
        ours = self.value(row, OURS)
        return round(cell.median / ours, 3) if ours and cell.median is not None else None
