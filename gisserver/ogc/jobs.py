"""Jobs of OGC API Processes: the reader's own, what came of them, ending them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from gisserver.context import current_reader, reader_connection, services
from gisserver.errors import PROBLEM_TYPE, BadRequest
from gisserver.ogc.negotiation import DOCUMENT_PARAMETERS, document_answer
from gisserver.ogc.process_documents import job_list, status_info
from gisserver.ogc.processes import answered, referred
from gisserver.ogc.shell import base_address
from gisserver.parameters import integer, interval, number, take_parameters
from gisserver.processes.catalogue import EXCEPTIONS, process_named
from gisserver.processes.declaration import Process, Result
from gisserver.processes.execution import kept_execution
from layers.core.database import scope_setting
from layers.core.errors import Forbidden, NotFound
from layers.core.job import (
    STATUSES,
    Job,
    JobQuestion,
    Results,
    dismiss_job,
    get_job,
    get_results,
    list_jobs,
)

MOST_LISTED = 1000
USUAL_LISTED = 10
LONGEST_DURATION = 1e9
FILTERS = (
    "limit",
    "after",
    "type",
    "processID",
    "status",
    "datetime",
    "minDuration",
    "maxDuration",
)


class NoSuchJob(NotFound):
    """There is no such job, or it is somebody else's."""

    @property
    def members(self) -> Mapping[str, Any]:
        """The type that the standard gives it."""
        return {"type": f"{EXCEPTIONS}/no-such-job"}


class NotReady(NotFound):
    """The job has no results, or none yet."""

    @property
    def members(self) -> Mapping[str, Any]:
        """The type that the standard gives it."""
        return {"type": f"{EXCEPTIONS}/result-not-ready"}


def add_jobs(blueprint: Blueprint) -> None:
    """The routes of jobs."""
    rules: dict[str, Callable[..., AnyResponse]] = {
        "/jobs": jobs,
        "/jobs/<identifier>": job,
        "/jobs/<identifier>/results": results,
        "/jobs/<identifier>/results/<output>": result,
    }
    for rule, view in rules.items():
        blueprint.add_url_rule(rule, view.__name__, view, strict_slashes=False)
    blueprint.add_url_rule(
        "/jobs/<identifier>", "dismiss", dismiss, methods=["DELETE"], strict_slashes=False
    )


def jobs() -> AnyResponse:
    """The reader's jobs, the newest first."""
    given = take_parameters(request, (*DOCUMENT_PARAMETERS, *FILTERS))
    question = _question(given)
    with reader_connection() as connection:
        found = list_jobs(connection, question, _token())
    page, more = found[: question.limit], found[question.limit :]
    kept = {name: value for name, value in given.items() if name != "f"}
    following = urlencode({**kept, "after": str(page[-1].id)}) if more else None
    return document_answer("jobs", job_list(page, base_address(), urlencode(kept), following))


def job(identifier: str) -> AnyResponse:
    """How far a job is."""
    take_parameters(request, DOCUMENT_PARAMETERS)
    return document_answer("job", status_info(_job(identifier), base_address()))


def results(identifier: str) -> AnyResponse:
    """What came of a job, in the form asked for when it was sent."""
    take_parameters(request)
    found, process, kept = _finished(identifier)
    if kept.problem is not None:
        return _failed(kept.problem)
    execution = kept_execution(kept.asked)
    if execution.transmission == "reference":
        return referred(process, execution, found)
    return answered(process, execution, _result(kept))


def result(identifier: str, output: str) -> AnyResponse:
    """The result alone, as it is."""
    take_parameters(request)
    _, process, kept = _finished(identifier)
    if output != process.output.name:
        raise NotFound(f"no output {output[:60]!r}; there is {process.output.name!r}")
    if kept.problem is not None:
        return _failed(kept.problem)
    made = _result(kept)
    return Response(made.content, content_type=made.media_type)


def dismiss(identifier: str) -> AnyResponse:
    """Ends a job, or forgets what came of it."""
    take_parameters(request)
    dismissed = dismiss_job(services().engine, _job(identifier))
    return document_answer("job", status_info(dismissed, base_address()))


def _job(identifier: str) -> Job:
    try:
        job_id = uuid.UUID(identifier)
        with reader_connection() as connection:
            return get_job(connection, job_id, _token())
    except (ValueError, NotFound) as error:
        raise NoSuchJob(f"no job {identifier[:60]!r} of yours") from error


def _finished(identifier: str) -> tuple[Job, Process, Results]:
    """A job that is over, for who holds the same rights in the same areas as when it was done.

    Raises: NoSuchJob; NotReady; Forbidden when rights or areas have changed since.
    """
    found = _job(identifier)
    if found.status in ("accepted", "running"):
        raise NotReady(f"the job is {found.status}; ask again later")
    if found.status == "dismissed":
        raise NotReady("the job was dismissed; it has no results")
    process = process_named(found.process, current_reader())
    with reader_connection() as connection:
        kept = get_results(connection, found.id, _token())
    if kept.problem is None and kept.scope != scope_setting(current_reader()):
        raise Forbidden("your rights or areas have changed since; have it done again")
    return found, process, kept


def _result(kept: Results) -> Result:
    assert kept.content is not None
    assert kept.media_type is not None
    return Result(kept.content, kept.media_type)


def _failed(problem: Mapping[str, Any]) -> Response:
    return Response(json.dumps(problem), status=problem["status"], content_type=PROBLEM_TYPE)


def _token() -> int | None:
    return services().auth.current().token_id


def _question(given: Mapping[str, str]) -> JobQuestion:
    since, until = interval(given) or (None, None)
    kinds = given["type"].split(",") if "type" in given else ["process"]
    statuses = given["status"].split(",") if "status" in given else []
    for each in statuses:
        if each not in STATUSES:
            raise BadRequest(f"status: {each[:40]!r} is none", allowed=STATUSES)
    shortest, longest = (
        number(given, name, minimum=0, maximum=LONGEST_DURATION) if name in given else None
        for name in ("minDuration", "maxDuration")
    )
    processes = given["processID"].split(",") if "processID" in given else []
    return JobQuestion(
        # Jobs of other kinds there are none.
        processes=processes if "process" in kinds else [""],
        statuses=statuses,
        since=since,
        until=until,
        shortest=shortest,
        longest=longest,
        after=_after(given),
        limit=integer(given, "limit", USUAL_LISTED, minimum=1, maximum=MOST_LISTED),
    )


def _after(given: Mapping[str, str]) -> uuid.UUID | None:
    try:
        return uuid.UUID(given["after"]) if "after" in given else None
    except ValueError as error:
        raise BadRequest("after: the id of a job is expected") from error
