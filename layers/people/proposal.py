"""Proposals: changes handed in by those who may not write, kept until somebody who may decides.

They are no layer: who sees one depends on the layer it is about and on who handed it in
(`proposal.sql`). Sensitive values are kept as rows keep them, masked and sealed, never plain.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.change import Action, Edit
from layers.core.errors import NotFound
from layers.core.layer import Layer
from layers.core.model import Base
from layers.core.rights import Right
from layers.housing.dwelling import DWELLINGS
from layers.housing.rental import RENTALS
from layers.people.person import PERSONS
from layers.people.residence import RESIDENCES

State = Literal["pending", "accepted", "returned", "withdrawn", "superseded"]

PROPOSALS = "proposals"
"""The name under which their changes are told."""

PENDING: Final = "pending"
ACCEPTED: Final = "accepted"
RETURNED: Final = "returned"
WITHDRAWN: Final = "withdrawn"
SUPERSEDED: Final = "superseded"
STATES = (PENDING, ACCEPTED, RETURNED, WITHDRAWN, SUPERSEDED)
ACTIONS = ("create", "update", "delete")
OPEN_TO_PROPOSALS: Mapping[str, Layer] = {
    layer.name: layer for layer in (PERSONS, RESIDENCES, DWELLINGS, RENTALS)
}
REVIEW_RIGHTS = frozenset(
    {Right.PEOPLE_PROPOSE, Right.PEOPLE_WRITE, Right.HOUSING_PROPOSE, Right.HOUSING_WRITE}
)


class ProposalRow(Base):
    """One change proposed; `area_code` is where its row lies, or would lie.

    `values` are the fields proposed and `before` the row as it was, sensitive ones masked;
    `sealed` has their ciphers in hex by field, `correction` what was accepted in place of values.
    `also` are further edits that are written with it or not at all (`layers.people.companion`).
    """

    __tablename__ = "proposal"
    __table_args__ = (
        CheckConstraint(f"layer IN {tuple(OPEN_TO_PROPOSALS)}", name="layer"),
        CheckConstraint(f"operation IN {ACTIONS}", name="operation"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint("(operation = 'create') = (base_version IS NULL)", name="base"),
        Index("proposal_state_index", "state", "id"),
        Index("proposal_area_code_index", "area_code"),
        Index("proposal_decided_index", "decided_at"),
        Index("proposal_proposed_by_index", "proposed_by", "id"),
        Index(
            "proposal_open_key",
            "layer",
            "feature_id",
            "proposed_by",
            unique=True,
            postgresql_where=text("state = 'pending' AND operation <> 'create'"),
        ),
        {"schema": "people"},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    layer: Mapped[str]
    feature_id: Mapped[int | None] = mapped_column(BigInteger)
    operation: Mapped[str]
    values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sealed: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    before: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    base_version: Mapped[int | None]
    area_code: Mapped[str] = mapped_column(Text(collation="C"))
    state: Mapped[str] = mapped_column(server_default=text("'pending'"))
    reason: Mapped[str | None]
    proposed_by: Mapped[str]
    proposed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    correction: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    also: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default=text("'[]'"))
    replaces: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("people.proposal.id", ondelete="SET NULL")
    )


@dataclass(frozen=True)
class Draft:
    """What somebody hands in; `replaces` is an earlier proposal of one's own that this one is for.

    Sensitive fields left out are taken from the one it replaces: nobody types them twice. So are
    the edits to be written with it when there are none in `also`.
    """

    layer: Layer
    operation: Action
    feature_id: int | None = None
    values: Mapping[str, Any] | None = None
    row_version: int | None = None
    reason: str | None = None
    replaces: int | None = None
    also: Sequence[Edit] = ()


class Proposal(NamedTuple):
    """A proposal as its readers see it, sensitive values masked."""

    id: int
    layer: str
    feature_id: int | None
    operation: Action
    values: Mapping[str, Any]
    before: Mapping[str, Any]
    base_version: int | None
    area_code: str
    state: State
    reason: str | None
    proposed_by: str
    proposed_at: datetime
    decision: str | None
    decided_by: str | None
    decided_at: datetime | None
    correction: Mapping[str, Any]
    replaces: int | None
    also: Sequence[Mapping[str, Any]] = ()

    @property
    def about(self) -> Layer:
        """The layer whose row is to change."""
        return OPEN_TO_PROPOSALS[self.layer]

    @property
    def label(self) -> str | None:
        """What its row is called, masked where the name is sensitive."""
        title = self.about.title_field or ""
        name = self.correction.get(title) or self.values.get(title) or self.before.get(title)
        return None if name is None else str(name)


COLUMNS = ", ".join(f'"{name}"' for name in Proposal._fields)


def open_layer(name: str) -> Layer:
    """The layer of that name.

    Raises: NotFound when it takes no proposals, naming those that do.
    """
    if name not in OPEN_TO_PROPOSALS:
        raise NotFound(
            f"{name!r} takes no proposals; those that do: {', '.join(OPEN_TO_PROPOSALS)}"
        )
    return OPEN_TO_PROPOSALS[name]
