"""Small cells stay hidden: no sum of what is published tells what a hidden cell holds."""

from __future__ import annotations

from collections import deque
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from layers.core.small_cells import Hidden, Ints, hide_line, hide_tree

DIGITS = (1, 2, 3)
KEYS = [f"{a}{b}{c}" for a, b, c in product("12", "12", "123")]
COUNTS = st.one_of(st.just(0), st.integers(0, 4), st.integers(0, 40))
Node = tuple[str, ...]


class Oracle:
    """All that is published of a tree, as a network: each number in two sums, each sum a node.

    Of a leaf: its cells make its total. Of an area and a category: the areas in it make its own.
    A hidden number may grow by one exactly if a way leads back through other hidden numbers, each
    one larger or, if it is not zero, one smaller. It knows nothing of how cells were chosen.
    """

    def __init__(self, counts: Ints, hidden: Hidden) -> None:
        self.arcs: dict[Node, set[Node]] = {}
        self.ends: dict[Node, tuple[Node, Node]] = {}
        self.values: dict[Node, int] = {}
        for depth in range(len(DIGITS) + 1):
            for code in sorted({key[:depth] for key in KEYS}):
                places = [n for n, key in enumerate(KEYS) if key.startswith(code)]
                cells, is_lost = hidden.areas[depth, code]
                self._row(depth, code, counts[places].sum(axis=0), [*cells.tolist(), is_lost])

    def _row(self, depth: int, code: str, cells: Ints, hidden: list[bool]) -> None:
        for kind, value in enumerate((*cells.tolist(), int(cells.sum()))):
            is_total = kind == len(cells)
            above = ("sum", code[:-1], str(kind)) if code else ("outside",)
            own = ("leaf", code) if depth == len(DIGITS) else ("sum", code, str(kind))
            if hidden[kind]:
                name = (code, str(kind))
                # Opposite ends for a total: it is what the others have to make.
                self.ends[name] = (above, own) if is_total else (own, above)
                self.values[name] = value

    def may_change(self, name: Node) -> bool:
        """Whether another table with the same published numbers has one more or one fewer here."""
        start, end = self.ends[name]
        more = self._leads(end, start, name)
        return more or (self.values[name] > 0 and self._leads(start, end, name))

    def _leads(self, start: Node, end: Node, without: Node) -> bool:
        arcs: dict[Node, set[Node]] = {}
        for name, (tail, head) in self.ends.items():
            if name != without:
                arcs.setdefault(tail, set()).add(head)
                if self.values[name] > 0:
                    arcs.setdefault(head, set()).add(tail)
        seen, waiting = {start}, deque([start])
        while waiting:
            for other in arcs.get(waiting.popleft(), ()):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return end in seen


@st.composite
def trees(draw: st.DrawFn) -> Ints:
    """Rows of two areas of two areas each, most of them with small numbers."""
    kinds = draw(st.integers(2, 4))
    counts = draw(st.lists(COUNTS, min_size=len(KEYS) * kinds, max_size=len(KEYS) * kinds))
    return np.array(counts, dtype=np.int64).reshape(len(KEYS), kinds)


@given(trees())
def test_nothing_hidden_in_a_tree_of_areas_can_be_told(counts: Ints) -> None:
    hidden = hide_tree(KEYS, counts, DIGITS)
    oracle = Oracle(counts, hidden)
    for name, value in oracle.values.items():
        assert value == 0 or oracle.may_change(name), (name, value)


@given(trees())
def test_no_small_number_is_published_at_any_level(counts: Ints) -> None:
    hidden = hide_tree(KEYS, counts, DIGITS)
    for (depth, code), (cells, is_lost) in hidden.areas.items():
        places = [n for n, key in enumerate(KEYS) if key[:depth] == code]
        sums = counts[places].sum(axis=0)
        assert not any(0 < sums[k] < 5 and not cells[k] for k in range(len(sums)))
        assert is_lost or not 0 < sums.sum() < 5
    rows_agree = [hidden.areas[3, key][0] for key in KEYS]
    assert (np.array(rows_agree) == hidden.cells).all()


@given(trees())
def test_what_is_hidden_does_not_depend_on_what_is_asked(counts: Ints) -> None:
    """The same area has the same mask, whether its neighbours are told whole or in parts."""
    whole = hide_tree(KEYS, counts, DIGITS)
    inside = [n for n, key in enumerate(KEYS) if key.startswith("12")]
    keys = ["11", *(KEYS[n] for n in inside), "2"]
    parts = [[n for n, key in enumerate(KEYS) if key.startswith(part)] for part in keys]
    merged = np.array([counts[each].sum(axis=0) for each in parts])
    some = hide_tree(keys, merged, DIGITS)
    for key in ("1", "11", "12", *(KEYS[n] for n in inside)):
        cells, is_lost = some.areas[len(key), key]
        assert (cells == whole.areas[len(key), key][0]).all()
        assert is_lost == whole.areas[len(key), key][1]


def test_a_line_hides_five_at_least() -> None:
    assert hide_line(np.array([2, 0, 7, 30])).tolist() == [True, False, True, False]
    assert hide_line(np.array([1, 1, 30])).tolist() == [True, True, True]
    assert hide_line(np.array([5, 6])).tolist() == [False, False]
