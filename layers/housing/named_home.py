"""Houses and rooms an address in the search box names, however it is written."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from layers.core.database import Asks
from layers.core.scope import Reader
from layers.housing.address import parse
from layers.housing.address_match import Candidate, match_addresses

# A guess below this is more likely to mislead than to help.
GOOD_ENOUGH = 0.55


class NamedHome(NamedTuple):
    """A building, or one room of it, that a text names; `lon` and `lat` (CRS84) lie on it."""

    building_id: int
    dwelling_id: int | None
    title: str
    lon: float
    lat: float


# The address of a room, or where it has none what its door says behind that of the building.
_HOMES = """
SELECT asked.building_id, asked.dwelling_id, coalesce(d.address, concat(asked.title,
    CASE WHEN d.unit ~ '^[0-9]+$' THEN d.unit || '单元' ELSE d.unit END, d.room_number)),
  ST_X(b.point), ST_Y(b.point)
FROM jsonb_to_recordset(CAST(%(asked)s AS jsonb))
  AS asked(place int, building_id bigint, dwelling_id bigint, title text)
JOIN LATERAL (
  SELECT ST_PointOnSurface(geom) AS point FROM housing.building WHERE id = asked.building_id
) AS b ON true
LEFT JOIN housing.dwelling AS d ON d.id = asked.dwelling_id
ORDER BY asked.place
"""


def names_room(text: str) -> bool:
    """Whether a text names a room of a house: 阳光花园3栋501, 澄湖路100号-2-501."""
    address = parse(text)
    named = address.building or address.number or address.unit or address.lane
    return address.room is not None and bool(named or address.compound or address.street)


def find_named_homes(asks: Asks, reader: Reader, text: str) -> Sequence[NamedHome]:
    """What an address may mean, best first, at most five; rooms only when it names a room.

    Raises: Forbidden without the right to see the base map.
    """
    (match,) = match_addresses(asks, reader, [text])
    wants_room = match.address.room is not None
    good = [one for one in match.candidates if _is_good(one, wants_room)]
    if not good:
        return ()
    asked = [
        {
            "place": place,
            "building_id": one.building_id,
            "dwelling_id": one.dwelling_id,
            "title": one.title,
        }
        for place, one in enumerate(good)
    ]
    return [NamedHome(*row) for row in asks.exec_driver_sql(_HOMES, {"asked": json.dumps(asked)})]


def _is_good(candidate: Candidate, wants_room: bool) -> bool:
    return candidate.score >= GOOD_ENOUGH and (candidate.dwelling_id is not None) == wants_room
