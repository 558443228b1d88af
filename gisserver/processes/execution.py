"""An execute request of OGC API Processes: its inputs, checked, and the form of its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from jsonschema import Draft202012Validator

from gisserver.errors import BadRequest
from gisserver.processes.boxes import box_in_degrees
from gisserver.processes.declaration import Input, Process
from layers.core.errors import Fault
from layers.core.values import is_storable

Answer = Literal["raw", "document"]
Transmission = Literal["value", "reference"]
Fetch = Callable[[str], Mapping[str, Any]]

MEMBERS = ("inputs", "outputs", "response")
_OUTPUT_MEMBERS = ("format", "transmissionMode")
_QUALIFIED = frozenset({"value", "mediaType", "encoding", "schema"})
_LINK = frozenset({"href", "rel", "type", "title", "hreflang"})
_LONGEST_TOLD = 200


@dataclass(frozen=True)
class Execution:
    """What was asked: inputs by name with usual values filled in, and how to answer."""

    inputs: Mapping[str, Any]
    media_type: str
    response: Answer = "raw"
    transmission: Transmission = "value"

    def told(self) -> dict[str, Any]:
        """As JSON that is kept with a job."""
        return {
            "inputs": dict(self.inputs),
            "media_type": self.media_type,
            "response": self.response,
            "transmission": self.transmission,
        }


def kept_execution(told: Mapping[str, Any]) -> Execution:
    """The execution that `told` was made of."""
    return Execution(**told)


def read_execution(process: Process, body: Mapping[str, Any], fetch: Fetch) -> Execution:
    """The execution that a body asks for; `fetch(href)` gives the features behind a link.

    Raises: BadRequest with a fault for each input that is unknown, missing or does not fit.
    """
    for name in body:
        if name not in MEMBERS:
            raise BadRequest(f"{name[:40]!r} is not supported", allowed=MEMBERS)
    response = body.get("response", "raw")
    if response not in ("raw", "document"):
        raise BadRequest("response: raw or document expected", allowed=("raw", "document"))
    media_type, transmission = _output(process, body.get("outputs"))
    inputs = _inputs(process, body.get("inputs", {}), fetch)
    return Execution(inputs, media_type, response, transmission)


def _output(process: Process, given: Any) -> tuple[str, Transmission]:
    output = process.output
    usual = next(iter(output.formats))
    if given is None:
        return usual, "value"
    if not isinstance(given, dict):
        raise BadRequest("outputs: an object of outputs is expected", allowed=(output.name,))
    for name in given:
        if name != output.name:
            raise BadRequest(f"outputs: {name[:40]!r} is none", allowed=(output.name,))
    wanted = given.get(output.name) or {}
    if not isinstance(wanted, dict) or not set(wanted) <= set(_OUTPUT_MEMBERS):
        raise BadRequest(f"outputs.{output.name}: format and transmissionMode expected")
    transmission = wanted.get("transmissionMode", "value")
    if transmission not in ("value", "reference"):
        raise BadRequest("transmissionMode: value or reference", allowed=("value", "reference"))
    asked = wanted.get("format") or {}
    if not isinstance(asked, dict):
        raise BadRequest("format: an object with mediaType is expected")
    media_type = asked.get("mediaType", usual)
    if media_type not in output.formats:
        raise BadRequest(f"mediaType: not {str(media_type)[:60]!r}", allowed=output.formats)
    return media_type, transmission


def _inputs(process: Process, given: Any, fetch: Fetch) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise BadRequest("inputs: an object of inputs is expected", allowed=process.inputs)
    faults = [
        Fault(str(name)[:60], f"unknown; allowed: {', '.join(process.inputs)}")
        for name in given
        if name not in process.inputs
    ]
    taken: dict[str, Any] = {}
    for name, declared in process.inputs.items():
        if given.get(name) is not None:
            try:
                taken[name] = _plain(declared, given[name], fetch)
            except BadRequest as error:
                faults.append(Fault(name, str(error)))
                continue
            faults += [Fault(name + at, reason) for at, reason in _misfits(declared, taken[name])]
        elif "default" in declared.schema:
            taken[name] = declared.schema["default"]
        elif declared.is_required:
            faults.append(Fault(name, "needed"))
    if faults:
        told = "; ".join(f"{fault.field}: {fault.reason}" for fault in faults)
        raise BadRequest(f"inputs: {told}", faults=faults)
    return taken


def _plain(declared: Input, value: Any, fetch: Fetch) -> Any:
    """The value itself, out of the forms in which it may be sent."""
    if not isinstance(value, dict):
        return value
    names = set(value)
    if "value" in names and names <= _QUALIFIED:
        if "encoding" in names:
            raise BadRequest("no input is binary; leave encoding out")
        return value["value"]
    if "href" in names and names <= _LINK:
        if declared.kind != "features":
            raise BadRequest("is sent as a value, not by a link")
        return fetch(str(value["href"]))
    if declared.kind == "bbox" and "bbox" in names:
        return box_in_degrees(value)
    return value


def _misfits(declared: Input, value: Any) -> Iterator[tuple[str, str]]:
    if not _is_storable(value):
        yield "", "holds characters that are none (U+0000, half surrogates)"
        return
    for error in Draft202012Validator(declared.schema).iter_errors(value):
        at = "".join(f".{step}" for step in error.absolute_path)
        yield at, error.message[:_LONGEST_TOLD]


def _is_storable(value: Any) -> bool:
    if isinstance(value, str):
        return is_storable(value)
    if isinstance(value, dict):
        return all(is_storable(name) and _is_storable(each) for name, each in value.items())
    return not isinstance(value, list) or all(_is_storable(each) for each in value)
