"""A building opened floor by floor: every room a box whose outline is derived from the footprint.

The outlines are a picture, no survey: order, neighbours and sizes are right, walls are guessed.
Floors, units and columns are those of the building matrix.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from layers.core.crs import ReferenceSystem, metric_srid
from layers.core.database import Asks
from layers.core.errors import Forbidden, NotFound
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.housing.building import METRES_PER_LEVEL
from layers.housing.division import compact_pieces, main_direction, slices
from layers.housing.floors import Matrix, floor_numbers, lay_out

# Half a wall, so that boxes stand apart.
WALL_METRES = 0.12
LOWEST_STOREY, HIGHEST_STOREY = 2.2, 8.0
# More floors than any one room takes.
MOST_FLOORS = 32

Shape = list[list[list[tuple[float, float]]]]


class Room(NamedTuple):
    """Where a dwelling is, and its floor area in m² as far as it is known."""

    id: int
    unit: str
    floor: float
    room: str
    area: float | None
    column_number: int | None = None
    columns_wide: int = 1
    floors_high: int = 1


class Box(NamedTuple):
    """A room's floor and the place of its outline among the shapes.

    A room of several floors has a box on each.
    """

    id: int
    floor: float
    shape: int


class Boxes(NamedTuple):
    """A building to be opened: outlines are multipolygons in degrees (CRS84).

    `storey` is the height of one floor in metres; floors come top first, those below ground are
    negative, a mezzanine is half above its floor. A floor without rooms is one undivided slab.
    """

    building_id: int
    storey: float
    floors: Sequence[float]
    footprint: Shape
    shapes: Sequence[Shape]
    boxes: Sequence[Box]


_BUILDING = """
SELECT b.area_code, b.levels, b.height, ST_AsBinary(b.geom),
  (SELECT json_agg(json_build_array(d.id, d.unit,
      CASE WHEN d.is_mezzanine THEN to_json(d.floor + 0.5) ELSE to_json(d.floor) END,
      d.room_number, d.floor_area, d.column_number, d.columns_wide, d.floors_high) ORDER BY d.id)
    FROM housing.dwelling AS d WHERE d.building_id = b.id
      AND (d.valid_to IS NULL OR d.valid_to > core.today())),
  (SELECT json_agg(json_build_array(e.unit, ST_X(e.geom), ST_Y(e.geom)) ORDER BY e.id)
    FROM housing.entrance AS e WHERE e.building_id = b.id AND e.geom IS NOT NULL),
  b.skipped_floors
