"""The table of speeds: complete for every road class, and nothing odd is taken."""

from __future__ import annotations

import tomllib

import pytest

from layers.analysis.roads.speeds import FILE, MODES, minutes_per_metre, parse_speeds, speeds
from tests.harness import ROOT


def test_every_class_is_one_of_the_code_table() -> None:
    tables = tomllib.loads((ROOT / "data" / "codes" / "tables.toml").read_text(encoding="utf-8"))
    classes = set(tables["road_class"]["values"])
    used = {name for mode in MODES for name in speeds()[mode]}
    assert classes - used == {"construction"}
    assert used <= classes


def test_nobody_walks_on_motorways_or_drives_on_footways() -> None:
    assert not {"motorway", "trunk"} & set(speeds()["walk"])
    assert not {"motorway", "trunk", "footway", "steps"} & set(speeds()["bicycle"])
    assert not {"footway", "pedestrian", "steps", "path", "cycleway"} & set(speeds()["car"])


def test_fifteen_minutes_on_foot_are_a_kilometre() -> None:
    assert 1_000 * minutes_per_metre(speeds()["walk"]["footway"]) == pytest.approx(15)


@pytest.mark.parametrize(
    "change",
    [
        ("primary = 4\n", "primary = 0\n"),
        ("primary = 4\n", 'primary = "4"\n'),
        ("primary = 4\n", "primary = true\n"),
        ("motorway = 80", "motorway = 800"),
        ("[bicycle]", "[tram]"),
    ],
)
def test_what_is_no_table_of_speeds(change: tuple[str, str]) -> None:
    words = FILE.read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=r"needed|km/h"):
        parse_speeds(words.replace(*change, 1))
