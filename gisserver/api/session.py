"""Signing in and out, who I am, and my tokens."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import text

from gisserver.auth.guard import COOKIE
from gisserver.auth.identity import Identity
from gisserver.auth.sessions import HOURS, create_session, end_session
from gisserver.auth.sign_in import REFUSED, check_password
from gisserver.auth.tokens import (
    MAXIMUM_DAYS,
    TokenRow,
    create_token,
    delete_token,
    list_tokens,
)
from gisserver.context import services
from gisserver.errors import BadRequest, Unauthenticated
from gisserver.parameters import json_body, take_parameters, text_member
from layers.catalogue import LAYERS
from layers.core.errors import Forbidden

MOST_AREAS = 50
_AREA = re.compile("[0-9]{2,24}")

blueprint = Blueprint("session", __name__, url_prefix="/api")

_AREA_NAMES = text(
    "SELECT area_code, name FROM territory.area WHERE area_code = ANY(:codes) "
    "UNION ALL SELECT code, name FROM territory.grid WHERE code = ANY(:codes)"
)

_STAFF = text(
    "SELECT staff.id, staff.name, staff.post, unit.id AS unit_id, unit.name AS unit_name "
    "FROM organisation.staff LEFT JOIN organisation.unit ON unit.id = staff.unit_id "
    "WHERE staff.id = :id"
)


@blueprint.post("/session")
def sign_in() -> Response:
    """Sign in with login and password; answers Me and sets the session cookie."""
    take_parameters(request)
    body = json_body(request, ("login", "password"))
    login, password = text_member(body, "login"), text_member(body, "password")
    engine = services().engine
    proven = check_password(engine, login, password, via="browser", address=request.remote_addr)
    secret, identity = create_session(engine, proven) if proven else ("", None)
    if identity is None:
        raise Unauthenticated(REFUSED)
    response = jsonify(me_of(identity))
    is_https = request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"
    response.set_cookie(
        COOKIE, secret, max_age=HOURS * 3600, httponly=True, secure=is_https, samesite="Lax"
    )
    return response


@blueprint.delete("/session")
def sign_out() -> Response:
    """Sign out: ends the session of the cookie."""
    take_parameters(request)
    house = services()
    identity = house.auth.current()
    if identity.method != "session":
        raise BadRequest("only a browser session can be signed out")
    end_session(house.engine, request.cookies[COOKIE], identity.reader)
    house.auth.cache.clear()
    response = Response(status=204)
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax")
    return response


@blueprint.get("/me")
def me() -> Response:
    """Who is signed in, what the account may do and where."""
    take_parameters(request)
    return jsonify(me_of(services().auth.current()))


def me_of(identity: Identity) -> dict[str, Any]:
    """The account as its owner sees it; an area code of '' means everywhere.

    `staff` is the employee it belongs to, with the unit it acts for; None when it is nobody's.
    """
    reader = identity.reader
    codes = sorted({grant.area_code for grant in reader.grants})
    with services().engine.begin() as connection:
        rows = connection.execute(_AREA_NAMES, {"codes": codes})
        names = {row.area_code: row.name for row in rows}
        employee = connection.execute(_STAFF, {"id": reader.staff_id}).mappings().one_or_none()
    return {
        "login": reader.login,
        "display_name": identity.display_name,
        "roles": sorted({grant.role.value for grant in reader.grants}),
        "rights": sorted(right.value for right in reader.rights),
        "areas": [
            {
                "code": grant.area_code,
                "name": names.get(grant.area_code, ""),
                "role": grant.role.value,
            }
            for grant in reader.grants
        ],
        "staff": dict(employee) if employee else None,
        "csrf": identity.csrf,
        "server_time": datetime.now(UTC).isoformat(),
    }


@blueprint.get("/tokens")
def tokens() -> Response:
    """The account's personal tokens, without their secrets."""
    take_parameters(request)
    house = services()
    rows = list_tokens(house.engine, house.auth.current().reader)
    return jsonify({"items": [_token(row) for row in rows]})


@blueprint.post("/tokens")
def add_token() -> tuple[Response, int]:
    """Make a personal token; the answer is the only place where its secret stands."""
    take_parameters(request)
    house = services()
    identity = house.auth.current()
    if identity.method == "token":
        raise Forbidden("a token cannot make tokens; sign in with the password")
    body = json_body(request, ("name", "days", "areas", "layers", "is_read_only"))
    days = body.get("days", 90)
    if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= MAXIMUM_DAYS:
        raise BadRequest(f"days: a whole number from 1 to {MAXIMUM_DAYS} is needed")
    is_read_only = body.get("is_read_only", False)
    if not isinstance(is_read_only, bool):
        raise BadRequest("is_read_only: true or false is needed")
    row, secret = create_token(
        house.engine,
        identity.reader,
        text_member(body, "name"),
        days,
        areas=_areas(body.get("areas", [])),
        layers=_layers(body.get("layers", [])),
        is_read_only=is_read_only,
    )
    return jsonify(_token(row) | {"token": secret}), 201


@blueprint.delete("/tokens/<int:token_id>")
def remove_token(token_id: int) -> Response:
    """Revoke a token at once."""
    take_parameters(request)
    house = services()
    delete_token(house.engine, house.auth.current().reader, token_id)
    house.auth.cache.clear()
    return Response(status=204)


def _areas(given: Any) -> list[str]:
    is_list = isinstance(given, list) and len(given) <= MOST_AREAS
    if not is_list or not all(isinstance(a, str) and _AREA.fullmatch(a) for a in given):
        raise BadRequest(f"areas: at most {MOST_AREAS} area codes are needed")
    return list(dict.fromkeys(given))


def _layers(given: Any) -> list[str]:
    is_list = isinstance(given, list) and len(given) <= len(LAYERS)
    if not is_list or not all(isinstance(name, str) for name in given):
        raise BadRequest(f"layers: at most {len(LAYERS)} names of layers are needed")
    return list(dict.fromkeys(given))


def _token(row: TokenRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "created_at": row.created_at.isoformat(),
        "expires_at": row.expires_at.isoformat(),
        "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
        "areas": row.areas,
        "layers": row.layers,
        "is_read_only": row.is_read_only,
    }
