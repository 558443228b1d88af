"""Saved questions: a name and a question to be asked again, one's own or shared in an area.

They are no layer. Row-level security (`analysis.sql`) decides who sees one: its owner and, once it
is shared, everybody who works in the area it is shared in or in a part of it.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, Identity, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from layers.analysis.question import Question
from layers.core.errors import Fault, Forbidden, Invalid, NotFound
from layers.core.model import Base
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.values import converted

LONGEST_NAME = 80
MOST_SAVED = 500


class SavedQuestion(Base):
    """One question by its owner's login and a name of the owner's own."""

    __tablename__ = "saved_question"
    __table_args__ = (UniqueConstraint("owner", "name"), {"schema": "analysis"})

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str]
    owner: Mapped[str]
    shared_area: Mapped[str | None] = mapped_column(Text(collation="C"))
    question: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Saved(NamedTuple):
    """A saved question as its readers see it; `mine` when the reader owns it."""

    id: int
    name: str
    owner: str
    shared_area: str | None
    question: Mapping[str, Any]
    created_at: datetime
    mine: bool


_COLUMNS = "id, name, owner, shared_area, question, created_at, owner = :login AS mine"


def save_question(
    connection: Connection, reader: Reader, name: str, question: Question, area: str | None
) -> Saved:
    """Keeps a question under a name; `area` shares it with everybody there, None with nobody.

    Raises: Forbidden without the right, or to share where it is not held; Invalid for a name that
    is empty, too long or taken by another of one's own questions.
    """
    if not reader.scope(Right.ANALYSIS_SAVE):
        raise Forbidden(f"saving needs the right {Right.ANALYSIS_SAVE}")
    if area is not None and not reader.covers(Right.ANALYSIS_SAVE, area):
        raise Forbidden(f"sharing in {area or 'every area'} needs {Right.ANALYSIS_SAVE} there")
    values = {"name": _name(name), "area": area, "login": reader.login}
    kept = connection.execute(
        text("SELECT count(*) FROM analysis.saved_question WHERE owner = :login"), values
    ).scalar_one()
    if kept >= MOST_SAVED:
        raise Invalid([Fault("name", f"you keep {kept} questions; delete some first")])
    insert = text(
        "INSERT INTO analysis.saved_question (name, owner, shared_area, question) "
        f"VALUES (:name, :login, :area, CAST(:question AS jsonb)) RETURNING {_COLUMNS}"
    ).bindparams(question=_json(question))
    try:
        return Saved(*connection.execute(insert, values).one())
    except IntegrityError as error:
        raise Invalid([Fault("name", "another question of yours has this name")]) from error


def list_saved(connection: Connection, reader: Reader) -> list[Saved]:
    """The questions the reader may ask again, own ones first, by name."""
    rows = connection.execute(
        text(f"SELECT {_COLUMNS} FROM analysis.saved_question ORDER BY mine DESC, name, id"),
        {"login": reader.login},
    )
    return [Saved(*row) for row in rows]


def get_saved(connection: Connection, reader: Reader, saved_id: int) -> Saved:
    """One saved question.

    Raises: NotFound when it is not there or neither the reader's nor shared with the reader.
    """
    row = connection.execute(
        text(f"SELECT {_COLUMNS} FROM analysis.saved_question WHERE id = :id"),
        {"login": reader.login, "id": saved_id},
    ).one_or_none()
    if row is None:
        raise NotFound(f"no saved question {saved_id}")
    return Saved(*row)


def delete_saved(connection: Connection, reader: Reader, saved_id: int) -> None:
    """Deletes one's own question, or one shared in an area where one may save.

    Raises: NotFound when the reader cannot see it; Forbidden when it is somebody else's.
    """
    get_saved(connection, reader, saved_id)
    deleted = connection.execute(
        text("DELETE FROM analysis.saved_question WHERE id = :id RETURNING id"), {"id": saved_id}
    ).one_or_none()
    if deleted is None:
        raise Forbidden(f"saved question {saved_id} belongs to somebody else")


def _name(given: str) -> str:
    try:
        name = converted(given, "text")
    except ValueError as error:
        raise Invalid([Fault("name", str(error))]) from error
    if not name or len(name) > LONGEST_NAME:
        raise Invalid([Fault("name", f"1 to {LONGEST_NAME} characters expected")])
    return str(name)


def _json(question: Question) -> str:
    return json.dumps(question.told(), ensure_ascii=False)
