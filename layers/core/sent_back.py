"""A feature that somebody has read and sends back changed: what of it is to be written.

Clients keep what they have read and send all of it, or a part, back later: read-only values, masked
text and the version among it. What is sent as it was read is no change; what somebody else has
changed since is never overwritten unseen.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isclose
from typing import Any

from shapely.geometry import mapping, shape
from sqlalchemy import Connection, text

from layers.core.calendar import CHINA
from layers.core.change import Edit, as_kind, geometry_fault, lock_row
from layers.core.corners import onto_corners, told_within
from layers.core.errors import Fault, Invalid, Stale
from layers.core.layer import Layer
from layers.core.model import field_kind
from layers.core.scope import Reader
from layers.core.shapes import NO_SHAPE
from layers.core.values import converted

SAVED_TOGETHER = timedelta(seconds=60)
"""Within this a client's two requests for one feature, geometry and attributes, are one save."""

GEOMETRY = "geometry"
VERSION = "row_version"

# Each write changes them, so that whoever sends them back always sends old ones.
_BOOKKEEPING = frozenset({"updated_at", "updated_by"})

Image = Mapping[str, Any]
"""A row as JSON tells it, its geometry as GeoJSON."""


class Overtaken(Stale):
    """The feature has moved on: `fields` would be overwritten with what is out of date."""

    def __init__(self, stale: Stale, fields: tuple[str, ...]) -> None:
        super().__init__(stale.layer, stale.feature_id, stale.asked, stale.current)
        self.fields = fields

    def __str__(self) -> str:
        return f"{super().__str__()}; changed since: {', '.join(self.fields) or 'unknown'}"

    @property
    def members(self) -> Mapping[str, Any]:
        """The fields that differ between what was read and what is there now."""
        return {"fields": list(self.fields)}


@dataclass(frozen=True)
class SentBack:
    """A feature sent back whole, or the parts of it in `values`.

    `values` are by field, the geometry (GeoJSON, CRS84) under `geometry`; None empties. What a
    `whole` feature leaves out becomes empty; sealed fields stay as they are, and so do those that
    are never empty. `row_version` is the version read, None when the sender does not know it.
    `keeps_cache` says that the sender does not read anew after a save of its own, but knows it.
    """

    layer: Layer
    feature_id: int
    values: Mapping[str, Any]
    whole: bool
    row_version: int | None = None
    keeps_cache: bool = False


@dataclass(frozen=True)
class LockedRow:
    """A row that nobody else may change until the transaction ends."""

    row_version: int
    updated_at: datetime
    image: Image


def lock_feature(connection: Connection, layer: Layer, feature_id: int, actor: Reader) -> LockedRow:
    """The row as it is now.

    Raises: NotFound when the actor may not see it; Forbidden when it may not be written there.
    """
    version = lock_row(connection, layer, feature_id, actor)
    # By name, because nobody but the owner reads what is sealed.
    columns = ", ".join((*layer.fields, *(("geom",) if layer.geometry_kind else ())))
    told = f"SELECT {columns} FROM {layer.qualified_table} WHERE id = :id"
    statement = f"SELECT to_jsonb(told), told.updated_at FROM ({told}) AS told"
    row = connection.execute(text(statement), {"id": feature_id}).one()
    return LockedRow(version, row[1], row[0])


def edit_of(
    connection: Connection, sent: SentBack, locked: LockedRow, actor: Reader
) -> Edit | None:
    """The edit that writes what was changed and nothing else; None when nothing was.

    The row must be locked by this transaction. A version out of date is accepted from whoever made
    all the changes since, when each of them is either sent back too, or the other half of one save
    (geometry or attributes) done just before.

    Raises: Overtaken, a Stale, naming the fields; Invalid for a read-only value that was changed.
    """
    layer, now = sent.layer, locked.image
    asked = dict(_asked(sent))
    base = now
    if sent.row_version is not None and sent.row_version != locked.row_version:
        base = _base(connection, sent, asked, locked, actor)
    changed = {
        name: value
        for name, value in asked.items()
        if not _is_same(layer, name, value, now) and not _is_same(layer, name, value, base)
    }
    faults = [Fault(name, "read only") for name in changed if _is_read_only(layer, name)]
    if faults:
        raise Invalid(faults)
    if not changed:
        return None
    clears = GEOMETRY in changed and changed[GEOMETRY] is None
    place = _fitted(layer, changed.pop(GEOMETRY, None), now)
    values = _with_context(layer, changed, now)
    return Edit(
        layer, "update", sent.feature_id, values, place, locked.row_version, clears_geometry=clears
    )


