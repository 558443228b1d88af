"""Jobs: work that goes on after its request was answered, kept in PostgreSQL with its results.

Any server process takes the job that waits longest (`take_job`) and says every few seconds that it
is still at it (`keep_alive`). A job of which nobody said so for a minute was left by a process that
ended: another one takes it again, once. So a job outlives the server that accepted it.
"""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import (
    BigInteger,
    Connection,
    Engine,
    Index,
    LargeBinary,
    Row,
    SmallInteger,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.database import owner_transaction
from layers.core.errors import Conflict, NotFound
from layers.core.model import Base
from layers.core.scope import Reader

Status = Literal["accepted", "running", "successful", "failed", "dismissed"]
STATUSES: tuple[Status, ...] = get_args(Status)
OPEN: tuple[Status, ...] = ("accepted", "running")
KEPT_DAYS = 7
MOST_OPEN = 20
MOST_TRIES = 2
SILENT_SECONDS = 60
LONGEST_MESSAGE = 500
NO_BACKEND = 0


class JobRow(Base):
    """One job of an account, or of one of its tokens; who lists jobs sees its own.

    `asked` is what was sent, `scope` the areas of each right with which it ran. Inputs and results
    are kept for `KEPT_DAYS` days.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index("job_owner_index", "login", "created_at"),
        Index("job_open_index", "created_at", postgresql_where=text("finished_at IS NULL")),
        {"schema": "core"},
    )

    id: Mapped[uuid.UUID] = mapped_column(
        Uuid, primary_key=True, server_default=text("gen_random_uuid()")
    )
    process: Mapped[str]
    login: Mapped[str]
    account_id: Mapped[int] = mapped_column(BigInteger)
    token_id: Mapped[int | None] = mapped_column(BigInteger)
    asked: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(server_default="accepted")
    progress: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    message: Mapped[str] = mapped_column(server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
    alive_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    backend: Mapped[int | None]
    scope: Mapped[str | None]
    media_type: Mapped[str | None]
    result: Mapped[bytes | None] = mapped_column(LargeBinary)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class Job(NamedTuple):
    """What is told of a job; `progress` in per cent, times in UTC."""

    id: uuid.UUID
    process: str
    login: str
    account_id: int
    token_id: int | None
    status: Status
    progress: int
    message: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    updated_at: datetime


class Results(NamedTuple):
    """What came of a job: content of a media type, or the problem (a JSON object) it failed by."""

    asked: Mapping[str, Any]
    scope: str
    media_type: str | None
    content: bytes | None
    problem: Mapping[str, Any] | None


class Taken(NamedTuple):
    """A job to be done now."""

    id: uuid.UUID
    process: str
    account_id: int
    token_id: int | None
    asked: Mapping[str, Any]


@dataclass(frozen=True)
class JobQuestion:
    """Which jobs to list, the newest first; `after` is the job that the page before ended with.

    Durations in seconds, of running jobs up to now. The time is when the job was accepted.
    """

    processes: Sequence[str] = ()
    statuses: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    shortest: float | None = None
    longest: float | None = None
    after: uuid.UUID | None = None
    limit: int = 10


_TOLD = ", ".join(Job._fields)
# A token sees its own jobs, the account those of all its tokens.
_MINE = "(CAST(:token AS bigint) IS NULL OR token_id = CAST(:token AS bigint))"
_COUNT_OPEN = text(
    "SELECT count(*) FROM core.job WHERE login = :login AND status IN ('accepted', 'running')"
)
_ADD = text(
    "INSERT INTO core.job (process, login, account_id, token_id, asked) VALUES "
    f"(:process, :login, :account, :token, CAST(:asked AS jsonb)) RETURNING {_TOLD}"
)
_ADD_DONE = text(
    "INSERT INTO core.job (process, login, account_id, token_id, asked, status, progress, "
    "started_at, finished_at, scope, media_type, result) VALUES (:process, :login, :account, "
    ":token, CAST(:asked AS jsonb), 'successful', 100, now(), clock_timestamp(), :scope, "
    f":media_type, :content) RETURNING {_TOLD}"
)
_GET = text(f"SELECT {_TOLD} FROM core.job WHERE id = :id AND {_MINE}")
_RESULTS = text(
    f"SELECT asked, scope, media_type, result, problem FROM core.job WHERE id = :id AND {_MINE}"
)
_DISMISS = text(
    "UPDATE core.job SET status = 'dismissed', result = NULL, problem = NULL, asked = '{}', "
    "message = '', finished_at = coalesce(finished_at, now()), updated_at = now() "
    f"WHERE id = :id RETURNING {_TOLD}"
)
_WAITING = (
    "status = 'accepted' OR (status = 'running' AND "
    f"alive_at < now() - interval '{SILENT_SECONDS} seconds')"
)
_TAKE = text(
    "UPDATE core.job SET status = 'running', started_at = coalesce(started_at, now()), "
    "alive_at = now(), updated_at = now(), progress = 0, tries = tries + 1 "
    f"WHERE id = (SELECT id FROM core.job WHERE finished_at IS NULL AND ({_WAITING}) "
    f"AND tries < {MOST_TRIES} ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED) "
    "RETURNING id, process, account_id, token_id, asked"
)
_LOST = text(
    "UPDATE core.job SET status = 'failed', finished_at = now(), updated_at = now(), "
    "problem = CAST(:problem AS jsonb), message = :message "
    f"WHERE finished_at IS NULL AND tries >= {MOST_TRIES} AND ({_WAITING})"
)
_ALIVE = text("UPDATE core.job SET alive_at = now() WHERE id = ANY(:ids) AND status = 'running'")
_TELL = text(
    "UPDATE core.job SET progress = :progress, message = :message, updated_at = now(), "
    "backend = coalesce(:backend, backend), scope = coalesce(:scope, scope) "
    "WHERE id = :id AND status = 'running' RETURNING id"
)
_FINISH = text(
    "UPDATE core.job SET status = :status, progress = :progress, message = :message, "
    "finished_at = now(), updated_at = now(), backend = NULL, media_type = :media_type, "
    "result = :content, problem = CAST(:problem AS jsonb) "
    "WHERE id = :id AND status = 'running' RETURNING id"
)
_FORGET = text(f"DELETE FROM core.job WHERE finished_at < now() - interval '{KEPT_DAYS} days'")


class TooManyJobs(Conflict):
    """The account has as many jobs waiting or running as it may have."""


def add_job(
    connection: Connection,
    reader: Reader,
    process: str,
    asked: Mapping[str, Any],
    token_id: int | None,
) -> Job:
    """A new job of the reader, waiting to be taken.

    Raises: TooManyJobs when `MOST_OPEN` of the account are not finished.
    """
    waiting = connection.execute(_COUNT_OPEN, {"login": reader.login}).scalar_one()
    if waiting >= MOST_OPEN:
        raise TooManyJobs(f"{waiting} of your jobs are not finished; dismiss one or wait")
    values = {
        "process": process,
        "login": reader.login,
        "account": reader.account_id,
        "token": token_id,
        "asked": json.dumps(asked, ensure_ascii=False),
    }
    return Job(*connection.execute(_ADD, values).one())


def add_done_job(
    connection: Connection,
    reader: Reader,
    process: str,
    asked: Mapping[str, Any],
    token_id: int | None,
    *,
    scope: str,
    media_type: str,
    content: bytes,
) -> Job:
    """A job that was done while somebody waited, so that its result can be fetched again."""
    values = {
        "process": process,
        "login": reader.login,
        "account": reader.account_id,
        "token": token_id,
        "asked": json.dumps(asked, ensure_ascii=False),
        "scope": scope,
        "media_type": media_type,
        "content": content,
    }
    return Job(*connection.execute(_ADD_DONE, values).one())


def get_job(connection: Connection, job_id: uuid.UUID, token_id: int | None) -> Job:
    """One job of the reader of the connection.

    Raises: NotFound.
    """
    return Job(*_found(connection, _GET, job_id, token_id))


def get_results(connection: Connection, job_id: uuid.UUID, token_id: int | None) -> Results:
    """What came of a job that is over.

    Raises: NotFound.
    """
    row = _found(connection, _RESULTS, job_id, token_id)
    content = None if row.result is None else bytes(row.result)
    return Results(row.asked, row.scope or "", row.media_type, content, row.problem)


def list_jobs(connection: Connection, question: JobQuestion, token_id: int | None) -> list[Job]:
    """The reader's jobs of which the question holds, at most one more than its limit."""
    parts = [_MINE]
    values: dict[str, Any] = {"token": token_id, "limit": question.limit + 1}
    for name, condition, value in (
        ("processes", "process = ANY(:processes)", list(question.processes) or None),
        ("statuses", "status = ANY(:statuses)", list(question.statuses) or None),
        ("since", "created_at >= :since", question.since),
        ("until", "created_at <= :until", question.until),
        ("shortest", f"{_DURATION} >= :shortest", question.shortest),
        ("longest", f"{_DURATION} <= :longest", question.longest),
        ("after", f"(created_at, id) < ({_PLACE})", question.after),
    ):
        if value is not None:
            parts.append(condition)
            values[name] = value
    where = " AND ".join(parts)
    order = "ORDER BY created_at DESC, id DESC LIMIT :limit"
    rows = connection.execute(text(f"SELECT {_TOLD} FROM core.job WHERE {where} {order}"), values)
    return [Job(*row) for row in rows]


_DURATION = "extract(epoch FROM coalesce(finished_at, now()) - started_at)"
_PLACE = "SELECT created_at, id FROM core.job WHERE id = :after"


def dismiss_job(engine: Engine, job: Job) -> Job:
    """The job, ended and without its results; what it asks of the database now is cancelled."""
    with owner_transaction(engine) as connection:
        backend = connection.execute(
            text("SELECT backend FROM core.job WHERE id = :id AND status = 'running' FOR UPDATE"),
            {"id": job.id},
        ).scalar_one_or_none()
        dismissed = Job(*connection.execute(_DISMISS, {"id": job.id}).one())
        if backend:
            connection.execute(text("SELECT pg_cancel_backend(:backend)"), {"backend": backend})
    return dismissed


def take_job(engine: Engine) -> Taken | None:
    """The job that waits longest, now running; None when none waits.

    A job that was left twice is not tried again: it has failed.
    """
    message = "the server ended twice while at it"
    problem = {"type": "about:blank", "title": "Left", "status": 500, "detail": message}
    with owner_transaction(engine) as connection:
        connection.execute(_LOST, {"problem": json.dumps(problem), "message": message})
        row = connection.execute(_TAKE).one_or_none()
    return None if row is None else Taken(*row)


def keep_alive(engine: Engine, ids: Iterable[uuid.UUID]) -> None:
    """Says of jobs being done that they are."""
    with owner_transaction(engine) as connection:
        connection.execute(_ALIVE, {"ids": list(ids)})


def tell_job(
    engine: Engine,
    job_id: uuid.UUID,
    progress: int,
    message: str,
    *,
    backend: int | None = None,
    scope: str | None = None,
) -> bool:
    """How far a job is; False when it was dismissed.

    `backend` is the server process of PostgreSQL that works for it.
    """
    values = {"id": job_id, "progress": progress, "message": message[:LONGEST_MESSAGE]}
    with owner_transaction(engine) as connection:
        told = connection.execute(_TELL, {**values, "backend": backend, "scope": scope})
        return told.one_or_none() is not None


def finish_job(
    engine: Engine,
    job_id: uuid.UUID,
    *,
    media_type: str | None = None,
    content: bytes | None = None,
    problem: Mapping[str, Any] | None = None,
) -> None:
    """Ends a job with its result, or with the problem that it failed by; nothing if dismissed."""
    values = {
        "id": job_id,
        "status": "successful" if problem is None else "failed",
        "progress": 100,
        "message": "" if problem is None else str(problem.get("detail", ""))[:LONGEST_MESSAGE],
        "media_type": media_type,
        "content": content,
        "problem": None if problem is None else json.dumps(problem, ensure_ascii=False),
    }
    with owner_transaction(engine) as connection:
        connection.execute(_FINISH, values)


def forget_jobs(engine: Engine) -> None:
    """Deletes jobs whose results have been kept for `KEPT_DAYS` days."""
    with owner_transaction(engine) as connection:
        connection.execute(_FORGET)


def _found(connection: Connection, statement: Any, job_id: uuid.UUID, token_id: int | None) -> Any:
    row: Row[Any] | None = connection.execute(
        statement, {"id": job_id, "token": token_id}
    ).one_or_none()
    if row is None:
        raise NotFound(f"no job {job_id}")
    return row
