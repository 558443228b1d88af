"""Worked cases as rows: the columns of the incidents, and one row for every step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from etl.synth.cases import STATES, Event, Walk
from etl.synth.limits import Limits
from etl.synth.shapes import Days, Floats, Ints
from etl.synth.text import Block, Column, block

ROWS_PER_BLOCK = 150_000
_TIMES = (
    *("accepted_at", "registered_at", "dispatched_at", "received_at", "arrived_at"),
    *("handled_at", "checked_at", "closed_at", "archived_at", "paused_at"),
)
_COUNTS = ("extended_days", "extension_count", "rework_count", "return_count")
_CLOSED = ("checked", "unchecked")


def stamps(start: np.datetime64, seconds: Floats) -> list[str | None]:
    """Moments in China time, None where there are none; `seconds` count from `start`."""
    moments: Days = np.full(len(seconds), np.datetime64("NaT"), dtype="datetime64[s]")
    there = ~np.isnan(seconds)
    moments[there] = start + seconds[there].astype(np.int64).astype("timedelta64[s]")
    texts = np.datetime_as_string(moments, unit="s").tolist()
    return [None if text == "NaT" else f"{text}+08" for text in texts]


def case_columns(walk: Walk, limits: Limits, start: np.datetime64) -> dict[str, Column]:
    """What the flow has set on the incidents, by column."""
    staffing = walk.staffing
    times = {name: stamps(start, walk.times[name]) for name in _TIMES}
    is_registered = ~np.isnan(walk.times["registered_at"])
    closing = walk.words["closing"]
    asked = walk.numbers["extension_days"]
    return {
        "state": np.array(STATES)[walk.state],
        "condition": _where(is_registered, limits.condition),
        "unit_id": _ids(
            np.where(np.isnan(walk.times["dispatched_at"]), -1, walk.unit), staffing.first_unit
        ),
        "handler_id": _ids(walk.handler, staffing.first_staff),
        **times,
        "check_passed": walk.words["check_passed"],
        "closing": closing,
        "closing_condition": _where(np.isin(closing.astype(str), _CLOSED), limits.closing),
        "satisfaction": walk.words["satisfaction"],
        "supervision": walk.words["supervision"],
        "extension_days": [str(days) if days else None for days in asked.tolist()],
        **{name: walk.numbers[name] for name in _COUNTS},
        "pauses": _pauses(walk, start),
    }


def step_blocks(walk: Walk, start: np.datetime64, first_incident: int) -> Iterator[Block]:
    """The flow record in the order in which the steps were taken."""
    rows = np.concatenate([event.rows for event in walk.events])
    at = np.concatenate([event.at for event in walk.events])
    place = np.concatenate([np.full(len(e.rows), n) for n, e in enumerate(walk.events)])
    within = np.concatenate([np.arange(len(event.rows)) for event in walk.events])
    # In each case the steps keep their order, also where two fall into one second.
    order = np.lexsort((place, at))
    for begin in range(0, len(order), ROWS_PER_BLOCK):
        yield _steps(
            walk,
            start,
            first_incident,
            rows,
            at,
            place,
            within,
            order[begin : begin + ROWS_PER_BLOCK],
        )


def _steps(
    walk: Walk,
    start: np.datetime64,
    first_incident: int,
    rows: Ints,
    at: Floats,
    place: Ints,
    within: Ints,
    chosen: Ints,
) -> Block:
    staffing, events = walk.staffing, walk.events
    pairs = list(zip(place[chosen].tolist(), within[chosen].tolist(), strict=True))
    states = np.array([*STATES])
    before = np.array([events[n].before[i] for n, i in pairs])
    after = np.array([events[n].after for n, _ in pairs])
    staff = np.array([events[n].staff[i] for n, i in pairs])
    unit = np.array([events[n].unit[i] for n, i in pairs])
    return block(
        "incidents.step",
        len(chosen),
        {
            "incident_id": rows[chosen] + first_incident,
            "at": stamps(start, at[chosen]),
            "step": [events[n].step for n, _ in pairs],
            "from_state": states[before],
            "to_state": states[np.where(after < 0, before, after)],
            "actor": staffing.names[staff].tolist(),
            "role": [_role(events[n]) for n, _ in pairs],
            "staff_id": _ids(staff, staffing.first_staff),
            "unit_id": _ids(unit, staffing.first_unit),
            "reason": [events[n].reason[i] for n, i in pairs],
            "inputs": [events[n].inputs[i] for n, i in pairs],
        },
    )


def _role(event: Event) -> str | None:
    return None if event.step == "report" else event.role


def _ids(numbers: Ints, first: int) -> list[str | None]:
    return [str(number + first) if number >= 0 else None for number in numbers.tolist()]


def _where(
    chosen: np.ndarray[tuple[int], np.dtype[np.bool_]], words: list[str]
) -> list[str | None]:
    return [word if yes else None for yes, word in zip(chosen.tolist(), words, strict=True)]


def _pauses(walk: Walk, start: np.datetime64) -> list[str]:
    spans = zip(
        stamps(start, walk.times["pause_from"]), stamps(start, walk.times["pause_to"]), strict=True
    )
    return [f"{{[{begin},{end})}}" if begin and end else "{}" for begin, end in spans]
