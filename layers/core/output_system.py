"""Reference systems in which geometry can be told, each with its axes in the order of EPSG.

What is stored is WGS 84 longitude and latitude (4326). CGCS2000 differs from it by less than is
measured (both are the ITRF, of other epochs), so its degrees are told as they are.
"""

from dataclasses import dataclass

from layers.core.layer import Layer

OGC_CRS = "http://www.opengis.net/def/crs"
STORED = 4326
CGCS2000 = 4490
WEB_MERCATOR = 3857
DEGREE_DECIMALS = 7
METRE_DECIMALS = 3


@dataclass(frozen=True)
class OutputSystem:
    """A reference system; `is_north_first` when its first axis goes to the north.

    `epsg` is None for CRS84.
    """

    epsg: int | None
    is_north_first: bool
    is_projected: bool

    @property
    def uri(self) -> str:
        """Its name in requests, headers and documents."""
        return f"{OGC_CRS}/OGC/1.3/CRS84" if self.epsg is None else f"{OGC_CRS}/EPSG/0/{self.epsg}"

    def geometry_sql(self, geometry: str) -> str:
        """SQL of a stored geometry as GeoJSON text in this system: 1e-7 degrees or millimetres."""
        if self.is_projected:
            geometry = f"ST_Transform({geometry}, {self.epsg})"
        if self.is_north_first:
            geometry = f"ST_FlipCoordinates({geometry})"
        decimals = METRE_DECIMALS if self.is_projected else DEGREE_DECIMALS
        return f"ST_AsGeoJSON({geometry}, {decimals}, 0)"  # RFC 7946 has no member `crs`


CRS84 = OutputSystem(None, is_north_first=False, is_projected=False)
_EVERYWHERE = (
    CRS84,
    OutputSystem(STORED, is_north_first=True, is_projected=False),
    OutputSystem(CGCS2000, is_north_first=True, is_projected=False),
    OutputSystem(WEB_MERCATOR, is_north_first=False, is_projected=True),
)


def _zones(
    degrees: int, first_middle: int, count: int, plain: int, prefixed: int
) -> dict[OutputSystem, tuple[float, float]]:
    """Gauss-Krüger zones of CGCS2000 (GB/T 17798) with their western and eastern meridians.

    `plain` and `prefixed` are the EPSG codes of the first without and with its number in eastings.
    """
    found = {}
    for place in range(count):
        middle = first_middle + place * degrees
        for code in (plain + place, prefixed + place):
            system = OutputSystem(code, is_north_first=True, is_projected=True)
            found[system] = (middle - degrees / 2, middle + degrees / 2)
    return found


_ZONES = _zones(3, 75, 21, 4534, 4513) | _zones(6, 75, 11, 4502, 4491)
SYSTEMS = (*_EVERYWHERE, *_ZONES)


def systems_within(layer: Layer, extent: tuple[float, ...] | None) -> list[OutputSystem]:
    """The systems offered for a layer of which a reader sees west, south, east, north."""
    return [CRS84] if layer.geometry_kind is None else systems_at(extent)


def systems_at(extent: tuple[float, ...] | None) -> list[OutputSystem]:
    """The systems in which something within west, south, east, north can be told.

    Zones are those of China that the extent meets, from 72° to 138° E.
    """
    if extent is None:
        return list(_EVERYWHERE)
    west, _, east, _ = extent
    met = [zone for zone, (left, right) in _ZONES.items() if west <= right and east >= left]
    return [*_EVERYWHERE, *met]