FROM housing.building AS b WHERE b.id = %(id)s
"""


def find_boxes(connection: Asks, reader: Reader, building_id: int) -> Boxes:
    """A building's floors and rooms as boxes, of the dwellings there now.

    Raises: NotFound outside the reader's areas; Forbidden without the right to see dwellings there.
    """
    if not reader.scope(Right.BASE_READ):
        raise Forbidden(f"buildings need the right {Right.BASE_READ}")
    row = next(iter(connection.exec_driver_sql(_BUILDING, {"id": building_id})), None)
    if row is None or not reader.covers(Right.BASE_READ, row[0]):
        raise NotFound(f"no feature {building_id} in buildings")
    area_code, levels, height, footprint, rooms, entrances, skipped = row
    if not reader.covers(Right.HOUSING_READ, area_code):
        raise Forbidden(f"dwellings need the right {Right.HOUSING_READ}")
    degrees = shapely.from_wkb(bytes(footprint))
    place = degrees.centroid
    metric = ReferenceSystem(f"EPSG:{metric_srid(place.x, place.y)}")
    doors = {unit: tuple(map(float, metric.from_wgs84(x, y))) for unit, x, y in entrances or ()}
    found = [Room(*cells) for cells in rooms or ()]
    matrix, standing = _on_each_floor(found, lay_out(found, levels, floor_numbers(skipped)))
    ground = shapely.transform(degrees, lambda xy: np.column_stack(metric.from_wgs84(*xy.T)))
    pieces = lay_rooms(ground, standing, matrix, doors)
    shapes, boxes = _shared(standing, pieces, metric)
    return Boxes(
        building_id=building_id,
        storey=storey_height(levels, height),
        floors=matrix.floors or tuple(range(levels or 1, 0, -1)),
        footprint=_coordinates(degrees),
        shapes=shapes,
        boxes=boxes,
    )


def _on_each_floor(rooms: Sequence[Room], matrix: Matrix) -> tuple[Matrix, list[Room]]:
    """The rooms, and for each further floor of one a room more whose id is negative.

    Negative ids lie MOST_FLOORS apart, so that each tells whose it is.
    """
    standing = list(rooms)
    columns = dict(matrix.columns)
    upwards = matrix.floors[::-1]
    for room in rooms:
        first = upwards.index(room.floor)
        for step in range(1, matrix.spans[room.id][1]):
            upper = room._replace(id=-(room.id * MOST_FLOORS + step), floor=upwards[first + step])
            columns[upper.id] = columns[room.id]
            standing.append(upper)
    return replace(matrix, columns=columns), standing


def storey_height(levels: int | None, height: float | None) -> float:
    """Metres of one floor: height by levels where both are known and believable, else 3."""
    if not levels or not height:
        return METRES_PER_LEVEL
    return round(min(max(height / levels, LOWEST_STOREY), HIGHEST_STOREY), 2)


def lay_rooms(
    footprint: BaseGeometry,
    rooms: Sequence[Room],
    matrix: Matrix,
    doors: Mapping[str, tuple[float, ...]] | None = None,
) -> dict[int, BaseGeometry]:
    """The piece of the footprint (metric) of each room, the same object where rooms are stacked.

    Every unit has one slice of the building on all floors, in the order of the doors where they
    are known; its rooms of a floor cover the slice. Rooms without a unit on a floor that has no
    unit cover the whole footprint.
    """
    direction = main_direction(footprint)
    ground = _unit_slices(footprint, matrix, rooms, direction, doors or {})
    named_floors = {room.floor for room in rooms if room.unit}
    pieces: dict[int, BaseGeometry] = {}
    cuts: dict[tuple[str, bool, tuple[float, ...]], list[BaseGeometry]] = {}
    rows: dict[tuple[float, str], list[Room]] = {}
    for room in rooms:
        rows.setdefault((room.floor, room.unit), []).append(room)
    usual: dict[str, list[int]] = {}
    for (_, unit), row in rows.items():
        row.sort(key=lambda room: matrix.columns[room.id])
        if len(row) > len(usual.get(unit, ())):
            usual[unit] = [matrix.columns[room.id] for room in row]
    for (floor, unit), row in rows.items():
        is_whole = not unit and floor not in named_floors
        shares = _shares(row, matrix, usual[unit])
        key = (unit, is_whole, shares)
        if key not in cuts:
            cuts[key] = compact_pieces(footprint if is_whole else ground[unit], shares, direction)
        pieces |= {room.id: piece for room, piece in zip(row, cuts[key], strict=True)}
    return pieces


def _unit_slices(
    footprint: BaseGeometry,
    matrix: Matrix,
    rooms: Sequence[Room],
    direction: float,
    doors: Mapping[str, tuple[float, ...]],
) -> dict[str, BaseGeometry]:
    widths: dict[str, int] = {}
    for room in rooms:
        widths[room.unit] = max(widths.get(room.unit, 1), matrix.columns[room.id])
    named_floors = {room.floor for room in rooms if room.unit}
    if named_floors.isdisjoint(room.floor for room in rooms if not room.unit):
        widths.pop("", None)  # rooms without a unit have floors of their own
    units = [unit for unit in matrix.units if unit in widths]
    if all(unit in doors for unit in units):
        along = np.array([np.cos(np.radians(direction)), np.sin(np.radians(direction))])
        units.sort(key=lambda unit: float(np.array(doors[unit]) @ along))
    if not units:
        return {}
    cut = slices(footprint, [widths[unit] for unit in units], direction)
    return dict(zip(units, cut, strict=True))


def _shares(row: Sequence[Room], matrix: Matrix, usual: Sequence[int]) -> tuple[float, ...]:
    """Areas where all are known; else how many usual columns each takes with the gap after it.

    `usual` are the columns of the unit's fullest floor.
    """
    areas = [room.area for room in row]
    if all(areas):
        return tuple(float(area or 0) for area in areas)
    columns = [matrix.columns[room.id] for room in row]
    ends = [*columns[1:], max(columns[-1], *usual) + 1]
    starts = [1, *columns[1:]]
    taken = (
        sum(start <= column < end for column in usual)
        for start, end in zip(starts, ends, strict=True)
    )
    return tuple(float(max(1, count)) for count in taken)


def _shared(
    rooms: Sequence[Room], pieces: Mapping[int, BaseGeometry], metric: ReferenceSystem
) -> tuple[list[Shape], list[Box]]:
    """Each outline once, walls taken off, in degrees, and the boxes that refer to them."""
    places: dict[int, int] = {}
    shapes: list[Shape] = []
    boxes: list[Box] = []
    for room in rooms:
        piece = pieces[room.id]
        if id(piece) not in places:
            places[id(piece)] = len(shapes)
            shapes.append(_coordinates(metric.geometry_to_wgs84(without_walls(piece))))
        owner = room.id if room.id > 0 else -room.id // MOST_FLOORS
        boxes.append(Box(owner, room.floor, places[id(piece)]))
    return shapes, boxes


def without_walls(piece: BaseGeometry) -> BaseGeometry:
    """The piece drawn in by half a wall; unchanged where nothing much would be left."""
    inner = piece.buffer(-WALL_METRES, join_style="mitre")
    return inner if inner.area > piece.area / 3 else piece


def _coordinates(geometry: Any) -> Shape:
    """Polygons, rings, positions; a ten-millionth of a degree is a centimetre."""
    return [
        [
            [(round(x, 7), round(y, 7)) for x, y in ring.coords]
            for ring in (polygon.exterior, *polygon.interiors)
        ]
        for polygon in shapely.get_parts(geometry)
    ]
