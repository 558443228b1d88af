"""Houses and rooms an address in the search box names, however it is written."""

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


_POINTS = """
SELECT id, ST_X(point), ST_Y(point) FROM (
  SELECT id, ST_PointOnSurface(geom) AS point FROM housing.building WHERE id = ANY(%(ids)s)
) AS b
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
    rows = asks.exec_driver_sql(_POINTS, {"ids": [one.building_id for one in good]})
    points = {row[0]: (row[1], row[2]) for row in rows}
    return [
        NamedHome(one.building_id, one.dwelling_id, one.title, *points[one.building_id])
        for one in good
        if one.building_id in points
    ]


def _is_good(candidate: Candidate, wants_room: bool) -> bool:
    return candidate.score >= GOOD_ENOUGH and (candidate.dwelling_id is not None) == wants_room
