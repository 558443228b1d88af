"""The words in which the flow of a case is declared; `workflow.py` says it with them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from layers.core.rights import Right, Role

Title = tuple[str, str]
Pause = tuple[datetime, datetime]
Clock = Callable[[str, datetime, int, Sequence[Pause]], tuple[datetime, datetime]]
"""Condition, registration, days granted on top, pauses → when to warn and when it is due."""


@dataclass(frozen=True)
class Case:
    """What the flow reads of an incident; times are aware, `pauses` are over."""

    id: int
    row_version: int
    area_code: str
    category: str
    state: str
    unit_id: int | None = None
    handler_id: int | None = None
    condition: str | None = None
    accepted_at: datetime | None = None
    registered_at: datetime | None = None
    registered_by: str | None = None
    dispatched_at: datetime | None = None
    arrived_at: datetime | None = None
    due_at: datetime | None = None
    paused_at: datetime | None = None
    check_passed: bool | None = None
    supervision: str | None = None
    extension_days: int | None = None
    extended_days: int = 0
    extension_count: int = 0
    rework_count: int = 0
    return_count: int = 0
    pauses: tuple[Pause, ...] = ()


class Who(StrEnum):
    """Who of those with the right may take a step."""

    ANYBODY = "anybody"
    UNIT = "unit"
    OTHERS = "others"


@dataclass(frozen=True)
class Rule:
    """A condition beside state and right; `reason` is told when it does not hold."""

    reason: str
    holds: Callable[[Case, datetime], bool]


NeedKind = Literal["text", "code", "condition", "closing", "unit", "staff", "days"]


@dataclass(frozen=True)
class Need:
    """One thing to give with a step. `only_if` makes it required for one value of another."""

    name: str
    kind: NeedKind
    title: Title
    is_required: bool = True
    codes: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    only_if: tuple[str, str] | None = None


@dataclass(frozen=True)
class Given:
    """The value given for a need."""

    need: str


class Put(StrEnum):
    """What else a step may put into a column."""

    NOW = "now"
    ONCE = "now, unless it is set"
    NONE = "none"
    ONE_MORE = "one more"
    STAFF = "the employee who acts"
    LOGIN = "the account that acts, unless it is set"


Effect = Given | Put | str
"""A text is put as it stands."""


@dataclass(frozen=True)
class Step:
    """One step: where it leads (None: nowhere), who may take it, what it needs and sets.

    `is_main` marks the step that brings a case forward, `is_grave` one that is hard to take back.
    `resets_clock` has the deadline worked out anew; `takes_photos` that pictures may come with it.
    """

    name: str
    title: Title
    from_states: tuple[str, ...]
    to_state: str | None
    right: Right
    who: Who = Who.ANYBODY
    rules: tuple[Rule, ...] = ()
    needs: tuple[Need, ...] = ()
    sets: Mapping[str, Effect] = field(default_factory=dict)
    resets_clock: bool = False
    takes_photos: bool = False
    is_main: bool = False
    is_grave: bool = False

    def leads_to(self, state: str) -> str:
        """The state after the step is taken in `state`."""
        return self.to_state or state


@dataclass(frozen=True)
class Refusal:
    """Why a step is not open; `is_forbidden` when somebody else might take it."""

    reason: str
    is_forbidden: bool = False


@dataclass(frozen=True)
class Taken:
    """What a step does: the state it leads to and the columns it sets."""

    step: Step
    role: Role
    to_state: str
    values: Mapping[str, Any]
