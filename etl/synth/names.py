"""Invented Chinese names of places, made from the word parts under data/synth."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from etl.synth.shapes import Random

FOLDER = Path(__file__).resolve().parents[2] / "data" / "synth"
ROAD_ENDS = {
    "expressway": "高架路",
    "arterial": "大道",
    "secondary": "路",
    "local": "路",
    "canal": "路",
}


@cache
def words(name: str) -> dict[str, Any]:
    """Return the word parts of data/synth/<name>.toml."""
    with (FOLDER / f"{name}.toml").open("rb") as file:
        parts: dict[str, Any] = tomllib.load(file)
    return parts


class Names:
    """Hands out place names, each only once, always in the same order for one seed."""

    def __init__(self, random: Random) -> None:
        self._parts = words("places")
        self._random = random
        self._used: set[str] = set()
        self._roads: dict[str, str] = {}
        self._towns = list(self._parts["towns"])
        first, second = self._parts["road_first"], self._parts["road_second"]
        stems: list[str] = [a + b for a in first for b in second if a != b]
        self._stems: list[str] = [stems[int(index)] for index in random.permutation(len(stems))]

    def pick(self, key: str) -> str:
        """Return one word of a list of data/synth/places.toml."""
        options = self._parts[key]
        return str(options[int(self._random.integers(len(options)))])

    def unique(self, *keys: str, between: str = "") -> str:
        """Return a name put together from one word of each list, never given out before."""
        for _ in range(60):
            name = between.join(self.pick(key) for key in keys)
            if name not in self._used:
                break
        else:
            name = self.stem() + self.pick(keys[-1])
        self._used.add(name)
        return name

    def stem(self) -> str:
        """Return two syllables never used for a road before."""
        return self._stems.pop()

    def road(self, key: str, kind: str, eastward: bool) -> str:
        """Return the name of a road; the same key always gets the same name."""
        if key not in self._roads:
            end = ROAD_ENDS[kind]
            if not eastward and kind == "local":
                end = "街"
            self._roads[key] = self.stem() + end
        return self._roads[key]

    def river(self, number: int) -> str:
        """Return the name of the n-th river."""
        return self._numbered("rivers", number)

    def canal(self, number: int) -> str:
        """Return the name of the n-th canal."""
        return self._numbered("canals", number)

    def lake(self, number: int) -> str:
        """Return the name of the n-th lake."""
        return self._numbered("lakes", number)

    def town(self, number: int) -> str:
        """Return the name of the n-th street or town, without its ending."""
        return str(self._towns[number])

    def _numbered(self, key: str, number: int) -> str:
        options = self._parts[key]
        if number < len(options):
            return str(options[number])
        return self.stem() + str(options[number % len(options)])[-1]
