"""Devices that send positions, for who manages staff and vehicles."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from gisserver.auth.secrets import hash_secret, new_secret
from gisserver.context import current_reader, reader_connection, services
from gisserver.intake.devices import DEVICE_PREFIX
from gisserver.parameters import (
    LARGEST_ID,
    integer,
    json_body,
    take_parameters,
    text_member,
    whole_member,
)
from layers.patrol.devices import (
    LONGEST_DAYS,
    DeviceRow,
    NewDevice,
    create_device,
    list_devices,
    revoke_device,
)

blueprint = Blueprint("devices", __name__, url_prefix="/api/devices")

MEMBERS = ("name", "staff_id", "vehicle_id", "datum", "days")


@blueprint.get("")
def devices() -> Response:
    """Devices of whom the reader manages, those in use first; counts are up to a minute old."""
    values = take_parameters(request, ("staff_id", "vehicle_id", "limit"))
    staff = integer(values, "staff_id", 0, minimum=1, maximum=LARGEST_ID) or None
    vehicle = integer(values, "vehicle_id", 0, minimum=1, maximum=LARGEST_ID) or None
    limit = integer(values, "limit", 1000, minimum=1, maximum=10_000)
    with reader_connection() as connection:
        found = list_devices(connection, current_reader(), staff, vehicle, limit)
    return jsonify({"items": [row._asdict() for row in found]})


@blueprint.post("")
def create() -> tuple[Response, int]:
    """Make a device; its token is told this once and never again."""
    take_parameters(request)
    body = json_body(request, MEMBERS)
    secret = new_secret(DEVICE_PREFIX)
    given = NewDevice(
        name=text_member(body, "name", maximum=60),
        token_hash=hash_secret(secret),
        days=whole_member(body, "days", maximum=LONGEST_DAYS) or 366,
        staff_id=whole_member(body, "staff_id"),
        vehicle_id=whole_member(body, "vehicle_id"),
        datum=body.get("datum", "wgs84"),
    )
    with reader_connection() as connection:
        made: DeviceRow = create_device(connection, current_reader(), given)
    return jsonify(made._asdict() | {"token": secret}), 201


@blueprint.delete("/<int:device_id>")
def revoke(device_id: int) -> Response:
    """Take a device's token back, at once."""
    take_parameters(request)
    with reader_connection() as connection:
        revoke_device(connection, current_reader(), device_id)
    services().devices.cache.clear()
    return Response(status=204)
