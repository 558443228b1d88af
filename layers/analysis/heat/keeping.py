"""Keeping hot zones as features, with the question that finds them again and what was counted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from layers.analysis.heat.places import Places
from layers.analysis.heat.zones import Zone, ZoneQuestion, find_zones
from layers.analysis.hot_zone import HOT_ZONES
from layers.core.change import INSUFFICIENT_PRIVILEGE
from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.features import find_feature
from layers.core.scope import Reader

MOST_ZONES = 300

# Triggers add version, history and notice; the function checks areas and what may be counted.
_KEEP = text(
    "SELECT analysis.keep_hot_zones(CAST(:zones AS jsonb), :since, :until, :reach, :least, "
    ":conditions)"
)
_COUNTED = text(
    "SELECT incident_id FROM analysis.hot_zone_incident WHERE hot_zone_id = :id "
    "AND is_before = :is_before ORDER BY incident_id"
)


def keep_zones(
    connection: Connection, actor: Reader, question: ZoneQuestion, name: str
) -> list[int]:
    """Finds the zones and keeps each as a hot zone called `<name> <number>`; returns their ids.

    The connection must be in a `reader_transaction` of the actor.

    Raises: Forbidden without the right to keep zones where one lies; Invalid when there is none,
    or more than `MOST_ZONES`.
    """
    if not actor.areas_to_write(HOT_ZONES):
        raise Forbidden(f"keeping hot zones needs the right {HOT_ZONES.write}")
    zones = find_zones(connection, actor, question)
    if not 0 < len(zones) <= MOST_ZONES:
        raise Invalid([Fault("least", f"1 to {MOST_ZONES} zones can be kept, not {len(zones)}")])
    values = {
        "zones": json.dumps([_told(zone, name) for zone in zones]),
        "since": question.places.since,
        "until": question.places.until,
        "reach": question.reach,
        "least": question.least,
        "conditions": json.dumps(conditions_of(question.places), ensure_ascii=False),
    }
    try:
        return list(connection.execute(_KEEP, values).scalar_one())
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", None) == INSUFFICIENT_PRIVILEGE:
            raise Forbidden("a zone reaches beyond the areas where you may keep zones") from error
        raise


def _told(zone: Zone, name: str) -> Mapping[str, Any]:
    return {
        "name": f"{name} {zone.number}",
        "number": zone.number,
        "incidents": list(zone.incidents),
        "before": list(zone.before),
        "residents": zone.residents,
        "top_category": zone.categories[0][0],
        "ground": zone.ground,
        "area_code": zone.area_code,
        "geometry": json.loads(zone.geometry),
    }


def conditions_of(places: Places) -> Mapping[str, Any]:
    """Conditions as kept with a zone: `where` (field → values), `area` and `bbox` where given."""
    found: dict[str, Any] = {}
    if places.equals:
        found["where"] = {field: list(values) for field, values in places.equals.items()}
    if places.area:
        found["area"] = places.area
    if places.bbox is not None:
        found["bbox"] = list(places.bbox)
    return found


def kept_incidents(
    connection: Connection, reader: Reader, zone_id: int, *, before: bool
) -> Sequence[int]:
    """Ids of the incidents counted in a hot zone, in its time or in the time before.

    Raises: NotFound when the zone does not exist or lies outside the reader's scope.
    """
    find_feature(connection, HOT_ZONES, reader, zone_id)
    return list(connection.execute(_COUNTED, {"id": zone_id, "is_before": before}).scalars())
