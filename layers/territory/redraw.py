"""Outlines drawn by other programs, brought onto the corners they were drawn by. Pure."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

SAME_CORNER = 1.5e-7
"""Degrees: features are told to seven decimals, so a corner comes back that much beside itself."""


def onto_corners(outline: BaseGeometry, known: Sequence[BaseGeometry]) -> BaseGeometry:
    """The outline with each corner that is one of `known`, but for rounding, exactly there.

    Coordinates in degrees (CRS84).
    """
    corners = np.concatenate([shapely.get_coordinates(each) for each in known])
    tree = shapely.STRtree([shapely.Point(corner) for corner in corners])

    def moved(places: NDArray[np.float64]) -> NDArray[np.float64]:
        sought = [shapely.Point(place) for place in places]
        mine, theirs = tree.query_nearest(sought, max_distance=SAME_CORNER, all_matches=False)
        fitted = places.copy()
        fitted[mine] = corners[theirs]
        return fitted

    return shapely.transform(outline, moved)
