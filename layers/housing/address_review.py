"""The queue of addresses whose house was not sure: put in, listed, and decided on by people.

Row-level security (`address.sql`) holds each text in the area of its best candidate: who may see
rooms there sees it, who may write houses there decides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from layers.core.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from layers.core.features import scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.housing.address_match import Match

PENDING, ACCEPTED, REJECTED = "pending", "accepted", "rejected"
STATES = (PENDING, ACCEPTED, REJECTED)
LONGEST_SOURCE = 120


class Review(NamedTuple):
    """One text of the queue; `building_id` and `dwelling_id` are what somebody decided."""

    id: int
    text: str
    source: str
    score: float
    candidates: Sequence[Mapping[str, Any]]
    state: str
    building_id: int | None
    dwelling_id: int | None
    area_code: str
    created_by: str
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None


_COLUMNS = ", ".join(f"r.{name}" for name in Review._fields)

_INSERT = text(
    "INSERT INTO housing.address_review (text, source, score, candidates, area_code, created_by) "
    "SELECT t.text, :source, t.score, t.candidates, t.area_code, :login "
    "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) "
    "AS t(text text, score float8, candidates jsonb, area_code text) "
    "ON CONFLICT (text, area_code) WHERE state = 'pending' DO NOTHING RETURNING id"
)
_DECIDE = text(
    "UPDATE housing.address_review SET state = :state, building_id = :building, "
    "dwelling_id = :dwelling, decided_by = :login, decided_at = now() "
    "WHERE id = :id AND state = 'pending' RETURNING id"
)
_BUILDING = text("SELECT area_code FROM housing.building WHERE id = :building")
_DWELLING = text("SELECT building_id FROM housing.dwelling WHERE id = :dwelling")


def queue_matches(
    connection: Connection, reader: Reader, matches: Sequence[Match], source: str
) -> int:
    """Puts unsure matches into the queue, each text once while it waits; returns how many are new.

    Only matches in areas where the reader may write houses are put in.

    Raises: Forbidden without that right anywhere.
    """
    if not reader.scope(Right.HOUSING_WRITE):
        raise Forbidden(f"queueing addresses needs the right {Right.HOUSING_WRITE}")
    rows = {row["text"]: row for match in matches if (row := _row(match, reader))}
    if not rows:
        return 0
    told = json.dumps(list(rows.values()), ensure_ascii=False)
    values = {"rows": told, "source": source, "login": reader.login}
    return len(connection.execute(_INSERT, values).all())


def _row(match: Match, reader: Reader) -> dict[str, Any] | None:
    if match.verdict != "unsure":
        return None
    area = match.candidates[0].area_code
    if not reader.covers(Right.HOUSING_WRITE, area):
        return None
    candidates = [asdict(one) for one in match.candidates]
    return {
        "text": match.text,
        "score": match.score,
        "candidates": candidates,
        "area_code": area,
    }


def list_reviews(
    connection: Connection,
    reader: Reader,
    state: str | None = PENDING,
    area: str = "",
    after: int = 0,
    limit: int = 100,
) -> list[Review]:
    """Texts of the queue by id after `after`, those of one state and area if asked.

    Candidates beyond the reader's own areas are left out.

    Raises: Forbidden without the right to see rooms.
    """
    areas = reader.scope(Right.HOUSING_READ)
    if not areas:
        raise Forbidden(f"the queue of addresses needs the right {Right.HOUSING_READ}")
    scope, values = scope_sql("r.area_code", areas, "held")
    rows = connection.exec_driver_sql(
        f"SELECT {_COLUMNS} FROM housing.address_review AS r WHERE {scope} AND r.id > %(after)s "
        "AND starts_with(r.area_code, %(area)s) "
        "AND (%(state)s::text IS NULL OR r.state = %(state)s) ORDER BY r.id LIMIT %(limit)s",
        {**values, "after": after, "area": area, "state": state, "limit": limit},
    )
    return [_within(reader, Review(*row)) for row in rows]


def count_reviews(connection: Connection, reader: Reader, area: str = "") -> dict[str, int]:
    """How many texts of the queue are in each state, 0 for none.

    Raises: Forbidden without the right to see rooms.
    """
    areas = reader.scope(Right.HOUSING_READ)
    if not areas:
        raise Forbidden(f"the queue of addresses needs the right {Right.HOUSING_READ}")
    scope, values = scope_sql("r.area_code", areas, "held")
    rows = connection.exec_driver_sql(
        f"SELECT r.state, count(*) FROM housing.address_review AS r WHERE {scope} "
        "AND starts_with(r.area_code, %(area)s) GROUP BY r.state",
        {**values, "area": area},
    )
    return dict.fromkeys(STATES, 0) | {state: int(count) for state, count in rows}


def get_review(connection: Connection, reader: Reader, review_id: int) -> Review:
    """One text of the queue.

    Raises: NotFound when it is not there or lies outside the reader's areas.
    """
    scope, values = scope_sql("r.area_code", reader.scope(Right.HOUSING_READ), "held")
    row = connection.exec_driver_sql(
        f"SELECT {_COLUMNS} FROM housing.address_review AS r WHERE r.id = %(id)s AND {scope}",
        {**values, "id": review_id},
    ).one_or_none()
    if row is None:
        raise NotFound(f"no address {review_id} in the queue")
    return _within(reader, Review(*row))


def _within(reader: Reader, review: Review) -> Review:
    """The text with those candidates that the reader may see; rooms only where rooms are seen."""
    candidates = [
        one if reader.covers(Right.HOUSING_READ, one["area_code"]) else {**one, "dwelling_id": None}
        for one in review.candidates
        if reader.covers(Right.BASE_READ, one["area_code"])
    ]
    return review._replace(candidates=candidates)


def decide_review(
    connection: Connection,
    reader: Reader,
    review_id: int,
    state: str,
    building_id: int | None = None,
    dwelling_id: int | None = None,
) -> Review:
    """Accepts a text as a building or room, one of the candidates or another, or rejects it.

    Raises: NotFound; Forbidden without the right to write houses there; Invalid by the rules of
    `decision_faults`; Conflict when it is decided already.
    """
    review = get_review(connection, reader, review_id)
    if not reader.covers(Right.HOUSING_WRITE, review.area_code):
        raise Forbidden(f"deciding needs the right {Right.HOUSING_WRITE} there")
    owner = None
    if dwelling_id is not None:
        owner = connection.execute(_DWELLING, {"dwelling": dwelling_id}).scalar_one_or_none()
    is_there = (
        building_id is not None
        and connection.execute(_BUILDING, {"building": building_id}).one_or_none() is not None
    )
    faults = decision_faults(state, building_id, dwelling_id, is_there=is_there, owner=owner)
    if faults:
        raise Invalid(faults)
    values = {"id": review_id, "state": state, "login": reader.login}
    values |= {"building": building_id, "dwelling": dwelling_id}
    if connection.execute(_DECIDE, values).one_or_none() is None:
        raise Conflict(f"address {review_id} is {review.state} already")
    return get_review(connection, reader, review_id)


def decision_faults(
    state: str,
    building_id: int | None,
    dwelling_id: int | None,
    *,
    is_there: bool,
    owner: int | None,
) -> list[Fault]:
    """What is wrong with a decision; `is_there` whether the reader sees the building, `owner` the
    building of the room.
    """
    faults = []
    if state not in (ACCEPTED, REJECTED):
        faults.append(Fault("state", f"{ACCEPTED} or {REJECTED} expected"))
    if state == REJECTED and (building_id is not None or dwelling_id is not None):
        faults.append(Fault("building_id", "what is rejected has no building and no room"))
    if state == ACCEPTED and not is_there:
        faults.append(Fault("building_id", "a building in your areas is needed"))
    if state == ACCEPTED and dwelling_id is not None and owner != building_id:
        faults.append(Fault("dwelling_id", "no room of this building"))
    return faults
