"""Thresholds of unusual looks, from data/privacy/patterns.toml."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[2] / "data" / "privacy" / "patterns.toml"
LONGEST_DAYS = 92


@dataclass(frozen=True)
class Night:
    """`looks` or more between two hours of China (the second on the next day), not on duty."""

    from_hour: int
    to_hour: int
    looks: int


@dataclass(frozen=True)
class Surge:
    """`looks` or more on a day, `factor` times the median of at least `least_days` days before."""

    days: int
    least_days: int
    factor: float
    looks: int


@dataclass(frozen=True)
class OnePerson:
    """`accounts` or more reveal one person within `days`."""

    days: int
    accounts: int


@dataclass(frozen=True)
class Elsewhere:
    """`looks` or more in communities not looked into for `days`, after `before` looks elsewhere."""

    days: int
    looks: int
    before: int


@dataclass(frozen=True)
class Patterns:
    """All thresholds."""

    night: Night
    surge: Surge
    one_person: OnePerson
    elsewhere: Elsewhere

    @property
    def days_before(self) -> int:
        """How many days before a day are read to judge it."""
        return max(self.surge.days, self.one_person.days, self.elsewhere.days)


_KINDS: dict[str, type[Any]] = {
    "night": Night,
    "surge": Surge,
    "one_person": OnePerson,
    "elsewhere": Elsewhere,
}


def parse_patterns(words: str) -> Patterns:
    """Thresholds of the text of a TOML file.

    Raises: ValueError naming the pattern or number that is missing, unknown or cannot be.
    """
    given = tomllib.loads(words)
    if set(given) != set(_KINDS):
        raise ValueError(f"patterns: exactly {', '.join(_KINDS)} are needed")
    made = {name: _thresholds(name, kind, given[name]) for name, kind in _KINDS.items()}
    night: Night = made["night"]
    if not (0 <= night.to_hour < night.from_hour <= 23):
        raise ValueError("night: to_hour must come before from_hour, both 0 to 23")
    return Patterns(**made)


def _thresholds(name: str, kind: type[Any], numbers: dict[str, Any]) -> Any:
    wanted = {each.name: each.type for each in fields(kind)}
    if set(numbers) != set(wanted):
        raise ValueError(f"{name}: exactly {', '.join(wanted)} are needed")
    for word, value in numbers.items():
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        least = 0 if word.endswith("_hour") else 1
        if not is_number or value < least or (wanted[word] is int and not isinstance(value, int)):
            raise ValueError(f"{name}.{word}: a number from {least} is needed")
        if word == "days" and value > LONGEST_DAYS:
            raise ValueError(f"{name}.days: at most {LONGEST_DAYS}")
    return kind(**numbers)


@cache
def patterns() -> Patterns:
    """The thresholds of data/privacy/patterns.toml, read once a process."""
    return parse_patterns(FILE.read_text(encoding="utf-8"))
