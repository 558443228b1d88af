"""Which places a question is about: a layer, conditions, a time, an area; and the SQL of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Float, Integer

from layers.core.cells import LEVEL, column_at, row_at
from layers.core.codes import code_branches
from layers.core.database import Asks
from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.features import BoundingBox, asked_value, scope_sql
from layers.core.layer import Layer
from layers.core.rights import Right
from layers.core.scope import Reader

RESIDENTS = "residents"
# Persons have no place of their own: they count where they live.
LIVING = {
    "residences": (
        "people.residence AS t JOIN housing.building AS b ON b.id = t.building_id",
        "t",
    ),
    "persons": (
        "people.person AS t JOIN people.residence AS r ON r.person_id = t.id AND r.is_home "
        "JOIN housing.building AS b ON b.id = r.building_id",
        "r",
    ),
}
_HOUSES = "housing.building AS t JOIN people.resident_figure AS f ON f.building_id = t.id"


@dataclass(frozen=True)
class Places:
    """The features of a layer for which all conditions hold.

    `equals` gives the values of which a property must have one; of a code with codes below it the
    whole branch. `since` and `until` are half open and are about the layer's time; for who lives
    where `until` is the moment looked at. `area` is a code's prefix, `bbox` CRS84.
    """

    layer: Layer
    equals: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: datetime | None = None
    until: datetime | None = None
    area: str = ""
    bbox: BoundingBox | None = None


@dataclass(frozen=True)
class Selection:
    """SQL (pyformat) of places: what to read from, under which conditions, what counts.

    `time` and `lives` (valid from, valid to) say where a row stands in time, where it does.
    """

    source: str
    conditions: tuple[str, ...]
    values: Mapping[str, Any]
    cell: str
    count: str = "count(*)"
    weight: str = "count(*)"
    time: str | None = None
    lives: tuple[str, str] | None = None
    is_personal: bool = False

    @property
    def where(self) -> str:
        """All conditions as one."""
        return " AND ".join(self.conditions) or "TRUE"


def countable(layer: Layer) -> bool:
    """Whether the layer's places are counted: they have a cell, or they are lived in."""
    return "cell" in layer.table.columns or layer.name in LIVING


def weights(layer: Layer) -> tuple[str, ...]:
    """What places of the layer may be weighed by beside one each."""
    numbers = tuple(
        name
        for name, info in layer.fields.items()
        if isinstance(layer.column(name).type, Integer | Float) and info.reference is None
    )
    if layer.name in LIVING:
        return ()
    return (*numbers, RESIDENTS) if layer.name == "buildings" else numbers


def select_places(
    connection: Asks, reader: Reader, places: Places, weight: str | None = None
) -> Selection:
    """The SQL of places, within what the reader may see.

    Raises: Forbidden without the layer's read right or for an area outside the reader's;
    Invalid naming the parameter for anything the layer does not have.
    """
    layer = places.layer
    if not countable(layer):
        raise Invalid([Fault("layer", f"{layer.name} has no places that are counted")])
    if weight is not None and weight not in weights(layer):
        allowed = ", ".join(weights(layer)) or "nothing but one each"
        raise Invalid([Fault("weight", f"{layer.name} is weighed by: {allowed}")])
    conditions, values = _within(reader, layer.read, places.area, "t.area_code")
    matching, asked = _matching(connection, places)
    conditions, values = [*conditions, *matching], values | asked
    in_houses = layer.name == "residences" and not places.equals and places.until is None
    if weight == RESIDENTS or in_houses:
        return _residents(reader, places, conditions, values)
    if layer.name in LIVING:
        return _living(places, conditions, values)
    return _standing(places, conditions, values, weight)


def _standing(
    places: Places, conditions: list[str], values: dict[str, Any], weight: str | None
) -> Selection:
    layer = places.layer
    conditions += ["t.cell IS NOT NULL", *_during(places, values)]
    if weight is not None:
        conditions.append(f"t.{weight} IS NOT NULL")
    return Selection(
        source=f"{layer.qualified_table} AS t",
        conditions=(*conditions, *_in_box(places.bbox, "t.cell", values)),
        values=values,
        cell="t.cell",
        weight=f"sum(t.{weight})" if weight is not None else "count(*)",
        time=f"t.{layer.time_field}" if layer.time_field else None,
    )


