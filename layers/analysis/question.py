"""A spatial question as people put it: which features of a layer lie within, near or along what.

`Question` is what the JSON of the API, a saved question and the viewer's address bar all mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from layers.analysis.condition import Condition, read_conditions
from layers.analysis.place import (
    LARGEST_DISTANCE,
    LARGEST_RADIUS,
    LARGEST_WIDTH,
    MOST_FEATURES,
    RELATIONS,
    Circle,
    Drawing,
    Features,
    Relation,
    Subject,
    drawn_shape,
)
from layers.core.errors import Fault, Forbidden, Invalid
from layers.core.layer import Layer
from layers.core.scope import Reader
from layers.core.values import Codes, is_finite_number
from layers.housing.building import BUILDINGS

Part = Literal["centre", "any", "whole"]
PARTS: tuple[Part, ...] = get_args(Part)
USUAL_PART: Mapping[Relation, Part] = {"within": "centre", "near": "any", "along": "any"}

MEMBERS = (
    "layer",
    "relation",
    "part",
    "metres",
    "subject",
    "conditions",
    "building_conditions",
)
# Layers without a geometry of their own, and the building that places a row of each.
LIVED_IN = ("dwellings", "rentals", "persons", "residences", "care_records")


@dataclass(frozen=True)
class Question:
    """`part` says how much of a feature must lie inside: its centre, any part, or the whole.

    The centre is the point on surface by which the platform also gives a feature its area, so that
    areas side by side share all features out and count none twice. `metres` is the greatest
    distance of "near" and the full width of "along"; "within" has none. `building_conditions` hold
    for the building in which a row without a geometry of its own lies.
    """

    layer: Layer
    relation: Relation
    subject: Subject
    part: Part = "any"
    metres: float | None = None
    conditions: tuple[Condition, ...] = ()
    building_conditions: tuple[Condition, ...] = ()

    def told(self) -> dict[str, Any]:
        """As JSON that `read_question` takes again."""
        told: dict[str, Any] = {
            "layer": self.layer.name,
            "relation": self.relation,
            "subject": _told_subject(self.subject),
            "conditions": [condition.told() for condition in self.conditions],
        }
        if self.building_conditions:
            told["building_conditions"] = [each.told() for each in self.building_conditions]
        if self.relation != "near":
            told["part"] = self.part
        return told if self.metres is None else told | {"metres": self.metres}


def read_question(given: Any, layers: Sequence[Layer], reader: Reader, codes: Codes) -> Question:
    """The question of a JSON object; every fault is told at once.

    Raises: Invalid; Forbidden without the right to read the layer asked for.
    """
    if not isinstance(given, Mapping):
        raise Invalid([Fault("question", "an object is expected")])
    faults = [
        Fault(str(name)[:60], f"unknown; allowed: {', '.join(MEMBERS)}")
        for name in given
        if name not in MEMBERS
    ]
    layer = _layer(given.get("layer"), layers, faults)
    relation = _word(given, "relation", RELATIONS, None, faults)
    metres = _metres(given.get("metres"), relation, faults)
    part = _word(given, "part", PARTS, USUAL_PART.get(relation or "near"), faults)
    if relation == "near" and given.get("part") not in (None, "any"):
        faults.append(Fault("part", "near measures to the closest part; leave it out"))
    subject = _collected(lambda: _subject(given.get("subject"), layers), faults)
    conditions: tuple[Condition, ...] | None = ()
    of_building: tuple[Condition, ...] | None = ()
    if layer is not None:
        if not reader.areas_to_read(layer):
            raise Forbidden(f"{layer.name} needs the right {layer.read}")
        asked = given.get("conditions", [])
        conditions = _collected(lambda: read_conditions(layer, asked, codes), faults)
        of_building = _collected(lambda: _of_building(layer, given, codes), faults)
    if faults or not (layer and relation and part and subject):
        raise Invalid(faults)
    return Question(layer, relation, subject, part, metres, conditions or (), of_building or ())


def read_place(
    given: Mapping[str, Any], layers: Sequence[Layer]
) -> tuple[Relation, Subject, float | None]:
    """Relation, subject and metres of a question whose layer is not chosen yet.

    Raises: Invalid with every fault.
    """
    faults: list[Fault] = []
    relation: Relation | None = _word(given, "relation", RELATIONS, None, faults)
    metres = _metres(given.get("metres"), relation, faults)
    subject = _collected(lambda: _subject(given.get("subject"), layers), faults)
    if faults or not (relation and subject):
        raise Invalid(faults)
    return relation, subject, metres


def _of_building(layer: Layer, given: Mapping[str, Any], codes: Codes) -> tuple[Condition, ...]:
    asked = given.get("building_conditions", [])
    if asked and layer.name not in LIVED_IN:
        reason = f"only of what lies in buildings: {', '.join(LIVED_IN)}"
        raise Invalid([Fault("building_conditions", reason)])
    try:
        return read_conditions(BUILDINGS, asked, codes)
    except Invalid as error:
        raise Invalid(
            [Fault(f"building_{each.field}", each.reason) for each in error.faults]
        ) from (error)


def _layer(name: Any, layers: Sequence[Layer], faults: list[Fault]) -> Layer | None:
    placed = {each.name: each for each in layers if each.geometry_kind or each.name in LIVED_IN}
    found = placed.get(name) if isinstance(name, str) else None
    if found is None:
        faults.append(Fault("layer", f"a layer with a place expected: {', '.join(placed)}"))
    return found


def _word(
    given: Mapping[str, Any], name: str, allowed: tuple[Any, ...], usual: Any, faults: list[Fault]
) -> Any:
    value = given.get(name)
    if value is None and usual is not None:
        return usual
    if value not in allowed:
        faults.append(Fault(name, f"one of {', '.join(allowed)} expected"))
        return None
    return value


def _metres(given: Any, relation: Relation | None, faults: list[Fault]) -> float | None:
    if relation in (None, "within"):
        if given is not None and relation is not None:
            faults.append(Fault("metres", "within has no distance; ask what is near or along"))
        return None
    most = LARGEST_DISTANCE if relation == "near" else LARGEST_WIDTH
    return _number(given, "metres", most, faults)


def _number(given: Any, name: str, most: float, faults: list[Fault]) -> float | None:
    if not is_finite_number(given) or not 0 < given <= most:
        faults.append(Fault(name, f"metres above 0 and at most {most:,} expected"))
        return None
    return float(given)


def _collected(read: Any, faults: list[Fault]) -> Any:
    try:
        return read()
    except Invalid as error:
        faults.extend(error.faults)
        return None


def _subject(given: Any, layers: Sequence[Layer]) -> Subject:
    if isinstance(given, Mapping):
        names = frozenset(given)
        if names == {"geometry"} and isinstance(given["geometry"], Mapping):
            drawn_shape(given["geometry"])
            return Drawing(given["geometry"])
        if names == {"center", "radius"}:
            return _circle(given["center"], given["radius"])
        if names == {"layer", "ids"}:
            return _features(given["layer"], given["ids"], layers)
    raise Invalid([Fault("subject", "{geometry}, {center, radius} or {layer, ids} expected")])


def _circle(center: Any, radius: Any) -> Circle:
    faults: list[Fault] = []
    size = _number(radius, "subject.radius", LARGEST_RADIUS, faults)
    if not isinstance(center, list | tuple):
        raise Invalid([*faults, Fault("subject.center", "[longitude, latitude] expected")])
    if size is None:
        raise Invalid(faults)
    point = drawn_shape({"type": "Point", "coordinates": list(center)})
    return Circle((point.bounds[0], point.bounds[1]), size)


def _features(name: Any, ids: Any, layers: Sequence[Layer]) -> Features:
    shaped = {each.name: each for each in layers if each.geometry_kind}
    if not isinstance(name, str) or name not in shaped:
        raise Invalid([Fault("subject.layer", f"one of {', '.join(shaped)} expected")])
    are_ids = isinstance(ids, list) and all(
        isinstance(each, int) and not isinstance(each, bool) and 0 < each < 2**63 for each in ids
    )
    if not are_ids or not 1 <= len(ids) <= MOST_FEATURES:
        raise Invalid([Fault("subject.ids", f"1 to {MOST_FEATURES} ids expected")])
    return Features(shaped[name], tuple(dict.fromkeys(ids)))


def _told_subject(subject: Subject) -> dict[str, Any]:
    if isinstance(subject, Drawing):
        return {"geometry": dict(subject.geometry)}
    if isinstance(subject, Circle):
        return {"center": list(subject.center), "radius": subject.radius}
    return {"layer": subject.layer.name, "ids": list(subject.ids)}
