"""The one condition in SQL that decides which rows a question finds, and where each of them lies.

Everything that a question answers – rows, counts, shapes, files, figures – asks this, so that all
say the same. Rows without a geometry of their own lie where their building lies: a dwelling in its
building, a person at each open residence, so that somebody with two homes is found at both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from layers.analysis.place import Features, Place
from layers.analysis.question import Question
from layers.core.features import scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader

NO_SPOT = "0::bigint"
_RESIDENCE = "l.id"
_LIVED = "people.residence AS l ON l.building_id = home.id AND l.valid_to IS NULL"
# What is joined to `home`, the buildings found, and what tells two homes of one row apart.
_LIVED_IN: Mapping[str, tuple[str, str]] = {
    "dwellings": ("housing.dwelling AS t ON t.building_id = home.id", NO_SPOT),
    "rentals": (
        "housing.dwelling AS d ON d.building_id = home.id "
        "JOIN housing.rental AS t ON t.dwelling_id = d.id",
        NO_SPOT,
    ),
    "residences": ("people.residence AS t ON t.building_id = home.id", NO_SPOT),
    "persons": (f"{_LIVED} JOIN people.person AS t ON t.id = l.person_id", _RESIDENCE),
    "care_records": (
        f"{_LIVED} JOIN people.care_record AS t ON t.person_id = l.person_id",
        _RESIDENCE,
    ),
}

_AREA = "ground AS MATERIALIZED (SELECT %(ground)s::geometry AS geom)"
_NEAR = (
    "ground AS MATERIALIZED (SELECT %(ground)s::geometry::geography AS geog, "
    "%(near)s::geometry AS near, %(far)s::geometry AS far)"
)


@dataclass(frozen=True)
class Unread:
    """The same rows found without reading them: their id, `source` and `where` without `t`."""

    id: str
    source: str
    where: str


@dataclass(frozen=True)
class Matching:
    """SQL (pyformat) of what a question finds.

    `before` are common table expressions. In `source` and `where`, `t` is a row of the layer;
    `geom` places it, `home` is the building it lies in, if it has no geometry of its own; `spot`
    tells two places of one row apart; `metres` is how far it is away, or NULL. `unread` is there
    for persons of whom nothing is asked.
    """

    before: tuple[str, ...]
    source: str
    where: str
    geom: str
    home: str | None
    spot: str
    metres: str
    values: Mapping[str, Any]
    unread: Unread | None = None


def matching(question: Question, place: Place, reader: Reader) -> Matching:
    """What the question finds within the reader's scope.

    To be asked in a reader's transaction: row-level security holds the same scope once more.
    """
    layer = question.layer
    areas = ("",) if layer.scope == "public" else reader.areas_to_read(layer)
    scope, scoped = scope_sql("t.area_code", areas, "area")
    values: dict[str, Any] = scoped | _ground_values(question, place)
    ground = _NEAR if question.relation == "near" else _AREA
    parts = [scope]
    for number, condition in enumerate(question.conditions):
        sql, bound = condition.sql("t", f"c{number}")
        parts.append(sql)
        values |= bound
    if layer.name in _LIVED_IN:
        joined, spot = _LIVED_IN[layer.name]
        homes, home_values = _homes(question, reader)
        is_at_home = spot == _RESIDENCE and not question.building_conditions
        if is_at_home and question.relation == "within" and question.part == "centre":
            # The centres of the buildings where people live are kept with their figures.
            buildings, home_id, column = "people.resident_figure", "building_id", "spot"
        else:
            buildings, home_id, column = "housing.building", "id", "geom"
        home = (
            f"home AS MATERIALIZED (SELECT b.{home_id} AS id, b.{column} AS geom "
            f"FROM {buildings} AS b WHERE {homes} AND {lies(question, f'b.{column}')})"
        )
        return Matching(
            before=(ground, home),
            source=f"home JOIN {joined}",
            where=" AND ".join(parts),
            geom="home.geom",
            home="home.id",
            spot=spot,
            metres=_distance(question, "home.geom"),
            values=values | home_values,
            unread=_unread(question, areas),
        )
    parts.insert(1, lies(question, "t.geom"))
    if isinstance(question.subject, Features) and question.subject.layer is layer:
        parts.append("t.id <> ALL(%(subjects)s)")
        values["subjects"] = list(question.subject.ids)
    return Matching(
        before=(ground,),
        source=f"{layer.qualified_table} AS t",
        where=" AND ".join(parts),
        geom="t.geom",
        home=None,
        spot=NO_SPOT,
        metres=_distance(question, "t.geom"),
        values=values,
    )


def _unread(question: Question, areas: Sequence[str]) -> Unread | None:
    if question.layer.name != "persons" or question.conditions:
        return None
    here, _ = scope_sql("l.area_code", areas, "area")
    there, _ = scope_sql("e.person_area", areas, "area")
    # Who does not live elsewhere belongs where the home lies.
    hidden = (
        "SELECT e.residence_id FROM home JOIN people.lives_elsewhere AS e "
        f"ON e.building_id = home.id WHERE NOT {there}"
    )
    return Unread("l.person_id", f"home JOIN {_LIVED}", f"{here} AND l.id NOT IN ({hidden})")


def _homes(question: Question, reader: Reader) -> tuple[str, dict[str, Any]]:
    """Which buildings `b` may be seen and are as asked."""
    scope, values = scope_sql("b.area_code", reader.scope(Right.BASE_READ), "home")
    parts = [scope]
    for number, condition in enumerate(question.building_conditions):
        sql, bound = condition.sql("b", f"h{number}")
        parts.append(sql)
        values |= bound
    return " AND ".join(parts), values


def lies(question: Question, geom: str) -> str:
    """SQL of whether a geometry lies as asked; the box comes first, for the index.

    PostGIS prepares the first of two arguments that stays the same, of ST_CoveredBy neither.
    """
    if question.relation == "near":
        # Measuring on the ellipsoid is slow and needed only where a plane may be wrong.
        return (
            f"{geom} && (SELECT far FROM ground) AND (ST_Intersects((SELECT near FROM ground), "
            f"{geom}) OR ST_Intersects((SELECT far FROM ground), {geom}) "
            f"AND ST_DWithin({geom}::geography, (SELECT geog FROM ground), %(metres)s))"
        )
    ground = "(SELECT geom FROM ground)"
    tests = {
        "any": f"ST_Intersects({ground}, {geom})",
        "whole": f"ST_Covers({ground}, {geom})",
        # What is covered has its centre inside; only at the edge must the centre be found.
        "centre": f"(ST_Covers({ground}, {geom}) "
        f"OR ST_Intersects({ground}, ST_PointOnSurface({geom})))",
    }
    return f"{geom} && {ground} AND {tests[question.part]}"


def _distance(question: Question, geom: str) -> str:
    """Geodesic metres to the closest part."""
    if question.relation != "near":
        return "NULL::float8"
    return f"ST_Distance({geom}::geography, (SELECT geog FROM ground))"


def _ground_values(question: Question, place: Place) -> dict[str, Any]:
    return {
        "ground": _wkb(place.ground),
        "near": _wkb(place.surely_near),
        "far": _wkb(place.perhaps_near),
        "metres": question.metres,
    }


def _wkb(given: BaseGeometry) -> str:
    return str(shapely.to_wkb(shapely.set_srid(given, 4326), hex=True, include_srid=True))
