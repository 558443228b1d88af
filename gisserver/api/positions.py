"""Positions taken in, and where everybody on duty is."""

from __future__ import annotations

from typing import Any

import numpy as np
from flask import Blueprint, Response, jsonify, request

from gisserver.context import Services, services
from gisserver.errors import BadRequest, Unauthenticated
from gisserver.intake.answer import FAULTS, NO_DEVICE, UNKNOWN, count_outcomes, told
from gisserver.intake.doorway import FAILURE
from gisserver.intake.protocol import (
    MOST_IN_BATCH,
    Batch,
    Reading,
    batch_of,
    check_names,
    fixes_of,
    reading_of,
    readings_of_json,
    token_of,
)
from gisserver.intake.quick_batch import batch_of_sent, sent_batch
from gisserver.parameters import json_body, take_parameters
from layers.core.errors import Fault
from layers.patrol.devices import Sender
from layers.patrol.fixes import REASONS, Outcome

blueprint = Blueprint("positions", __name__, url_prefix="/api/positions")


@blueprint.route("", methods=["GET", "POST"])
def take() -> Response:
    """Take one fix: a query or form of the OsmAnd protocol, or Traccar Client's JSON."""
    if failure := request.environ.get(FAILURE):
        raise failure
    if request.is_json:
        take_parameters(request)
        body = json_body(request, ("device_id", "location"))
        token = body.get("device_id")
        sender = _sender(token if isinstance(token, str) else "")
        return _answer(sender, readings_of_json(body))
    values = {**_single(request.args), **_single(request.form)}
    check_names(values)
    sender = _sender(token_of(values))
    return _answer(sender, [reading_of(values)])


@blueprint.post("/batch")
def take_batch() -> Response:
    """Take many fixes, of one device or of many, in one transaction."""
    take_parameters(request)
    house = services()
    batch, count = _sent_batch()
    if not len(batch.rows):
        raise Unauthenticated(UNKNOWN)
    outcome = np.full(count, NO_DEVICE, dtype=np.int64)
    outcome[batch.rows] = house.intake.take(batch.fixes)
    _count(house, batch, outcome[batch.rows])
    return jsonify(told(outcome))


def _sent_batch() -> tuple[Batch, int]:
    """The fixes of the batch, and how many positions it has."""
    find = services().devices.find
    sent = sent_batch(request.get_data()) if request.is_json else None
    if sent is not None and 0 < len(sent.positions) <= MOST_IN_BATCH:
        return batch_of_sent(sent.positions, sent.id or _bearer(), find), len(sent.positions)
    body = json_body(request, ("id", "positions"))
    positions = body.get("positions")
    if not isinstance(positions, list) or not 0 < len(positions) <= MOST_IN_BATCH:
        raise BadRequest(f"positions: a list of 1 to {MOST_IN_BATCH} is needed")
    return batch_of(positions, body.get("id") or _bearer(), find), len(positions)


def _sender(token: str) -> Sender:
    sender = services().devices.find(token or _bearer())
    if sender is None:
        raise Unauthenticated(UNKNOWN)
    return sender


def _bearer() -> str:
    given = request.authorization
    return (given.token or "") if given is not None and given.type == "bearer" else ""


def _single(values: Any) -> dict[str, str]:
    for name, given in values.lists():
        if len(given) > 1:
            raise BadRequest(f"parameter {name!r} is given {len(given)} times")
    return dict(values.items())


def _answer(sender: Sender, readings: list[Reading]) -> Response:
    house = services()
    outcomes = house.writer.take(fixes_of(sender, readings))
    count_outcomes(house, sender, outcomes)
    faults = [Fault(*REASONS[each]) for each in outcomes if each in FAULTS]
    if faults and len(faults) == len(outcomes):
        detail = "; ".join(f"{fault.field}: {fault.reason}" for fault in faults)
        raise BadRequest(detail, faults=faults)
    return jsonify(told(np.array(outcomes, dtype=np.int64)))


def _count(house: Services, batch: Batch, outcome: Any) -> None:
    fates, counts = np.unique(outcome, return_counts=True)
    house.metrics.count_fixes(dict(zip(map(Outcome, fates.tolist()), counts.tolist(), strict=True)))
    devices, owner = np.unique(batch.device, return_inverse=True)
    taken = np.bincount(owner, outcome < Outcome.DUPLICATE)
    refused: dict[int, list[str]] = {}
    for at in np.flatnonzero(outcome >= Outcome.FUTURE).tolist():
        refused.setdefault(int(owner[at]), []).append(Outcome(outcome[at]).name.lower())
    for number, device in enumerate(devices.tolist()):
        house.devices.count(device, int(taken[number]), refused.get(number, ()))
