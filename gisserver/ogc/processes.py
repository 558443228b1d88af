"""OGC API Processes 1.0 (18-062r2): the processes, and having one done."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from gisserver.context import current_reader, reader_connection, services
from gisserver.ogc.linked_features import linked_features
from gisserver.ogc.negotiation import DOCUMENT_PARAMETERS, document_answer, wanted_language
from gisserver.ogc.process_documents import (
    process_description,
    process_list,
    reference_document,
    results_document,
    status_info,
)
from gisserver.ogc.shell import base_address
from gisserver.parameters import integer, json_body, take_parameters
from gisserver.processes.catalogue import process_named, processes_for
from gisserver.processes.declaration import Asker, Process, Result
from gisserver.processes.execution import Execution, read_execution
from gisserver.processes.runner import run_now
from layers.core.database import scope_setting
from layers.core.job import Job, add_done_job, add_job

MOST_LISTED = 1000
USUAL_LISTED = 100
ASYNC = "respond-async"


def add_processes(blueprint: Blueprint) -> None:
    """The routes of processes."""
    rules: dict[str, Callable[..., AnyResponse]] = {
        "/processes": processes,
        "/processes/<name>": process,
    }
    for rule, view in rules.items():
        blueprint.add_url_rule(rule, view.__name__, view, strict_slashes=False)
    blueprint.add_url_rule(
        "/processes/<name>/execution", "execute", execute, methods=["POST"], strict_slashes=False
    )


def processes() -> AnyResponse:
    """The processes that the reader may use."""
    given = take_parameters(request, (*DOCUMENT_PARAMETERS, "limit", "after"))
    limit = integer(given, "limit", USUAL_LISTED, minimum=1, maximum=MOST_LISTED)
    every = list(processes_for(current_reader()))
    if "after" in given:
        process_named(given["after"], current_reader())
        every = every[[each.name for each in every].index(given["after"]) + 1 :]
    page, more = every[:limit], every[limit:]
    kept = {name: value for name, value in given.items() if name != "f"}
    following = urlencode({**kept, "after": page[-1].name}) if more else None
    content = process_list(page, base_address(), wanted_language(), urlencode(kept), following)
    return document_answer("processes", content)


def process(name: str) -> AnyResponse:
    """One process with its inputs and its output."""
    take_parameters(request, DOCUMENT_PARAMETERS)
    found = process_named(name, current_reader())
    content = process_description(found, base_address(), wanted_language())
    return document_answer("process", content)


def execute(name: str) -> AnyResponse:
    """The results, or with `Prefer: respond-async` the job that makes them."""
    take_parameters(request)
    found = process_named(name, current_reader())
    execution = read_execution(found, json_body(request), linked_features)
    if ASYNC in _preferences():
        return _accepted(found, execution)
    return _done(found, execution)


def _accepted(found: Process, execution: Execution) -> Response:
    found.read(execution.inputs, _asker())  # what cannot be asked is refused at once
    identity = services().auth.current()
    with reader_connection() as connection:
        job = add_job(connection, identity.reader, found.name, execution.told(), identity.token_id)
    services().jobs.wake()
    response = document_answer("job", status_info(job, base_address()))
    response.status_code = 201
    response.headers["Location"] = f"{base_address()}/jobs/{job.id}"
    response.headers["Preference-Applied"] = ASYNC
    return response


def _done(found: Process, execution: Execution) -> Response:
    with reader_connection() as connection:
        result = run_now(found, execution, connection, _asker())
        if execution.transmission == "value":
            return answered(found, execution, result)
        identity = services().auth.current()
        job = add_done_job(
            connection,
            identity.reader,
            found.name,
            execution.told(),
            identity.token_id,
            scope=scope_setting(identity.reader),
            media_type=result.media_type,
            content=result.content,
        )
    return referred(found, execution, job)


def answered(found: Process, execution: Execution, result: Result) -> Response:
    """Results as values: as they are, or in a document."""
    if execution.response == "document":
        return jsonify(results_document(found.output, result))
    return Response(result.content, content_type=result.media_type)


def referred(found: Process, execution: Execution, job: Job) -> Response:
    """Results by links: in the header, or in a document."""
    href = f"{base_address()}/jobs/{job.id}/results/{found.output.name}"
    if execution.response == "document":
        return jsonify(reference_document(found.output, href, execution.media_type))
    response = Response(status=204)
    response.headers["Link"] = f'<{href}>; rel="{found.output.name}"; type="{execution.media_type}"'
    return response


def _asker() -> Asker:
    return Asker(current_reader(), services().codes)


def _preferences() -> set[str]:
    """Words of the `Prefer` header (RFC 7240), without what they are given."""
    header = ",".join(request.headers.getlist("Prefer"))
    return {each.partition("=")[0].split(";")[0].strip().lower() for each in header.split(",")}
