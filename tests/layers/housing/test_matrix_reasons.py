"""Every reason for which the matrix is refused is told in the reader's language."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from layers.core.errors import Invalid
from layers.housing.matrix_edit import Cell, House, apply_steps
from layers.housing.matrix_rule import Rule, build

VIEWER = Path("viewer/src")
RULES = [
    (re.compile(pattern), key)
    for pattern, key in re.findall(
        r"\{ pattern: /(.*)/, key: '([\w.]+)'", (VIEWER / "model/faultReason.ts").read_text()
    )
]
HOUSE = House(levels=3, levels_below=1, skipped=(2,))
ROOMS = [
    Cell(1, "1", 1, "101", people=2),
    Cell(2, "1", 1, "102", is_let=True),
    Cell(3, "1", 1, "103"),
    Cell(4, "2", 1, "101"),
]
WRONG: list[dict[str, Any]] = [
    {"do": "merge", "rooms": [1, 3], "into": 1},
    {"do": "merge", "rooms": [1, 4], "into": 1},
    {"do": "merge", "rooms": [1], "into": 1},
    {"do": "merge", "rooms": [9, 1], "into": 1},
    {"do": "split", "room": 1, "pieces": []},
    {"do": "split", "room": 9, "pieces": []},
    {"do": "set", "rooms": [1], "values": {"colour": "red"}},
    {"do": "retire", "rooms": [1, 2]},
    {"do": "add", "rooms": [{"id": -1, "floor": 0, "number": "1"}]},
    {"do": "add", "rooms": [{"id": -1, "floor": 2, "number": "201"}]},
    {"do": "add", "rooms": [{"id": -1, "floor": 9, "number": "901"}]},
    {"do": "add", "rooms": [{"id": -1, "floor": 1, "number": ""}]},
    {"do": "add", "rooms": [{"id": -1, "unit": "1", "floor": 1, "number": "101"}]},
    {"do": "add", "rooms": [{"id": -1, "floor": 1, "number": "1", "unit": "单" * 21}]},
    {"do": "add", "rooms": [{"floor": 1}]},
]
LONG = [Cell(number, "1", 1, f"{number:03}") for number in range(1, 23)]
RULE = {"units": ["1"], "lowest": 1, "highest": 1, "rooms": 2, "pattern": "{floor}{room:02}"}
WRONG_RULES: list[dict[str, Any]] = [
    {"units": []},
    {"units": ["1", "1"]},
    {"units": ["单" * 21]},
    {"highest": -1},
    {"highest": 9},
    {"rooms": 0},
    {"shops": 5},
    {"beds": 0},
    {"pattern": "{floor}"},
    {"pattern": "{room}{colour}"},
    {"pattern": "{room}", "highest": 3},
    {"pattern": "{room}" + "号" * 30},
]


def reasons() -> set[str]:
    """What is said of every step and rule that is wrong."""
    said = {fault.reason for step in WRONG for fault in apply_steps(HOUSE, ROOMS, [step]).faults}
    wide = {"do": "merge", "rooms": [room.id for room in LONG], "into": 1}
    said |= {fault.reason for fault in apply_steps(HOUSE, LONG, [wide]).faults}
    unknown = House()
    high = {"do": "add", "rooms": [{"id": -1, "floor": 300, "number": "1"}]}
    said |= {fault.reason for fault in apply_steps(unknown, [], [high]).faults}
    for changed in WRONG_RULES:
        try:
            build(Rule(**(RULE | changed)), HOUSE)
        except Invalid as refused:
            said |= {fault.reason for fault in refused.faults}
        else:
            raise AssertionError(f"not refused: {changed}")
    return said


def test_every_reason_has_a_text_in_both_languages() -> None:
    told = {
        language: {
            key: text
            for file in (VIEWER / "locales" / language).glob("*.json")
            for key, text in json.loads(file.read_text()).items()
        }
        for language in ("zh", "en")
    }
    found = reasons()
    assert len(found) > 20
    for reason in sorted(found):
        keys = [key for pattern, key in RULES if pattern.search(reason)]
        assert keys, f"shown in English to everybody: {reason}"
        assert all(keys[0] in texts for texts in told.values()), keys[0]
