"""The parts of a standard address (标准地址), in its order from province to room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

ABSENT = "无"


@dataclass(frozen=True)
class Part:
    """One part without its mark (弄, 号, 幢 …); `score` from 0 to 1 tells how sure it is."""

    value: str
    score: float = 1.0


@dataclass(frozen=True)
class Address:
    """The parts of a standard address; a road and a compound or natural village are kept apart."""

    province: Part | None = None
    city: Part | None = None
    county: Part | None = None
    town: Part | None = None
    community: Part | None = None
    grid: Part | None = None
    street: Part | None = None
    lane: Part | None = None
    number: Part | None = None
    compound: Part | None = None
    building: Part | None = None
    unit: Part | None = None
    floor: Part | None = None
    room: Part | None = None

    def __iter__(self) -> Iterator[tuple[str, Part | None]]:
        """Name and part, in the order of the standard."""
        return ((name, getattr(self, name)) for name in PARTS)

    @property
    def values(self) -> Mapping[str, str]:
        """Values of the parts that are there."""
        return {name: part.value for name, part in self if part}

    @property
    def told(self) -> Mapping[str, str]:
        """Values of all parts; the absent ones say so."""
        return {name: part.value if part else ABSENT for name, part in self}

    @property
    def score(self) -> float:
        """How sure the least sure part is; 0 of nothing."""
        return min((part.score for _, part in self if part), default=0.0)


PARTS = tuple(field.name for field in fields(Address))
