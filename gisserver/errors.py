"""Errors on the wire: one table from exception to status, answered as RFC 9457 problem JSON.

No stack trace and no SQL leaves the server; what nobody foresaw is logged with a number that the
answer carries.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

import psycopg2
from flask import Flask, Response, json, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from gisserver.auth.passwords import TooManySignIns
from gisserver.auth.request_rate import TooFast
from gisserver.intake.writer import TooMuchWaiting
from layers.core.errors import Conflict, Fault, Forbidden, Invalid, LayerError, NotFound, Stale
from layers.core.quotas import QuotaSpent
from layers.territory.coverage import Refused

PROBLEM_TYPE = "application/problem+json"
log = logging.getLogger("wangge.errors")


class Unauthenticated(Exception):
    """Nobody is signed in, or the credentials are not accepted."""


class BadRequest(Exception):
    """The request cannot be read; `allowed` lists what would have been accepted."""

    def __init__(
        self, detail: str, *, allowed: Iterable[str] = (), faults: Iterable[Fault] = ()
    ) -> None:
        super().__init__(detail)
        self.allowed = tuple(allowed)
        self.faults = tuple(faults)


class TooLarge(Exception):
    """The answer would be larger than what is made for one request; the text says what is not."""


STATUS: Mapping[type[Exception], tuple[int, str]] = {
    BadRequest: (400, "Bad request"),
    Invalid: (400, "Invalid input"),
    Unauthenticated: (401, "Not signed in"),
    Forbidden: (403, "Not allowed"),
    NotFound: (404, "Not found"),
    TooLarge: (413, "Too large"),
    Stale: (409, "Changed by somebody else"),
    Conflict: (409, "Not possible now"),
    QuotaSpent: (429, "Quota spent"),
    TooFast: (429, "Too many requests"),
    Refused: (400, "Not possible"),
    PoolTimeout: (503, "Too busy"),
    TooManySignIns: (503, "Too busy"),
    TooMuchWaiting: (503, "Too busy"),
}

# PostgreSQL's own refusals: the answer names no table, row or statement.
SQL_STATUS: Mapping[str, tuple[int, str, str]] = {
    "42501": (403, "Not allowed", "the place lies outside your areas"),
    "57014": (503, "Took too long", "the database gave up after its time limit; ask for less"),
    "23505": (409, "Already there", "another row has the same unique value"),
    "23503": (409, "Still in use", "a row refers to another that is missing or still needed"),
    "22003": (400, "Invalid input", "a number is out of range"),
    "22008": (400, "Invalid input", "a time is out of range"),
    "40001": (503, "Try again", "two changes met; nothing was written"),
    "40P01": (503, "Try again", "two changes met; nothing was written"),
}


def problem(
    status: int,
    title: str,
    detail: str = "",
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> Response:
    """A problem document; `members` are its further members (faults, allowed, current)."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **members}
    # Escaped, because a detail may quote half a surrogate pair that somebody sent.
    content = json.dumps(body, separators=(",", ":"), ensure_ascii=True)
    response = Response(content, status=status, content_type=PROBLEM_TYPE)
    response.headers.update(headers or {})
    return response


def register_errors(app: Flask) -> None:
    """Answer every exception of the app as problem JSON."""
    for kind in STATUS:
        app.register_error_handler(kind, answer_known)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(DBAPIError, answer_database)
    app.register_error_handler(psycopg2.Error, answer_driver)
    app.register_error_handler(Exception, answer_unforeseen)


def answer_known(error: Exception) -> Response:
    """The answer to an exception of the table."""
    kind = next(kind for kind in type(error).__mro__ if kind in STATUS)
    status, title = STATUS[kind]
    if status == 503:
        return problem(status, title, "everything is in use; try again shortly", headers=RETRY)
    members: dict[str, Any] = dict(error.members) if isinstance(error, LayerError) else {}
    if isinstance(error, BadRequest | Invalid) and error.faults:
        members["faults"] = [{"field": f.field, "reason": f.reason} for f in error.faults]
    if isinstance(error, BadRequest) and error.allowed:
        members["allowed"] = sorted(error.allowed)
    if isinstance(error, Stale):
        members |= {"asked": error.asked, "current": error.current}
    headers = challenge() if isinstance(error, Unauthenticated) else None
    if isinstance(error, QuotaSpent | TooFast):
        headers = {"Retry-After": str(error.retry_after)}
    return problem(status, title, str(error), headers=headers, **members)


RETRY = {"Retry-After": "2"}


def challenge() -> dict[str, str]:
    """The Basic challenge for GIS clients; a browser would open its own dialog instead of ours."""
    agent = request.headers.get("User-Agent", "")
    is_browser = agent.startswith("Mozilla/") and "QGIS" not in agent
    is_gis = request.path.split("/", 2)[1] in {"ogc", "tiles"}
    return {"WWW-Authenticate": 'Basic realm="wangge"'} if is_gis and not is_browser else {}


def answer_http(error: HTTPException) -> Response:
    """The answer to what Flask itself refuses: no such route, wrong method, body too large."""
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Location"}}
    return problem(error.code or 500, error.name, error.description or "", headers=headers)


def answer_database(error: DBAPIError) -> Response:
    """The answer to what PostgreSQL refuses, by its SQLSTATE."""
    state = str(getattr(error.orig, "pgcode", None) or "")
    if state in SQL_STATUS:
        status, title, detail = SQL_STATUS[state]
        return problem(status, title, detail, headers=RETRY if status == 503 else None)
    if error.connection_invalidated or state.startswith(("08", "57P")) or not state:
        log.warning("database does not answer: %s", type(error.orig).__name__)
        return problem(503, "Database does not answer", "try again shortly", headers=RETRY)
    return answer_unforeseen(error)


def answer_driver(error: psycopg2.Error) -> Response:
    """The answer to what PostgreSQL refuses of a COPY, which goes past SQLAlchemy."""
    is_cut = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
    return answer_database(DBAPIError(None, None, error, connection_invalidated=is_cut))


def problem_of(error: Exception) -> dict[str, Any]:
    """The problem document that an exception is answered by, to be told later.

    In a request's context, whose path the log names.
    """
    if isinstance(error, tuple(STATUS)):
        answer = answer_known(error)
    elif isinstance(error, DBAPIError):
        answer = answer_database(error)
    else:
        answer = answer_unforeseen(error)
    told: dict[str, Any] = json.loads(answer.get_data())
    return told


def answer_unforeseen(error: Exception) -> Response:
    """The answer to a fault of ours: logged in full, told as a number only."""
    number = secrets.token_hex(4)
    log.error("fault %s at %s %s", number, request.method, request.path, exc_info=error)
    return problem(500, "Internal error", f"fault {number}; the server's log says more")
