"""Documents of OGC API Processes 1.0 (18-062r2): processes, jobs, results."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gisserver.processes.declaration import Input, Output, Process, Result
from layers.core.job import Job

RELATIONS = "http://www.opengis.net/def/rel/ogc/1.0"
PROCESSES = f"{RELATIONS}/processes"
JOBS = f"{RELATIONS}/job-list"
RESULTS = f"{RELATIONS}/results"
EXECUTE = f"{RELATIONS}/execute"
EXCEPTIONS = f"{RELATIONS}/exceptions"
_JSON = "application/json"


def link(rel: str, href: str, title: str, media_type: str = _JSON) -> dict[str, str]:
    """A link of a document."""
    return {"rel": rel, "type": media_type, "title": title, "href": href}


def with_page(address: str, query: str = "") -> list[dict[str, str]]:
    """Links to a document itself and to its page."""
    more = f"&{query}" if query else ""
    return [
        link("self", address + (f"?{query}" if query else ""), "JSON"),
        link("alternate", f"{address}?f=html{more}", "HTML", "text/html"),
    ]


def process_list(
    processes: Sequence[Process], base: str, language: int, query: str, following: str | None
) -> dict[str, Any]:
    """The list of processes; `following` is the query of its next page."""
    links = with_page(f"{base}/processes", query)
    if following is not None:
        links.append(link("next", f"{base}/processes?{following}", "next"))
    return {
        "processes": [process_summary(each, base, language) for each in processes],
        "links": links,
    }


def process_summary(process: Process, base: str, language: int) -> dict[str, Any]:
    """What the list says of a process."""
    address = f"{base}/processes/{process.name}"
    return {
        "id": process.name,
        "title": process.title[language],
        "description": process.description[language],
        "version": process.version,
        "jobControlOptions": ["sync-execute", "async-execute", "dismiss"],
        "outputTransmission": ["value", "reference"],
        "links": [
            *with_page(address),
            link(EXECUTE, f"{address}/execution", "POST"),
        ],
    }


def process_description(process: Process, base: str, language: int) -> dict[str, Any]:
    """A process with its inputs and its output."""
    return {
        **process_summary(process, base, language),
        "inputs": {name: _input(each, language) for name, each in process.inputs.items()},
        "outputs": {process.output.name: _output(process.output, language)},
    }


def _input(declared: Input, language: int) -> dict[str, Any]:
    told: dict[str, Any] = {"title": declared.title[language]}
    if declared.description[language]:
        told["description"] = declared.description[language]
    return {
        **told,
        "minOccurs": int(declared.is_required),
        "maxOccurs": 1,
        "schema": dict(declared.schema),
    }


def _output(output: Output, language: int) -> dict[str, Any]:
    forms = [
        {**schema, "contentMediaType": media_type} for media_type, schema in output.formats.items()
    ]
    schema = forms[0] if len(forms) == 1 else {"oneOf": forms}
    return {"title": output.title[language], "schema": schema}


def status_info(job: Job, base: str) -> dict[str, Any]:
    """The status of a job."""
    address = f"{base}/jobs/{job.id}"
    links = with_page(address)
    if job.status == "successful":
        links.append(link(RESULTS, f"{address}/results", "results"))
    if job.status == "failed":
        links.append(link(EXCEPTIONS, f"{address}/results", "why", "application/problem+json"))
    times = {
        "created": job.created_at,
        "started": job.started_at,
        "finished": job.finished_at,
        "updated": job.updated_at,
    }
    return {
        "processID": job.process,
        "type": "process",
        "jobID": str(job.id),
        "status": job.status,
        **({"message": job.message} if job.message else {}),
        **{name: _moment(time) for name, time in times.items() if time is not None},
        "progress": job.progress,
        "links": links,
    }


def job_list(jobs: Sequence[Job], base: str, query: str, following: str | None) -> dict[str, Any]:
    """The list of jobs, the newest first; `following` is the query of its next page."""
    links = with_page(f"{base}/jobs", query)
    if following is not None:
        links.append(link("next", f"{base}/jobs?{following}", "next"))
    return {"jobs": [status_info(job, base) for job in jobs], "links": links}


def results_document(output: Output, result: Result) -> dict[str, Any]:
    """The results by name, as values: JSON as it is, bytes in base64."""
    if result.media_type.endswith("json"):
        value = {"value": json.loads(result.content), "mediaType": result.media_type}
    else:
        value = {
            "value": base64.b64encode(result.content).decode(),
            "mediaType": result.media_type,
            "encoding": "base64",
        }
    return {output.name: value}


def reference_document(output: Output, href: str, media_type: str) -> dict[str, Any]:
    """The results by name, as links."""
    return {output.name: {"href": href, "type": media_type}}


def _moment(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