def _living(places: Places, conditions: list[str], values: dict[str, Any]) -> Selection:
    source, stay = LIVING[places.layer.name]
    conditions += ["b.cell IS NOT NULL", *_in_box(places.bbox, "b.cell", values)]
    if places.until is None:
        conditions.append(f"{stay}.valid_to IS NULL")
    return Selection(
        source=source,
        conditions=tuple(conditions),
        values=values,
        cell="b.cell",
        lives=(f"{stay}.valid_from", f"{stay}.valid_to") if places.until is not None else None,
        is_personal=True,
    )


def _residents(
    reader: Reader, places: Places, conditions: list[str], values: dict[str, Any]
) -> Selection:
    if places.until is not None:
        raise Invalid([Fault("datetime", "residents of buildings are known as of now only")])
    areas = _held(reader, Right.PEOPLE_READ)
    scope, scoped = scope_sql("f.area_code", areas, "people_area")
    values |= scoped
    conditions += ["t.cell IS NOT NULL", scope, *_in_box(places.bbox, "t.cell", values)]
    return Selection(
        source=_HOUSES,
        conditions=tuple(conditions),
        values=values,
        cell="t.cell",
        count="sum(f.residents)",
        weight="sum(f.residents)",
        is_personal=True,
    )


def _held(reader: Reader, right: Right) -> tuple[str, ...]:
    areas = reader.scope(right)
    if not areas:
        raise Forbidden(f"this needs the right {right}")
    return areas


def _within(
    reader: Reader, right: Right, area: str, column: str
) -> tuple[list[str], dict[str, Any]]:
    """The reader's areas, and the one asked for where it is smaller."""
    areas = _held(reader, right)
    if area and not any(area.startswith(each) or each.startswith(area) for each in areas):
        raise Forbidden(f"area {area} lies outside your areas")
    inner = tuple(each for each in areas if each.startswith(area)) or (area,)
    scope, values = scope_sql(column, inner, "area")
    return [scope], dict(values)


def _matching(connection: Asks, places: Places) -> tuple[list[str], dict[str, Any]]:
    layer = places.layer
    found: list[str] = []
    values: dict[str, Any] = {}
    for name, texts in places.equals.items():
        if name in layer.sensitive_fields:
            raise Invalid([Fault(name, "sealed; nothing is selected by it")])
        asked = [asked_value(layer, name, each) for each in texts]
        codes = layer.fields[name].codes
        if codes is not None:
            asked = _branches(connection, name, codes, asked)
        values[f"asked_{name}"] = asked
        found.append(f't."{name}" = ANY (%(asked_{name})s)')
    return found, values


def _branches(connection: Asks, name: str, table: str, asked: Sequence[str]) -> list[str]:
    try:
        return code_branches(connection, table, asked)
    except KeyError as error:
        raise Invalid([Fault(name, f"{error} is no code of {table}")]) from error


def _during(places: Places, values: dict[str, Any]) -> list[str]:
    if places.since is None and places.until is None:
        return []
    time = places.layer.time_field
    if time is None:
        raise Invalid([Fault("datetime", f"{places.layer.name} has no time")])
    found = []
    if places.since is not None:
        values["since"] = places.since
        found.append(f"t.{time} >= %(since)s")
    if places.until is not None:
        values["until"] = places.until
        found.append(f"t.{time} < %(until)s")
    return found


def _in_box(bbox: BoundingBox | None, cell: str, values: dict[str, Any]) -> list[str]:
    """Cells that the box touches, by their numbers."""
    if bbox is None:
        return []
    west, south, east, north = bbox
    values |= {
        "west": int(column_at(west, LEVEL)),
        "east": int(column_at(east, LEVEL)),
        "north": int(row_at(north, LEVEL)),
        "south": int(row_at(south, LEVEL)),
    }
    return [
        f"({cell} >> {LEVEL}) BETWEEN %(west)s AND %(east)s",
        f"({cell} & {(1 << LEVEL) - 1}) BETWEEN %(north)s AND %(south)s",
    ]
