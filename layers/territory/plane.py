"""A flat view of a small area: how many metres one degree is, east and north."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin, sqrt
from typing import TypeVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

AnyGeometry = TypeVar("AnyGeometry", bound=BaseGeometry)

# CGCS2000 and WGS 84 agree in both to 0.1 mm (EPSG:1024, EPSG:7030).
SEMI_MAJOR_AXIS = 6378137.0
ECCENTRICITY_SQUARED = 0.00669438002290


@dataclass(frozen=True)
class Plane:
    """Metres in one unit of x and one of y; good to 10⁻⁴ over the few kilometres of a community."""

    metres_x: float
    metres_y: float

    @classmethod
    def at(cls, latitude: float) -> Plane:
        """The plane for coordinates in degrees around a latitude.

        Radii of curvature in the meridian and the prime vertical of the ellipsoid (Snyder,
        Map Projections, 1987, eq. 4-18 and 4-20).
        """
        phi = radians(latitude)
        root = sqrt(1 - ECCENTRICITY_SQUARED * sin(phi) ** 2)
        meridian = SEMI_MAJOR_AXIS * (1 - ECCENTRICITY_SQUARED) / root**3
        vertical = SEMI_MAJOR_AXIS / root
        return cls(radians(1) * vertical * cos(phi), radians(1) * meridian)

    def metric(self, geometry: AnyGeometry) -> AnyGeometry:
        """The geometry in metres, for measuring only."""
        return self._scaled(geometry, self.metres_x, self.metres_y)

    def back(self, geometry: AnyGeometry) -> AnyGeometry:
        """A geometry in metres in the coverage's own coordinates."""
        return self._scaled(geometry, 1 / self.metres_x, 1 / self.metres_y)

    def buffer(self, geometry: BaseGeometry, metres: float) -> BaseGeometry:
        """The geometry widened, or narrowed, by metres."""
        return self.back(self.metric(geometry).buffer(metres))

    def area(self, geometry: BaseGeometry) -> float:
        """Square metres."""
        return float(geometry.area) * self.metres_x * self.metres_y

    def distance(self, one: tuple[float, float], other: tuple[float, float]) -> float:
        """Metres between two places."""
        return float(
            np.hypot((one[0] - other[0]) * self.metres_x, (one[1] - other[1]) * self.metres_y)
        )

    @staticmethod
    def _scaled(geometry: AnyGeometry, x: float, y: float) -> AnyGeometry:
        scaled: AnyGeometry = shapely.transform(geometry, lambda xy: xy * (x, y))
        return scaled


METRES = Plane(1.0, 1.0)
"""For coordinates that are metres already."""
