"""Making, listing and revoking devices, and whom a token belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from layers.core.audit import write_line
from layers.core.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from layers.core.rights import Right
from layers.core.scope import Reader

DATUMS = ("wgs84", "gcj02")
LONGEST_DAYS = 1096


@dataclass(frozen=True)
class NewDevice:
    """A device to be made for one member of staff or one vehicle; the token comes hashed."""

    name: str
    token_hash: bytes
    days: int
    staff_id: int | None = None
    vehicle_id: int | None = None
    datum: str = "wgs84"


class DeviceRow(NamedTuple):
    """A device as who manages it sees it; its token is not kept."""

    id: int
    name: str
    staff_id: int | None
    vehicle_id: int | None
    owner: str | None
    datum: str
    created_at: datetime
    created_by: str | None
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    taken: int
    refused: int
    last_refusal: str | None


class Sender(NamedTuple):
    """Whose fixes a device sends: 0 and a member of staff, or 1 and a vehicle."""

    device_id: int
    vehicle: int
    object_id: int
    is_gcj02: bool
    expires_at: datetime


_ROW = (
    "d.id, d.name, d.staff_id, d.vehicle_id, coalesce(s.name, v.plate), d.datum, d.created_at, "
    "d.created_by, d.expires_at, d.revoked_at, d.last_used_at, d.taken, d.refused, d.last_refusal"
)
_FROM = (
    "patrol.device AS d LEFT JOIN organisation.staff AS s ON s.id = d.staff_id "
    "LEFT JOIN patrol.vehicle AS v ON v.id = d.vehicle_id"
)
_CREATE = text(
    "INSERT INTO patrol.device "
    "(staff_id, vehicle_id, name, datum, token_hash, created_by, expires_at) VALUES (:staff, "
    ":vehicle, :name, :datum, :hash, :login, now() + make_interval(days => :days)) RETURNING id"
)
_ONE = text(f"SELECT {_ROW} FROM {_FROM} WHERE d.id = :id")
_LIST = text(
    f"SELECT {_ROW} FROM {_FROM} WHERE (CAST(:staff AS bigint) IS NULL OR d.staff_id = :staff) "
    "AND (CAST(:vehicle AS bigint) IS NULL OR d.vehicle_id = :vehicle) "
    "ORDER BY d.revoked_at IS NOT NULL, d.id DESC LIMIT :limit"
)
_REVOKE = text(
    "UPDATE patrol.device SET revoked_at = now() WHERE id = :id AND revoked_at IS NULL RETURNING id"
)
# What leaves service, leaves the map with it.
_SENDERS = text(
    "SELECT d.id, CASE WHEN d.vehicle_id IS NULL THEN 0 ELSE 1 END, "
    "coalesce(d.staff_id, d.vehicle_id), d.datum = 'gcj02', d.expires_at "
    f"FROM {_FROM} WHERE d.token_hash = :hash AND d.revoked_at IS NULL AND d.expires_at > now() "
    "AND coalesce(s.valid_to, v.valid_to, 'infinity') > core.today()"
)
_TELL = text("SELECT core.tell('wangge_accounts', 'devices')")
_COUNT = text(
    "UPDATE patrol.device AS d SET taken = d.taken + n.taken, refused = d.refused + n.refused, "
    "last_refusal = coalesce(n.refusal, d.last_refusal), last_used_at = greatest(d.last_used_at, "
    "n.used) FROM unnest(CAST(:id AS bigint[]), CAST(:taken AS bigint[]), "
    "CAST(:refused AS bigint[]), CAST(:refusal AS text[]), CAST(:used AS timestamptz[])) "
    "AS n (id, taken, refused, refusal, used) WHERE d.id = n.id"
)


def create_device(connection: Connection, reader: Reader, given: NewDevice) -> DeviceRow:
    """A new device; written to the audit log.

    The connection must be in a `reader_transaction`.

    Raises: Invalid; NotFound when the member of staff or vehicle is not there to be seen;
    Forbidden without `organisation:write` where it belongs.
    """
    _check(given)
    if Right.ORGANISATION_WRITE not in reader.rights:
        raise Forbidden(f"this needs the right {Right.ORGANISATION_WRITE.value}")
    managed = connection.execute(
        text("SELECT patrol.may_manage(:staff, :vehicle)"),
        {"staff": given.staff_id, "vehicle": given.vehicle_id},
    ).scalar_one()
    if not managed:
        raise NotFound("no such member of staff or vehicle in your areas")
    values = {
        "staff": given.staff_id,
        "vehicle": given.vehicle_id,
        "name": given.name,
        "datum": given.datum,
        "hash": given.token_hash,
        "login": reader.login,
        "days": given.days,
    }
    device_id = connection.execute(_CREATE, values).scalar_one()
    made = _one(connection, device_id)
    _record(connection, reader, "device_create", made)
    return made


def list_devices(
    connection: Connection,
    reader: Reader,
    staff_id: int | None = None,
    vehicle_id: int | None = None,
    limit: int = 1000,
) -> list[DeviceRow]:
    """Devices of whom the reader manages, those in use first.

    Raises: Forbidden without `organisation:write`.
    """
    if Right.ORGANISATION_WRITE not in reader.rights:
        raise Forbidden(f"this needs the right {Right.ORGANISATION_WRITE.value}")
    values = {"staff": staff_id, "vehicle": vehicle_id, "limit": limit}
    return [DeviceRow._make(row) for row in connection.execute(_LIST, values)]


def revoke_device(connection: Connection, reader: Reader, device_id: int) -> None:
    """Takes a device's token back, at once; written to the audit log.

    Raises: NotFound; Conflict when it was revoked before.
    """
    found = _one(connection, device_id)
    if connection.execute(_REVOKE, {"id": device_id}).one_or_none() is None:
        raise Conflict(f"device {device_id} was revoked at {found.revoked_at:%Y-%m-%d %H:%M} UTC")
    _record(connection, reader, "device_revoke", found)
    connection.execute(_TELL)


def sender_of(connection: Connection, token_hash: bytes) -> Sender | None:
    """Whose fixes a token sends; None when it is unknown, revoked, over, or they left service."""
    row = connection.execute(_SENDERS, {"hash": token_hash}).one_or_none()
    return None if row is None else Sender._make(row)


@dataclass
class Use:
    """What a device sent since its counts were last written."""

    taken: int
    refused: int
    refusal: str | None
    used: datetime


def count_uses(connection: Connection, uses: dict[int, Use]) -> None:
    """Adds what devices have sent to their counts."""
    values: dict[str, list[Any]] = {
        "id": list(uses),
        "taken": [use.taken for use in uses.values()],
        "refused": [use.refused for use in uses.values()],
        "refusal": [use.refusal for use in uses.values()],
        "used": [use.used for use in uses.values()],
    }
    connection.execute(_COUNT, values)


def _check(given: NewDevice) -> None:
    faults = []
    if (given.staff_id is None) == (given.vehicle_id is None):
        faults.append(Fault("staff_id", "give either staff_id or vehicle_id"))
    if given.datum not in DATUMS:
        faults.append(Fault("datum", f"one of {', '.join(DATUMS)}"))
    if not 1 <= given.days <= LONGEST_DAYS:
        faults.append(Fault("days", f"1 to {LONGEST_DAYS}"))
    if faults:
        raise Invalid(faults)


def _one(connection: Connection, device_id: int) -> DeviceRow:
    row = connection.execute(_ONE, {"id": device_id}).one_or_none()
    if row is None:
        raise NotFound(f"no device {device_id}")
    return DeviceRow._make(row)


def _record(connection: Connection, reader: Reader, action: str, device: DeviceRow) -> None:
    write_line(
        connection,
        action,
        account_id=reader.account_id,
        login=reader.login,
        layer="staff" if device.staff_id else "vehicles",
        feature_id=device.staff_id or device.vehicle_id,
        detail={"device": device.id, "name": device.name},
    )
