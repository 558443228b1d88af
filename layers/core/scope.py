"""Who is asking, and for which areas."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from layers.core.layer import Layer
from layers.core.rights import ROLES, Right, Role


@dataclass(frozen=True)
class Grant:
    """A role held in one area; `area_code` is a prefix, the empty string means everywhere."""

    role: Role
    area_code: str


@dataclass(frozen=True)
class Reader:
    """An account with its grants; every select and change is made for one reader.

    `staff_id` is the employee behind the account and `unit_id` that employee's unit: a grant says
    where somebody may act, these say for whom. None for an account that belongs to nobody. `lent`
    are areas of a right that no grant gives, for a trial that is taken back (`as_if`).
    `token_name` is the personal token that asks for the account, for the log; '' for none. `layers`
    are the only ones there are for this reader, and their rights the only rights; none: all.
    """

    account_id: int
    login: str
    grants: tuple[Grant, ...]
    staff_id: int | None = None
    unit_id: int | None = None
    lent: tuple[tuple[Right, tuple[str, ...]], ...] = ()
    token_name: str = ""
    layers: tuple[Layer, ...] = ()

    @cached_property
    def scopes(self) -> dict[Right, tuple[str, ...]]:
        """Area prefixes of each right held, shortest set: a prefix inside another is dropped."""
        found: dict[Right, set[str]] = {}
        for grant in self.grants:
            for right in ROLES[grant.role]:
                found.setdefault(right, set()).add(grant.area_code)
        for right, areas in self.lent:
            found.setdefault(right, set()).update(areas)
        if self.layers:
            kept = {right for layer in self.layers for right in layer.rights}
            found = {right: areas for right, areas in found.items() if right in kept}
        return {right: _without_nested(areas) for right, areas in found.items()}

    @property
    def rights(self) -> frozenset[Right]:
        """Every right held in at least one area."""
        return frozenset(self.scopes)

    def scope(self, right: Right) -> tuple[str, ...]:
        """Area prefixes in which `right` is held; empty when it is not held at all."""
        return self.scopes.get(right, ())

    def has(self, layer: Layer) -> bool:
        """Whether a layer is one of those there are for this reader."""
        return not self.layers or layer in self.layers

    def areas_to_read(self, layer: Layer) -> tuple[str, ...]:
        """Area prefixes in which features of a layer may be read; none: it is hidden."""
        return self.scope(layer.read) if self.has(layer) else ()

    def areas_to_write(self, layer: Layer) -> tuple[str, ...]:
        """Area prefixes in which features of a layer may be changed and deleted."""
        return self.scope(layer.write) if self.has(layer) else ()

    def areas_to_create(self, layer: Layer) -> tuple[str, ...]:
        """Area prefixes in which features of a layer may be added."""
        return self.scope(layer.create_right) if self.has(layer) else ()

    def covers(self, right: Right, area_code: str) -> bool:
        """Whether `right` is held for a row of `area_code`."""
        return any(area_code.startswith(prefix) for prefix in self.scope(right))

    def as_if(self, right: Right, held: Right) -> "Reader":
        """The same account as if `right` were held wherever `held` is: for a trial, undone."""
        return replace(self, lent=((right, self.scope(held)),))

    def only_where(self, right: Right) -> "Reader":
        """The same account in those areas only in which it holds `right`: for what needs both."""
        return self.only_within(self.scope(right))

    def only_within(self, areas: Iterable[str]) -> "Reader":
        """The same account in those areas only, as nobody's staff; where none meet, nowhere."""
        meets = (
            Grant(grant.role, max(grant.area_code, area, key=len))
            for area in tuple(areas)
            for grant in self.grants
            if grant.area_code.startswith(area) or area.startswith(grant.area_code)
        )
        grants = tuple(dict.fromkeys(meets))
        return Reader(
            self.account_id, self.login, grants, token_name=self.token_name, layers=self.layers
        )

    def only_layers(self, layers: Iterable[Layer]) -> "Reader":
        """The same account as if there were no other layers, as nobody's staff.

        Without any layer, nowhere.
        """
        kept = tuple(layers)
        if not kept:
            return self.only_within(())
        return replace(self, staff_id=None, unit_id=None, layers=kept)


def _without_nested(areas: Iterable[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for area in sorted(areas):
        if not any(area.startswith(outer) for outer in kept):
            kept.append(area)
    return tuple(kept)
