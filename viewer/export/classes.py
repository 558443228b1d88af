"""Numbers of a column as colours: classes that hold as many features each, and their legend."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from layers.core.layer import Legend
from viewer.export.style import Look

# ColorBrewer YlOrRd: darker is more, also in print and to who sees red and green alike.
_RAMPS = {
    1: ("#fd8d3c",),
    2: ("#fecc5c", "#e31a1c"),
    3: ("#fecc5c", "#fd8d3c", "#e31a1c"),
    4: ("#fed976", "#fd8d3c", "#fc4e2a", "#b10026"),
    5: ("#fed976", "#feb24c", "#fd8d3c", "#f03b20", "#bd0026"),
}
_MISSING = "#c9ced6"
_WITHOUT = ("无数据", "No data")


@dataclass(frozen=True)
class Classes:
    """Of the column `title`: `edges` are the highest values of each class but the last.

    `lowest` and `highest` are those of all values, which are whole numbers when `is_whole`.
    """

    title: str
    lowest: float
    edges: tuple[float, ...]
    highest: float
    has_missing: bool = False
    is_whole: bool = False

    @property
    def colours(self) -> Sequence[str]:
        """One colour a class, from little to much."""
        return _RAMPS[len(self.edges) + 1]

    def colour(self, value: float | None) -> str:
        """The colour of a value; grey for none."""
        return _MISSING if value is None else self.colours[bisect_left(self.edges, value)]

    def legend(self, shape: str) -> Iterator[Legend]:
        """What each colour means, the most first; `shape` is fill, line or circle."""
        lows, highs = (self.lowest, *self.edges), (*self.edges, self.highest)
        ranges = list(zip(lows, highs, self.colours, strict=True))
        for low, high, colour in reversed(ranges):
            first = low + 1 if self.is_whole and low != self.lowest else low
            words = self._told(high)
            if first < high:
                words = f"{self._told(first)} – {words}"
            yield _line(words, words, colour, shape)
        if self.has_missing:
            yield _line(*_WITHOUT, _MISSING, shape)

    def _told(self, value: float) -> str:
        largest = max(abs(self.lowest), abs(self.highest))
        decimals = 0 if self.is_whole or largest >= 100 else 1 if largest >= 10 else 2
        return f"{value:,.{decimals}f}"


def classes_of(title: str, values: Sequence[float | None], most: int = 5) -> Classes:
    """At most `most` classes of the values, None being those without.

    Raises: ValueError when there is no value at all.
    """
    known = sorted(value for value in values if value is not None)
    if not known:
        raise ValueError(f"{title}: there is no number to colour by")
    edges = {known[(len(known) - 1) * place // most] for place in range(1, most)}
    inner = tuple(sorted(edge for edge in edges if edge < known[-1]))
    is_whole = all(value == int(value) for value in known)
    return Classes(title, known[0], inner, known[-1], len(known) < len(values), is_whole)


def look_in(colour: str, height: float | None) -> Look:
    """How a feature of a class is drawn."""
    return Look(
        fill=colour, fill_opacity=0.78, line="#6b5a4a", line_width=0.8, radius=6, height=height
    )


def _line(zh: str, en: str, colour: str, shape: str) -> Legend:
    return Legend((zh, en), colour, "circle" if shape == "circle" else "fill")
