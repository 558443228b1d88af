"""Errors of the layers, named after what is wrong. Messages say what was asked and allowed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class LayerError(Exception):
    """Base of every error a reader or editor of layers can cause.

    `members` are what is told beside the message, as JSON.
    """

    @property
    def members(self) -> Mapping[str, Any]:
        """Nothing more than the message, unless the error says so."""
        return {}


class NotFound(LayerError):
    """The layer or feature does not exist, or not for this reader."""


class Forbidden(LayerError):
    """The account lacks the right, or the area lies outside its grants."""


class Stale(LayerError):
    """The row was changed by somebody else since it was read."""

    def __init__(self, layer: str, feature_id: int, asked: int, current: int) -> None:
        super().__init__(
            f"{layer}/{feature_id}: edit is based on version {asked}, current version is {current}"
        )
        self.layer = layer
        self.feature_id = feature_id
        self.asked = asked
        self.current = current


class Conflict(LayerError):
    """The step is not possible in the state that the row is in now."""


@dataclass(frozen=True)
class Fault:
    """One reason why a value is not accepted; `field` is the property's name."""

    field: str
    reason: str


@dataclass
class Invalid(LayerError):
    """Input breaks the declaration; carries every fault at once."""

    faults: Sequence[Fault] = field(default_factory=tuple)

    def __str__(self) -> str:
        return "; ".join(f"{fault.field}: {fault.reason}" for fault in self.faults)
