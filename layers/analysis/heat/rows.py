"""The rows behind a number of a map: which places lie within the radius of a point."""

from __future__ import annotations

from collections.abc import Sequence

from layers.analysis.heat.places import Places, select_places
from layers.core.database import Asks
from layers.core.errors import Fault, Invalid
from layers.core.scope import Reader

# Degrees of a box that surely holds the circle come first, for the index; then true metres.
_AROUND = """
SELECT t.id FROM {source}, (SELECT ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326) AS place) AS p
WHERE {where}
  AND t.geom && ST_Expand(p.place, %(radius)s / (100000 * cosd(%(lat)s)), %(radius)s / 100000)
  AND ST_DWithin(ST_Centroid(t.geom)::geography, p.place::geography, %(radius)s)
ORDER BY t.id
"""


def places_around(
    connection: Asks, reader: Reader, places: Places, lon: float, lat: float, radius: float
) -> Sequence[int]:
    """Ids of the places within `radius` metres of a point, counted at their centroid.

    Raises: Invalid for persons, who are opened house by house; what `select_places` raises.
    """
    selection = select_places(connection, reader, places)
    if selection.is_personal:
        raise Invalid([Fault("layer", "who lives somewhere is opened house by house")])
    statement = _AROUND.format(source=selection.source, where=selection.where)
    values = {**selection.values, "lon": lon, "lat": lat, "radius": radius}
    return [row[0] for row in connection.exec_driver_sql(statement, values)]