def without_read_only(layer: Layer, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values for a new feature without the empty read-only ones that clients send along."""
    return {
        name: value
        for name, value in values.items()
        if name != VERSION and not (value is None and _is_read_only(layer, name))
    }


def _asked(sent: SentBack) -> Iterator[tuple[str, Any]]:
    """What is asked for by field: bookkeeping left out, and what a whole feature empties added."""
    for name, value in sent.values.items():
        if name != VERSION and name not in _BOOKKEEPING:
            yield name, value
    if not sent.whole:
        return
    for name, info in sent.layer.fields.items():
        can_be_empty = sent.layer.column(name).nullable or info.required or info.reference
        if name not in sent.values and not info.read_only and not info.sensitivity and can_be_empty:
            yield name, None
    if sent.layer.geometry_kind is not None and GEOMETRY not in sent.values:
        yield GEOMETRY, None


def _base(
    connection: Connection,
    sent: SentBack,
    asked: Mapping[str, Any],
    locked: LockedRow,
    actor: Reader,
) -> Image:
    """The row as the sender has read it, when nothing done since would get lost.

    Raises: Overtaken.
    """
    assert sent.row_version is not None
    stale = Stale(sent.layer.name, sent.feature_id, sent.row_version, locked.row_version)
    since = _changes_since(connection, sent, locked.row_version)
    if not since:
        raise Overtaken(stale, _differing(sent.layer, asked, locked.image))
    base: Image = since[0].before
    fields = tuple(_touched(sent.layer, base, locked.image))
    lost = {
        name
        for name in fields
        if name not in asked or not _is_same(sent.layer, name, asked[name], locked.image)
    }
    is_own = all(each.actor == actor.login for each in since)
    is_recent = all(each.is_recent for each in since)
    if sent.keeps_cache:
        # Sent as it was read, an own change may be taken back or unknown: that cannot be told.
        lost = {name for name in lost if name not in asked or _is_as_read(sent, name, asked, base)}
    if is_own and (not lost or (is_recent and _is_other_half(sent.layer, asked, base, fields))):
        return base
    raise Overtaken(stale, fields)


def _is_as_read(sent: SentBack, name: str, asked: Mapping[str, Any], base: Image) -> bool:
    return _is_same(sent.layer, name, asked[name], base)


def _is_other_half(
    layer: Layer, asked: Mapping[str, Any], base: Image, touched: tuple[str, ...]
) -> bool:
    """Whether one of the two writes is of the geometry alone, and the other of attributes alone.

    What changes nothing against what was read is none: it may take the first write back.
    """
    changed = {name for name, value in asked.items() if not _is_same(layer, name, value, base)}
    if set(touched) == {GEOMETRY}:
        return bool(changed) and GEOMETRY not in changed
    return GEOMETRY not in touched and changed == {GEOMETRY}


_SINCE = text(
    "SELECT actor, before, row_version, at > clock_timestamp() - CAST(:reach AS interval) "
    "AS is_recent FROM core.history WHERE layer = :layer AND feature_id = :id "
    "AND action = 'update' AND row_version > :read ORDER BY row_version"
)


def _changes_since(connection: Connection, sent: SentBack, current: int) -> list[Any]:
    """Each change after the version read, oldest first; none when one of them was not kept."""
    assert sent.row_version is not None
    values = {
        "layer": sent.layer.name,
        "id": sent.feature_id,
        "read": sent.row_version,
        "reach": f"{SAVED_TOGETHER.total_seconds()} seconds",
    }
    rows = list(connection.execute(_SINCE, values))
    versions = [row.row_version for row in rows]
    return rows if versions == list(range(sent.row_version + 1, current + 1)) else []


def _touched(layer: Layer, base: Image, now: Image) -> Iterator[str]:
    """Fields that somebody has written between the two, those the database derives left out."""
    for name, info in layer.fields.items():
        if not info.read_only and base.get(name) != now.get(name):
            yield name
    if layer.geometry_kind is not None and base.get("geom") != now.get("geom"):
        yield GEOMETRY


def _differing(layer: Layer, asked: Mapping[str, Any], now: Image) -> tuple[str, ...]:
    return tuple(name for name, value in asked.items() if not _is_same(layer, name, value, now))


def _is_read_only(layer: Layer, name: str) -> bool:
    info = layer.fields.get(name)
    return (
        info is not None
        and info.read_only
        and not (name == "area_code" and layer.area_from == "given")
    )


def _with_context(layer: Layer, changed: Mapping[str, Any], now: Image) -> dict[str, Any]:
    """The values with the kind of document that an ID number is checked by."""
    is_number = any(
        name in layer.fields and layer.fields[name].check == "id_number" for name in changed
    )
    kind = {"document_type": now.get("document_type")}
    return (kind if is_number and "document_type" in layer.fields else {}) | dict(changed)


def _column(image: Image, name: str) -> Any:
    return image.get("geom" if name == GEOMETRY else name)


def _is_same(layer: Layer, name: str, value: Any, image: Image) -> bool:
    stored = _column(image, name)
    if value == stored and type(value) is type(stored):
        return True
    if name == GEOMETRY:
        return _is_same_place(layer, value, stored)
    if name not in layer.fields:
        return False
    kind = field_kind(layer.column(name))
    if kind == "datetime":
        return _is_same_moment(value, stored)
    try:
        ours, theirs = converted(value, kind), converted(stored, kind)
    except ValueError:
        return False
    if kind == "number" and ours is not None and theirs is not None:
        return isclose(ours, theirs, rel_tol=1e-12)
    return bool(ours == theirs)


def _is_same_place(layer: Layer, value: Any, stored: Any) -> bool:
    if value is None or stored is None or layer.geometry_kind is None:
        return value is stored
    if not isinstance(value, Mapping):
        return False
    try:
        ours, theirs = shape(as_kind(layer.geometry_kind, value)), shape(stored)
    except NO_SHAPE:
        return False
    return bool(not ours.has_z and ours.equals_exact(theirs, told_within(ours)))


def _fitted(layer: Layer, place: Any, now: Image) -> Any:
    """A new geometry with the corners that were there before, told in short, exactly there."""
    kind, stored = layer.geometry_kind, _column(now, GEOMETRY)
    if place is None or stored is None or kind is None or geometry_fault(kind, place) is not None:
        return place
    return mapping(onto_corners(shape(as_kind(kind, place)), [shape(stored)]))


def _is_same_moment(value: Any, stored: Any) -> bool:
    """To the second; clients drop the offset, which then is China's or none."""
    if value is None or stored is None:
        return value is stored
    try:
        ours, theirs = datetime.fromisoformat(value), datetime.fromisoformat(stored)
    except (TypeError, ValueError):
        return False
    zones = (CHINA, UTC) if ours.tzinfo is None else (ours.tzinfo,)
    return any(abs(ours.replace(tzinfo=zone) - theirs) < timedelta(seconds=1) for zone in zones)
