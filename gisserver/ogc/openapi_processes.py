"""What the OpenAPI document says of processes and jobs, for who may use them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gisserver.ogc.media_types import DOCUMENT_FORMS, JSON
from gisserver.ogc.openapi_words import Words, in_path, operation, query
from gisserver.processes.declaration import Process
from layers.core.job import STATUSES

TAG = "processes"
_PROBLEM = {"application/problem+json": {"schema": {"type": "object"}}}
_TEXT = {"type": "string"}


def process_paths(processes: Sequence[Process]) -> Words:
    """Paths by address for a reader who may use these processes."""
    if not processes:
        return _job_paths()
    names = [process.name for process in processes]
    process = in_path("processID", {"type": "string", "enum": names})
    paging = [_limit(1000, 100), query("after", {"type": "string", "enum": names})]
    paths: Words = {
        "/processes": {
            "get": operation("getProcesses", TAG, "分析列表 Processes", paging, DOCUMENT_FORMS)
        },
        "/processes/{processID}": {
            "get": operation(
                "getProcessDescription", TAG, "一个分析 One process", [process], DOCUMENT_FORMS
            )
        },
    }
    for each in processes:
        paths[f"/processes/{each.name}/execution"] = {"post": _execution(each)}
    return paths | _job_paths()


def with_processes(document: Mapping[str, Any], processes: Sequence[Process]) -> dict[str, Any]:
    """The document with them; the one given stays as it is."""
    return {**document, "paths": {**document["paths"], **process_paths(processes)}}


def _execution(process: Process) -> Words:
    output = process.output
    results: Words = {media_type: {"schema": {}} for media_type in output.formats}
    return {
        "operationId": f"execute_{process.name}",
        "summary": f"{process.title[0]} {process.title[1]}",
        "description": f"{process.description[0]}\n\n{process.description[1]}",
        "tags": [TAG],
        "parameters": [
            {
                "name": "Prefer",
                "in": "header",
                "description": "respond-async: as a job, whose address is in Location",
                "schema": _TEXT,
            }
        ],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": _body(process)}},
        },
        "responses": {
            "200": {
                "description": "结果 The result; with response=document in a JSON object",
                "content": {**results, JSON: {"schema": {}}},
            },
            "201": {
                "description": "任务已接受 Accepted as a job",
                "headers": {
                    "Location": {"schema": _TEXT},
                    "Preference-Applied": {"schema": _TEXT},
                },
                "content": {JSON: {"schema": {"type": "object"}}},
            },
            "204": {"description": "结果在 Link 中 The result is linked (raw, by reference)"},
            **_refusals("400", "401", "403", "404", "409", "429", "503"),
        },
    }


def _body(process: Process) -> Words:
    needed = [name for name, each in process.inputs.items() if each.is_required]
    # A value may come qualified, a box with its reference system, features behind a link.
    inputs: Words = {
        "type": "object",
        "properties": {name: _input(each.schema) for name, each in process.inputs.items()},
        "additionalProperties": False,
    }
    if needed:
        inputs["required"] = needed
    output: Words = {
        "type": "object",
        "properties": {
            "format": {
                "type": "object",
                "properties": {
                    "mediaType": {"type": "string", "enum": list(process.output.formats)}
                },
            },
            "transmissionMode": {"type": "string", "enum": ["value", "reference"]},
        },
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {
            "inputs": inputs,
            "outputs": {
                "type": "object",
                "properties": {process.output.name: output},
                "additionalProperties": False,
            },
            "response": {"type": "string", "enum": ["raw", "document"], "default": "raw"},
        },
        "required": ["inputs"] if needed else [],
        "additionalProperties": False,
    }


def _input(schema: Mapping[str, Any]) -> Words:
    """The schema and that of its items in the words of OpenAPI 3.0.

    There an exclusive bound has no number of its own.
    """
    told = dict(schema)
    if "items" in told:
        told["items"] = _input(told["items"])
    if "exclusiveMinimum" in told:
        told["minimum"] = told.pop("exclusiveMinimum")
        told["exclusiveMinimum"] = True
    return told


def _job_paths() -> Words:
    job = in_path("jobId", {"type": "string", "format": "uuid"})
    listed = [
        _limit(1000, 10),
        query("after", {"type": "string", "format": "uuid"}),
        _several("type", {"type": "string", "enum": ["process"]}),
        _several("processID", _TEXT),
        _several("status", {"type": "string", "enum": list(STATUSES)}),
        query("datetime", _TEXT),
        query("minDuration", {"type": "number", "minimum": 0}),
        query("maxDuration", {"type": "number", "minimum": 0}),
    ]
    status = operation("getStatus", TAG, "任务状态 Status of a job", [job], DOCUMENT_FORMS)
    dismissed = operation("dismiss", TAG, "取消任务 Dismiss a job", [job], DOCUMENT_FORMS)
    return {
        "/jobs": {"get": operation("getJobs", TAG, "我的任务 Jobs", listed, DOCUMENT_FORMS)},
        "/jobs/{jobId}": {"get": status, "delete": dismissed},
        "/jobs/{jobId}/results": {"get": _results("getResult", [job])},
        "/jobs/{jobId}/results/{outputId}": {
            "get": _results("getResultOutput", [job, in_path("outputId", _TEXT)])
        },
    }


def _results(name: str, parameters: list[Words]) -> Words:
    return {
        "operationId": name,
        "summary": "任务的结果 Results of a job",
        "tags": [TAG],
        "parameters": parameters,
        "responses": {
            "200": {"description": "结果 The result", "content": {"*/*": {"schema": {}}}},
            "204": {"description": "结果在 Link 中 The result is linked (raw, by reference)"},
            **_refusals("400", "401", "403", "404", "409", "429", "500", "503"),
        },
    }


def _refusals(*statuses: str) -> Words:
    return {
        status: {"description": "为何不能 Why it cannot be", "content": _PROBLEM}
        for status in statuses
    }


def _limit(most: int, usual: int) -> Words:
    return query("limit", {"type": "integer", "minimum": 1, "maximum": most, "default": usual})


def _several(name: str, items: Words) -> Words:
    words = query(name, {"type": "array", "items": items, "minItems": 1})
    return {**words, "style": "form", "explode": False}
