"""What a request asks of a coverage's ground: which part, how fine, in which system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gisserver import parameters
from gisserver.coverages.axes import Slice, chosen_axis, read_axes, read_slice
from gisserver.coverages.grids import Box, axis_names
from gisserver.errors import BadRequest
from gisserver.ogc.reference_systems import system_among
from layers.core.output_system import CRS84, OutputSystem

Values = Mapping[str, str]
Pair = tuple[float | None, float | None]

TIME = "time"
SPATIAL = ("bbox", "bbox-crs", "subset", "subset-crs", "crs")
SCALING = ("scale-factor", "scale-axes", "scale-size", "resolution", "width", "height")
GDAL_SIZE = "scaleSize"
"""`scale-size` as GDAL writes it, by an early draft."""
LARGEST_SIDE = 100_000


@dataclass(frozen=True)
class Side:
    """An interval on one axis; None is its end. `is_slice` when one place was named."""

    low: float | None = None
    high: float | None = None
    is_slice: bool = False


@dataclass(frozen=True)
class Ground:
    """The part asked for: to the east and to the north, in the system of the numbers."""

    system: OutputSystem
    east: Side = Side()
    north: Side = Side()

    @property
    def is_all(self) -> bool:
        """Whether nothing was left out."""
        return self.east == self.north == Side()

    def boxes(self, whole: Box) -> list[Box]:
        """The box in its system, its open ends those of `whole`; two across the antimeridian."""
        west, south, east, north = whole
        x = (_or(self.east.low, west), _or(self.east.high, east))
        y = (_or(self.north.low, south), _or(self.north.high, north))
        if x[0] <= x[1]:
            return [(x[0], y[0], x[1], y[1])]
        return [(x[0], y[0], 180.0, y[1]), (-180.0, y[0], x[1], y[1])]


@dataclass(frozen=True)
class Scale:
    """How fine: to the east and to the north, one of these kinds; all None is as it is kept.

    `factors` are how many cells go to one, `cells` how many come out, `sizes` the units of the
    system from one to the next.
    """

    factors: Pair | None = None
    cells: Pair | None = None
    sizes: Pair | None = None


@dataclass(frozen=True)
class Wanted:
    """All of it."""

    system: OutputSystem
    ground: Ground
    scale: Scale
    time: Slice | None = None


def read_wanted(given: Values, offered: Sequence[OutputSystem], usual: OutputSystem) -> Wanted:
    """What the parameters ask for; answers come in `usual` when no system is named.

    Raises: BadRequest.
    """
    named = given.get("crs")
    system = usual if named is None else system_among("crs", named, offered)
    ground, time = _ground(given, offered)
    scale = _scale(given, system)
    for side, at in ((ground.east, 0), (ground.north, 1)):
        pairs = (scale.factors, scale.cells, scale.sizes)
        if side.is_slice and any(pair is not None and pair[at] is not None for pair in pairs):
            raise BadRequest("subset: an axis cut at one place cannot be scaled")
    return Wanted(system, ground, scale, time)


def _ground(given: Values, offered: Sequence[OutputSystem]) -> tuple[Ground, Slice | None]:
    # Looked at even where they do nothing, so that a wrong name is told.
    box_system, subset_system = (
        CRS84 if name not in given else system_among(name, given[name], offered)
        for name in ("bbox-crs", "subset-crs")
    )
    slices = (
        {
            axis: read_slice(axis, inner)
            for axis, inner in read_axes("subset", given["subset"]).items()
        }
        if "subset" in given
        else {}
    )
    time = slices.pop(TIME, None)
    if "bbox" in given:
        if slices:
            raise BadRequest("subset: ground is asked for by bbox already; one of them is enough")
        return _box(given, box_system), time
    sides = {0: Side(), 1: Side()}
    seen: set[int] = set()
    for axis, asked in slices.items():
        at = chosen_axis("subset", axis, (*axis_names(subset_system), (TIME,)))
        if at in seen:
            raise BadRequest(f"subset: the axis {axis} is named twice")
        seen.add(at)
        sides[at] = _side(axis, asked, may_wrap=at == 0 and not subset_system.is_projected)
    return Ground(subset_system, sides[0], sides[1]), time


def _box(given: Values, system: OutputSystem) -> Ground:
    west, south, east, north = parameters.box_numbers(given)
    if system.is_north_first:
        west, south, east, north = south, west, north, east
    if south > north or (west > east and system.is_projected):
        raise BadRequest("bbox: the lower corner first, in the order of the system's axes")
    return Ground(system, Side(west, east), Side(south, north))


def _side(axis: str, asked: Slice, *, may_wrap: bool) -> Side:
    low = _number(axis, asked.low)
    if asked.high is None:
        if low is None:
            raise BadRequest(f"subset: {axis}(*): a place or an interval expected")
        return Side(low, low, is_slice=True)
    high = _number(axis, asked.high)
    if low is not None and high is not None and low > high and not may_wrap:
        raise BadRequest(f"subset: {axis}: low:high expected, not {low:g}:{high:g}")
    return Side(low, high)


def _number(axis: str, text: str) -> float | None:
    return None if text == "*" else parameters.number({axis: text}, axis)


def _scale(given: Values, system: OutputSystem) -> Scale:
    if GDAL_SIZE in given:
        if "scale-size" in given:
            raise BadRequest(f"{GDAL_SIZE} is scale-size; one of them is enough")
        given = {**given, "scale-size": given[GDAL_SIZE]}
    kinds = [name for name in SCALING[:-2] if name in given]
    if "width" in given or "height" in given:
        kinds.append("width and height")
    if len(kinds) > 1:
        raise BadRequest(f"scaled by {' and by '.join(kinds)}: one of them is enough")
    if not kinds:
        return Scale()
    names = axis_names(system)
    match kinds[0]:
        case "scale-factor":
            factor = parameters.number(given, "scale-factor")
            return Scale(factors=_positive("scale-factor", (factor, factor)))
        case "scale-axes":
            pair = _by_axis("scale-axes", given, names)
            return Scale(factors=_positive("scale-axes", pair))
        case "scale-size":
            return Scale(cells=_whole("scale-size", _by_axis("scale-size", given, names)))
        case "resolution":
            if not given["resolution"].strip():
                return Scale()
            pair = _by_axis("resolution", given, names, may_be_empty=True)
            return Scale(sizes=_positive("resolution", pair))
    sides = [
        float(parameters.integer(given, name, 0, minimum=1, maximum=LARGEST_SIDE))
        if name in given
        else None
        for name in ("width", "height")
    ]
    return Scale(cells=(sides[0], sides[1]))


def _by_axis(
    parameter: str,
    given: Values,
    names: Sequence[Sequence[str]],
    *,
    may_be_empty: bool = False,
) -> Pair:
    pair: list[float | None] = [None, None]
    seen: set[int] = set()
    for axis, text in read_axes(parameter, given[parameter]).items():
        at = chosen_axis(parameter, axis, names)
        if at in seen:
            raise BadRequest(f"{parameter}: the axis {axis} is named twice")
        seen.add(at)
        if text.strip() or not may_be_empty:
            pair[at] = parameters.number({parameter: text}, parameter)
    return pair[0], pair[1]


def _positive(parameter: str, pair: Pair) -> Pair:
    if any(each is not None and each <= 0 for each in pair):
        raise BadRequest(f"{parameter}: numbers above 0 expected")
    return pair


def _whole(parameter: str, pair: Pair) -> Pair:
    for each in pair:
        if each is not None and not (each.is_integer() and 1 <= each <= LARGEST_SIDE):
            raise BadRequest(f"{parameter}: whole numbers from 1 to {LARGEST_SIDE} expected")
    return pair


def _or(value: float | None, other: float) -> float:
    return other if value is None else value
