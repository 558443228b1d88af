"""How fast one goes on roads: `data/roads/speeds.toml`, by mode and road class."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

Mode = Literal["walk", "bicycle", "car"]
MODES: tuple[Mode, ...] = get_args(Mode)
Speeds: TypeAlias = Mapping[Mode, Mapping[str, float]]
"""Kilometres an hour by mode and road class; a class that is missing may not be used."""

FILE = Path(__file__).resolve().parents[3] / "data" / "roads" / "speeds.toml"


def parse_speeds(words: str) -> Speeds:
    """Speeds of the text of a TOML file.

    Raises: ValueError naming the mode or class that cannot be.
    """
    given = tomllib.loads(words)
    if set(given) != set(MODES):
        raise ValueError(f"{', '.join(MODES)} are needed, not {', '.join(given)}")
    for mode, classes in given.items():
        if not isinstance(classes, dict) or not classes:
            raise ValueError(f"{mode}: speeds by road class are needed")
        for name, speed in classes.items():
            if not _is_speed(speed):
                raise ValueError(f"{mode}.{name}: above 0 and up to 150 km/h, not {speed!r}")
    return {mode: {name: float(each) for name, each in given[mode].items()} for mode in MODES}


@cache
def speeds() -> Speeds:
    """The speeds of data/roads/speeds.toml, read once a process."""
    return parse_speeds(FILE.read_text(encoding="utf-8"))


def walking_speed() -> float:
    """Kilometres an hour where there is no road: that of a footway."""
    return speeds()["walk"]["footway"]


def minutes_per_metre(speed: float) -> float:
    """Minutes that a metre takes at kilometres an hour."""
    return 60.0 / (1000.0 * speed)


def _is_speed(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 150
