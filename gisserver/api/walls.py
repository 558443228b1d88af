"""Linked screens of a command centre: a pairing code, one state, and a stream of its changes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Request, Response, jsonify, request

from gisserver.context import Services, current_reader, services
from gisserver.errors import BadRequest, problem
from gisserver.live.walls import CODE_LENGTH, LETTERS, TooManyScreens, WallState, Watcher
from gisserver.parameters import area_prefix, choice, json_body, take_parameters
from layers.catalogue import layer_by_name
from layers.core.errors import NotFound
from layers.core.scope import Reader

blueprint = Blueprint("walls", __name__, url_prefix="/api/walls")

PERIODS = ("day", "week", "month", "year")
LIGHTS = ("green", "yellow", "red")
MEMBERS = ("selected", "area", "period", "category", "light")
START = {"selected": None, "area": "", "period": "month", "category": None, "light": None}
PING_SECONDS = 15.0
_SELECTED = re.compile(r"([a-z_]{1,40})\.(\d{1,18})")
_CATEGORY = re.compile(r"[A-Za-z0-9_-]{1,40}")


@blueprint.post("")
def create() -> Response:
    """Make a wall that shows what is sent, else everything; answers its pairing code."""
    take_parameters(request)
    state = START | _members(json_body(request, MEMBERS))
    made = services().walls.create(current_reader().account_id, state)
    response = _answer(made)
    response.status_code = 201
    response.headers["Location"] = f"/api/walls/{made.code}"
    return response


@blueprint.get("/<code>")
def read(code: str) -> Response:
    """What the screens of a wall show now."""
    take_parameters(request)
    current_reader()
    return _answer(services().walls.read(_code(code)))


@blueprint.patch("/<code>")
def change(code: str) -> Response:
    """Set the members sent; every screen linked to the wall follows."""
    take_parameters(request)
    current_reader()
    members = _members(json_body(request, MEMBERS))
    if not members:
        raise BadRequest("nothing to change", allowed=MEMBERS)
    return _answer(services().walls.change(_code(code), members))


@blueprint.delete("/<code>")
def delete(code: str) -> Response:
    """Unlink the screens; the code is no more."""
    take_parameters(request)
    services().walls.delete(_code(code), current_reader().account_id)
    return Response(status=204)


@blueprint.get("/<code>/stream")
def stream(code: str) -> Response:
    """Server-sent events: the state now, and again after every change of it."""
    take_parameters(request)
    reader, code = current_reader(), _code(code)
    services().walls.read(code)
    house = services()
    try:
        watcher = house.walls.watch(code)
    except TooManyScreens as error:
        return problem(503, "Too many screens", str(error), headers={"Retry-After": "30"})
    line = _Line(house, request._get_current_object(), reader, code, watcher)  # type: ignore[attr-defined]
    response = Response(line.read(), mimetype="text/event-stream")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: house.walls.unwatch(code, watcher))
    return response


@dataclass(frozen=True)
class _Line:
    """One screen's open stream; it outlives its request's context, so it carries what it needs."""

    house: Services
    asked: Request
    reader: Reader
    code: str
    watcher: Watcher

    def read(self) -> Iterator[str]:
        """Text of the stream; it ends with the wall, or when the sign-in has ended."""
        try:
            yield "retry: 1000\n\n"
            told = 0
            while not self.watcher.is_over and self._is_signed_in():
                try:
                    wall = self.house.walls.read(self.code)
                except NotFound:
                    yield "event: end\ndata: {}\n\n"
                    return
                yield ": ping\n\n" if wall.version == told else _event(wall)
                told = wall.version
                self.watcher.wait(PING_SECONDS)
        finally:
            self.house.walls.unwatch(self.code, self.watcher)

    def _is_signed_in(self) -> bool:
        identity = self.house.auth.identify_again(self.asked)
        return identity is not None and identity.reader == self.reader


def _event(wall: WallState) -> str:
    return f"id: {wall.version}\ndata: {json.dumps(_json(wall), ensure_ascii=False)}\n\n"


def _answer(wall: WallState) -> Response:
    response = jsonify(_json(wall))
    response.headers["Cache-Control"] = "no-store"
    return response


def _json(wall: WallState) -> dict[str, Any]:
    return {"code": wall.code, "version": wall.version, "state": START | dict(wall.state)}


def _code(text: str) -> str:
    """The pairing code as it is kept; typed with blanks, a hyphen or small letters, it is meant.

    Raises: NotFound for what cannot be a code.
    """
    code = re.sub(r"[\s-]", "", text).upper()
    if len(code) != CODE_LENGTH or set(code) - set(LETTERS):
        raise NotFound(f"no wall with the pairing code {text[:20]!r}")
    return code


def _members(body: Mapping[str, Any]) -> dict[str, Any]:
    """The members sent, each checked; raises BadRequest."""
    checks: dict[str, Callable[[Any], Any]] = {
        "selected": _selected,
        "area": lambda value: area_prefix({"area": _text("area", value)}),
        "period": lambda value: choice(value, "period", PERIODS),
        "category": lambda value: _matching("category", value, _CATEGORY),
        "light": lambda value: None if value is None else choice(value, "light", LIGHTS),
    }
    return {name: checks[name](value) for name, value in body.items()}


def _selected(value: Any) -> str | None:
    if value is None:
        return None
    found = _SELECTED.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise BadRequest("selected: a layer and an id such as buildings.17, or null expected")
    layer_by_name(found[1])
    return found[0]


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise BadRequest(f"{name}: a text expected")
    return value


def _matching(name: str, value: Any, pattern: re.Pattern[str]) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadRequest(f"{name}: a code or null expected")
    return value
