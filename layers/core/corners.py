"""Places that programs send back rounded, brought onto the corners they were. Pure."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

# Half of the last digit each way, and what was rounded away when the place was told.
SIX_DECIMALS = 8e-7
SEVEN_DECIMALS = 1.5e-7


def told_within(shape: BaseGeometry) -> float:
    """Degrees by which a place of the shape may be beside the corner that it was.

    Features are told to seven decimals; QGIS sends whole features back with six, some 5 cm.
    """
    micro = shapely.get_coordinates(shape) * 1e6
    is_short = bool(np.all(np.abs(micro - np.round(micro)) < 1e-3))
    return SIX_DECIMALS if is_short else SEVEN_DECIMALS


def onto_corners(outline: BaseGeometry, known: Sequence[BaseGeometry]) -> BaseGeometry:
    """The outline with each corner that is one of `known`, but for rounding, exactly there.

    As it is where that would make it invalid. Coordinates in degrees (CRS84).
    """
    corners = np.concatenate([shapely.get_coordinates(each) for each in known])
    tree = shapely.STRtree([shapely.Point(corner) for corner in corners])
    reach = told_within(outline)

    def moved(places: NDArray[np.float64]) -> NDArray[np.float64]:
        sought = [shapely.Point(place) for place in places]
        mine, theirs = tree.query_nearest(sought, max_distance=reach, all_matches=False)
        fitted = places.copy()
        fitted[mine] = corners[theirs]
        return fitted

    made = shapely.transform(outline, moved)
    return made if made.is_valid else outline
