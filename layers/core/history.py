"""What changed, field by field, told from history rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from layers.core.layer import Layer

Difference = tuple[str, Any, Any]

# Every change touches these; they say nothing about what was changed.
_BOOKKEEPING = frozenset({"updated_at", "updated_by", "row_version"})


@dataclass(frozen=True)
class HistoryEntry:
    """One change: who, when, why, and (field, before, after) of each field that differs."""

    id: int
    at: datetime
    actor: str | None
    action: str
    reason: str | None
    row_version: int | None
    differences: Sequence[Difference]


def history_entries(layer: Layer, rows: Iterable[Mapping[str, Any]]) -> list[HistoryEntry]:
    """The entries of `find_history`'s rows, in their order."""
    return [
        HistoryEntry(
            id=row["id"],
            at=row["at"],
            actor=row["actor"],
            action=row["action"],
            reason=row["reason"],
            row_version=row["row_version"],
            differences=differences(layer, row["before"], row["after"]),
        )
        for row in rows
    ]


def differences(
    layer: Layer, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> list[Difference]:
    """Declared fields and the geometry (GeoJSON) that differ; missing rows count as empty."""
    earlier, later = before or {}, after or {}
    names = [name for name in layer.fields if name not in _BOOKKEEPING]
    if layer.geometry_kind is not None:
        names.append("geom")
    return [
        (name, earlier.get(name), later.get(name))
        for name in names
        if earlier.get(name) != later.get(name)
    ]
