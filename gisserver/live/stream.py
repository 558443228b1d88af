"""`/live`: server-sent events within the reader's scope."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Request, Response, request
from sqlalchemy.exc import SQLAlchemyError

from gisserver.context import Services, current_reader, require, services
from gisserver.errors import BadRequest, problem
from gisserver.live.event import Event
from gisserver.live.hub import ObjectKey, Subscription, TooManyStreams
from gisserver.live.replay import missed_events
from gisserver.parameters import take_parameters
from layers.core.rights import Right

blueprint = Blueprint("live", __name__)

PING_SECONDS = 15.0
RETRY_MILLISECONDS = 2_000
RETRY_AFTER_SECONDS = 30
RESET = {"reset": True}

log = logging.getLogger("wangge.live")


@blueprint.get("/live")
def live() -> Response:
    """An endless stream of changes: `{"layer","id","action"}` or `{"layer","all":true}`.

    Goes on after the header Last-Event-ID or the parameter `last_event_id`. `{"reset":true}`
    says that changes were missed and everything shown has to be loaded anew.

    With `positions=true` there are events `positions` too: `{"all": true, "moved": [row, …]}` with
    everybody in scope first, then `{"moved": […], "gone": [[0 or 1, id], …]}` once a second.
    """
    asked = take_parameters(request, ("last_event_id", "positions"))
    after = _last_event_id(asked)
    if asked.get("positions", "false") not in ("true", "false"):
        raise BadRequest("positions: true or false expected")
    positions = asked.get("positions") == "true"
    reader = require(Right.PATROL_READ) if positions else current_reader()
    hub = services().hub
    try:
        subscription, start = hub.subscribe(reader, positions=positions)
    except TooManyStreams as error:
        retry = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return problem(503, "Too many streams", str(error), headers=retry)
    line = _Line(services(), request._get_current_object(), subscription)  # type: ignore[attr-defined]
    response = Response(line.read(start, after), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: hub.unsubscribe(subscription))
    return response


@blueprint.after_app_request
def see_own_writes(response: Response) -> Response:
    """After a write, this process knows of it before its answer leaves.

    Positions are no changes of a layer, and too many to ask for each.
    """
    is_write = request.method not in {"GET", "HEAD", "OPTIONS"} and response.status_code < 400
    if is_write and request.blueprint != "positions":
        try:
            services().versions.catch_up()
        except SQLAlchemyError as error:
            # What is written is written; the listener tells of it a moment later.
            log.warning("versions not read after a write: %s", type(error).__name__)
    return response


def _last_event_id(asked: dict[str, str]) -> int | None:
    given = asked.get("last_event_id")
    if given is not None and not _is_id(given):
        raise BadRequest("last_event_id: the id of an event expected")
    # A browser that comes back by itself repeats its address, and says what it has heard since.
    header = request.headers.get("Last-Event-ID", "")
    if header:
        # It repeats what it was given; anything else cannot be ours.
        return int(header) if _is_id(header) else -1
    return None if given is None else int(given)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


@dataclass(frozen=True)
class _Line:
    """One open stream; it outlives its request's context, so it carries what it needs."""

    house: Services
    asked: Request
    subscription: Subscription

    def read(self, start: int, after: int | None) -> Iterator[str]:
        """Text of the stream: what was missed after an id, then what happens after `start`."""
        try:
            head = f"retry: {RETRY_MILLISECONDS}\n\n"
            missed = [] if after is None else self._missed(after)
            if missed is None:
                seen = start
                yield head + _lines(start, RESET)
            else:
                seen = max([start if after is None else after, *(event.id for event in missed)])
                told = (_lines(event.id, event.message()) for event in missed)
                yield "".join((head, *told, _id_line(seen)))
            if self.subscription.positions:
                rows = self.house.board.rows(self.subscription.reader)
                yield _positions({"all": True, "moved": rows})
            yield from self._follow(seen)
        finally:
            self.house.hub.unsubscribe(self.subscription)

    def _missed(self, after: int) -> list[Event] | None:
        if after < 0:
            return None
        return missed_events(self.house.engine, self.subscription.reader, after)

    def _follow(self, seen: int) -> Iterator[str]:
        """Events after `seen`, a ping in every quiet spell; ends when the sign-in has ended."""
        checked = time.monotonic()
        while True:
            taken = self.subscription.take(PING_SECONDS)
            if taken.is_over:
                return
            if taken.must_check or time.monotonic() - checked >= PING_SECONDS:
                checked = time.monotonic()
                identity = self.house.auth.identify_again(self.asked)
                if identity is None or identity.reader != self.subscription.reader:
                    return
            fresh = [event for event in taken.events if event.id > seen]
            if taken.moves:
                yield _positions(_moves(taken.moves))
            if fresh or taken.has_gap or not taken.moves:
                yield _chunk(fresh, taken.has_gap, max(seen, taken.last_id))


def _chunk(events: list[Event], has_gap: bool, last_id: int) -> str:
    if has_gap:
        return _lines(last_id, RESET)
    if not events:
        return ": ping\n" + _id_line(last_id)
    return "".join(_lines(event.id, event.message()) for event in events)


def _moves(moves: Mapping[ObjectKey, list[Any] | None]) -> dict[str, Any]:
    return {
        "moved": [row for row in moves.values() if row is not None],
        "gone": [key for key, row in moves.items() if row is None],
    }


def _positions(message: dict[str, Any]) -> str:
    """Without an id: where the browser resumes has nothing to do with who moves."""
    told = json.dumps(message, separators=(",", ":"), ensure_ascii=False)
    return f"event: positions\ndata: {told}\n\n"


def _lines(event_id: int, message: dict[str, Any]) -> str:
    return f"id: {event_id}\ndata: {json.dumps(message, separators=(',', ':'))}\n\n"


def _id_line(event_id: int) -> str:
    """Moves the point from which the browser resumes, without an event."""
    return f"id: {event_id}\n\n"
