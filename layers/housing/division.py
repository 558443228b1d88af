"""Dividing a footprint among the rooms of a floor, each as large as its share.

No plan of the rooms is known, only how many there are, their order and perhaps their areas. The
footprint is laid along its length and cut in two again and again across the longer side of what is
left, each cut where the areas match the shares, so that pieces stay compact and keep their order.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import atan2, degrees, pi

import shapely
from shapely import affinity
from shapely.geometry.base import BaseGeometry

# A piece is cut along the building, as flats lie side by side, unless it is much deeper than long.
DEEP = 1.5
# Halvings of the interval in which a cut is sought: a building is found to a micrometre.
HALVINGS = 36

Cut = Callable[[BaseGeometry, Sequence[float]], list[BaseGeometry]]


def main_direction(footprint: BaseGeometry) -> float:
    """Degrees from east, in (-90, 90], of the long side of the footprint's tightest rectangle."""
    box = shapely.minimum_rotated_rectangle(footprint)
    corners = shapely.get_coordinates(box)
    sides = [second - first for first, second in pairwise(corners[:3])]
    longest = max(sides, key=lambda side: float(side @ side))
    angle = atan2(longest[1], longest[0]) % pi
    return degrees(angle if angle <= pi / 2 else angle - pi)


def slices(
    footprint: BaseGeometry, shares: Sequence[float], direction: float
) -> list[BaseGeometry]:
    """Slices across the direction, in its order, their areas as the shares."""
    return _along(_row, footprint, shares, direction)


def compact_pieces(
    piece: BaseGeometry, shares: Sequence[float], direction: float
) -> list[BaseGeometry]:
    """Pieces without overlap that cover the whole, in order, their areas as the shares."""
    return _along(_halves, piece, shares, direction)


def _along(
    cut: Cut, footprint: BaseGeometry, shares: Sequence[float], direction: float
) -> list[BaseGeometry]:
    """Cuts the footprint turned so that the direction is that of x, and turns the pieces back."""
    if not shares or min(shares) <= 0:
        raise ValueError("every share is a number above 0, and there is at least one")
    origin = footprint.centroid
    laid = affinity.rotate(footprint, -direction, origin=origin)
    return [affinity.rotate(piece, direction, origin=origin) for piece in cut(laid, shares)]


def _row(piece: BaseGeometry, shares: Sequence[float]) -> list[BaseGeometry]:
    pieces: list[BaseGeometry] = []
    rest = piece
    for i in range(len(shares) - 1):
        first, rest = _split(rest, shares[i] / sum(shares[i:]), across_length=True)
        pieces.append(first)
    return [*pieces, rest]


def _halves(piece: BaseGeometry, shares: Sequence[float]) -> list[BaseGeometry]:
    if len(shares) == 1:
        return [piece]
    whole = sum(shares)
    middle = min(range(1, len(shares)), key=lambda i: abs(2 * sum(shares[:i]) - whole))
    west, south, east, north = piece.bounds
    across_length = north - south <= DEEP * (east - west)
    parts = _split(piece, sum(shares[:middle]) / whole, across_length=across_length)
    return [*_halves(parts[0], shares[:middle]), *_halves(parts[1], shares[middle:])]


def _split(
    piece: BaseGeometry, share: float, *, across_length: bool
) -> tuple[BaseGeometry, BaseGeometry]:
    """The part of the area that is the share, at the west or the north, and the rest."""
    west, south, east, north = piece.bounds
    wanted = piece.area * (share if across_length else 1 - share)
    low, high = (west, east) if across_length else (south, north)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        edges = (middle, north) if across_length else (east, middle)
        if shapely.clip_by_rect(piece, west, south, *edges).area < wanted:
            low = middle
        else:
            high = middle
    at = (low + high) / 2
    margin = 1.0
    if across_length:
        first = shapely.box(west - margin, south - margin, at, north + margin)
        second = shapely.box(at, south - margin, east + margin, north + margin)
    else:
        first = shapely.box(west - margin, at, east + margin, north + margin)
        second = shapely.box(west - margin, south - margin, east + margin, at)
    return _areas_of(piece & first), _areas_of(piece & second)


def _areas_of(geometry: BaseGeometry) -> BaseGeometry:
    """The geometry without the points and lines that a cut along an edge leaves."""
    parts = shapely.get_parts(geometry)
    areas = [part for part in parts if part.geom_type == "Polygon"]
    return areas[0] if len(areas) == 1 else shapely.MultiPolygon(areas)
