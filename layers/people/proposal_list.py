"""Reading proposals: one with the row it is about, pages of them, figures on turn-round."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select, text

from layers.core.errors import Forbidden, NotFound
from layers.core.features import find_feature, within_area
from layers.core.scope import Reader
from layers.people.proposal import (
    ACCEPTED,
    OPEN_TO_PROPOSALS,
    RETURNED,
    STATES,
    Proposal,
    ProposalRow,
    State,
)

DAYS = 30

_TABLE = ProposalRow.__table__
assert isinstance(_TABLE, Table)
_COLUMNS = [_TABLE.c[name] for name in Proposal._fields]


@dataclass(frozen=True)
class Wanted:
    """Which proposals; all conditions hold together. `whose` is seen from the reader."""

    state: State | None = None
    layer: str | None = None
    feature_id: int | None = None
    whose: Literal["mine", "others"] | None = None


@dataclass(frozen=True)
class ProposalPage:
    """Proposals, newest first, and the id to continue after when there are more."""

    rows: Sequence[Proposal]
    next_after: int | None


@dataclass(frozen=True)
class CurrentRow:
    """The row a proposal is about as it is now, masked."""

    properties: Mapping[str, Any]
    row_version: int


@dataclass(frozen=True)
class ReviewFigures:
    """Proposals by state, all that the reader sees and own ones; hours from hand-in to decision.

    Hours are those of the last 30 days' decisions, None when there were none; `oldest_hours` is
    how long the oldest one has been waiting.
    """

    states: Mapping[str, int]
    mine: Mapping[str, int]
    days: int
    decided: int
    median_hours: float | None
    slow_hours: float | None
    oldest_hours: float | None


def find_proposals(
    connection: Connection, reader: Reader, wanted: Wanted, limit: int, after: int | None
) -> ProposalPage:
    """A page of the proposals the reader handed in or may decide on, newest first."""
    statement = (
        select(*_COLUMNS)
        .where(_visible(reader), *_conditions(reader, wanted))
        .order_by(_TABLE.c.id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        statement = statement.where(_TABLE.c.id < after)
    rows = [Proposal(*row) for row in connection.execute(statement)]
    kept = rows[:limit]
    return ProposalPage(kept, kept[-1].id if len(rows) > limit else None)


def get_proposal(connection: Connection, reader: Reader, proposal_id: int) -> Proposal:
    """One proposal.

    Raises: NotFound when it is not there or neither the reader's nor the reader's to decide on.
    """
    statement = select(*_COLUMNS).where(_visible(reader), _TABLE.c.id == proposal_id)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(f"no proposal {proposal_id}")
    return Proposal(*row)


def current_row(connection: Connection, reader: Reader, proposal: Proposal) -> CurrentRow | None:
    """The row a proposal is about, None when there is none that the reader may see."""
    if proposal.feature_id is None:
        return None
    try:
        found = find_feature(connection, proposal.about, reader, proposal.feature_id)
    except (NotFound, Forbidden):
        return None
    return CurrentRow(json.loads(found.feature)["properties"], found.row_version)


def review_figures(connection: Connection, reader: Reader) -> ReviewFigures:
    """How many proposals there are for the reader, and how long decisions take."""
    is_mine = _TABLE.c.proposed_by == reader.login
    counts = connection.execute(
        select(_TABLE.c.state, func.count(), func.count().filter(is_mine))
        .where(_visible(reader))
        .group_by(_TABLE.c.state)
    ).all()
    hours = func.extract("epoch", _TABLE.c.decided_at - _TABLE.c.proposed_at) / 3600
    decided = connection.execute(
        select(
            func.count(),
            func.percentile_cont(0.5).within_group(hours),
            func.percentile_cont(0.9).within_group(hours),
        ).where(
            _visible(reader),
            _TABLE.c.state.in_((ACCEPTED, RETURNED)),
            _TABLE.c.decided_at >= text(f"now() - interval '{DAYS} days'"),
        )
    ).one()
    waiting = func.extract("epoch", func.now() - func.min(_TABLE.c.proposed_at)) / 3600
    oldest = connection.execute(
        select(waiting).where(_visible(reader), _TABLE.c.state == "pending")
    ).scalar_one()
    none = dict.fromkeys(STATES, 0)
    return ReviewFigures(
        states=none | {row[0]: row[1] for row in counts},
        mine=none | {row[0]: row[2] for row in counts},
        days=DAYS,
        decided=decided[0],
        median_hours=_rounded(decided[1]),
        slow_hours=_rounded(decided[2]),
        oldest_hours=_rounded(oldest),
    )


def _rounded(hours: Any) -> float | None:
    return None if hours is None else round(float(hours), 2)


def _visible(reader: Reader) -> ColumnElement[bool]:
    """Own ones, and those about rows in areas where the reader may write such rows."""
    found: list[ColumnElement[bool]] = [_TABLE.c.proposed_by == reader.login]
    for layer in OPEN_TO_PROPOSALS.values():
        areas = reader.areas_to_write(layer)
        is_about = _TABLE.c.layer == layer.name
        if "" in areas:
            found.append(is_about)
        elif areas:
            inside = (within_area(_TABLE.c.area_code, area) for area in areas)
            found.append(and_(is_about, or_(*inside)))
    return or_(*found)


def _conditions(reader: Reader, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(_TABLE.c.state == wanted.state)
    if wanted.layer is not None:
        found.append(_TABLE.c.layer == wanted.layer)
    if wanted.feature_id is not None:
        found.append(_TABLE.c.feature_id == wanted.feature_id)
    if wanted.whose == "mine":
        found.append(_TABLE.c.proposed_by == reader.login)
    if wanted.whose == "others":
        found.append(_TABLE.c.proposed_by != reader.login)
    return found
