"""Which building and room an address means: many texts by one statement, within a reader's areas.

Candidates come from two indexes: compounds by name, and buildings by road and house number. Every
part of the text then speaks for or against each, and the rooms of the best are looked up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from layers.core.database import Asks
from layers.core.errors import Forbidden
from layers.core.features import scope_sql
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.housing.address import Address, parse
from layers.housing.address_names import LIKELY
from layers.housing.address_query import STATEMENT
from layers.housing.address_text import any_of, words

MOST_CANDIDATES = 5
SURE_FROM = 0.8
CLEAR_BY = 0.06
SAME_ROOM = 0.02
ROOM_MISSING = 0.75

Verdict = Literal["sure", "unsure", "none"]


@dataclass(frozen=True)
class Candidate:
    """A building, or a room of it, that the text may mean."""

    building_id: int
    dwelling_id: int | None
    score: float
    title: str
    area_code: str


@dataclass(frozen=True)
class Match:
    """What a text means. Unsure matches name the best guess; `candidates` stand best first."""

    text: str
    address: Address
    building_id: int | None
    dwelling_id: int | None
    score: float
    verdict: Verdict
    candidates: Sequence[Candidate]


def match_addresses(connection: Asks, reader: Reader, texts: Sequence[str]) -> list[Match]:
    """A match for each text, in their order, among the houses the reader may see.

    Rooms are found where the reader may see rooms.

    Raises: Forbidden without the right to see the base map.
    """
    areas = reader.scope(Right.BASE_READ)
    if not areas:
        raise Forbidden(f"matching addresses needs the right {Right.BASE_READ}")
    different = list(dict.fromkeys(texts))
    addresses = [parse(text) for text in different]
    asked = [_asked(n, address) for n, address in enumerate(addresses)]
    named = [row for n, address in enumerate(addresses) for row in _names(n, address)]
    values: dict[str, Any] = {"asked": _json(asked), "named": _json(named)}
    scopes = {}
    rights = dict.fromkeys("bc", Right.BASE_READ) | {"d": Right.HOUSING_READ}
    for name, right in rights.items():
        scopes[name], bounds = scope_sql(f"{name}.area_code", reader.scope(right), f"{name}_area")
        values |= bounds
    found: dict[int, list[Candidate]] = {}
    for n, *row in connection.exec_driver_sql(STATEMENT.format(**scopes), values):
        found.setdefault(n, []).append(Candidate(*row))
    judged = {
        text: judge(text, address, found.get(n, ()))
        for n, (text, address) in enumerate(zip(different, addresses, strict=True))
    }
    return [judged[text] for text in texts]


def judge(text: str, address: Address, candidates: Iterable[Candidate]) -> Match:
    """The match that candidates make: sure when the best is good and nothing else comes near."""
    trust = 0.75 + 0.25 * address.score
    wants_room = address.room is not None
    ranked = sorted(
        (_weighed(one, trust, wants_room) for one in candidates),
        key=lambda one: (-one.score, one.building_id, one.dwelling_id or 0),
    )
    if not ranked:
        return Match(text, address, None, None, 0.0, "none", ())
    best = ranked[0]
    rivals = [one for one in ranked[1:] if one.building_id != best.building_id]
    twins = [one for one in ranked[1:] if one.building_id == best.building_id]
    is_clear = all(best.score - one.score >= CLEAR_BY for one in rivals)
    is_one_room = all(best.score - one.score >= SAME_ROOM for one in twins)
    has_room = not wants_room or best.dwelling_id is not None
    is_sure = best.score >= SURE_FROM and is_clear and is_one_room and has_room
    return Match(
        text,
        address,
        best.building_id,
        best.dwelling_id if is_one_room else None,
        best.score,
        "sure" if is_sure else "unsure",
        ranked[:MOST_CANDIDATES],
    )


def _weighed(one: Candidate, trust: float, wants_room: bool) -> Candidate:
    missing = ROOM_MISSING if wants_room and one.dwelling_id is None else 1.0
    score = round(one.score * trust * missing, 4)
    return Candidate(one.building_id, one.dwelling_id, score, one.title, one.area_code)


def _asked(n: int, address: Address) -> dict[str, Any]:
    values = address.values
    building = address.building
    doors = _doors(values.get("lane"), values.get("number"))
    # 12号2-501: whether 2 is a building or a unit, only the houses can tell.
    open_unit = building and address.unit is None and building.score < LIKELY
    return {
        "n": n,
        **{name: values.get(name) for name in ("street", "lane", "number", "compound", "building")},
        **{name: values.get(name) for name in ("unit", "room", "community", "town", "county")},
        "maybe_unit": building.value if building and open_unit else None,
        "doors": doors,
        "houses": [*doors, *_near_doors(values.get("lane"), values.get("number"))],
    }


def _doors(lane: str | None, number: str | None) -> list[str]:
    """How the door of a building on a road may be written."""
    if lane:
        behind = f"{number}号" if number else ""
        return [f"{lane}弄{behind}", f"{lane}弄{number or ''}"]
    return [f"{number}号", number] if number else []


def _near_doors(lane: str | None, number: str | None) -> list[str]:
    """Doors that may be meant when that door is not kept: the whole lane, the first of several."""
    if lane:
        return [f"{lane}弄", f"{lane}号", lane]
    first = re.split("[-、]", number)[0] if number else ""
    return [f"{number}弄", f"{first}号", first] if number else []


def _names(n: int, address: Address) -> Iterator[dict[str, Any]]:
    """Names to look up: as they stand, and without what may be glued before or behind them."""
    street, compound = address.street, address.compound
    if street:
        yield from _endings(n, "street", street.value, 3)
    if street and compound:
        # What was cut apart may be one name of a road.
        glued = compound.value + street.value
        yield {"n": n, "kind": "street", "name": glued, "weight": 0.95}
    if compound:
        yield from _endings(n, "compound", compound.value, 2)
        short = _generic().sub("", compound.value)
        if len(short) >= 2 and short != compound.value:
            yield {"n": n, "kind": "compound", "name": short, "weight": 0.95}
    elif street:
        # 陈家巷12号: what ends like a road may be a village.
        yield from _endings(n, "compound", street.value, 2)


def _endings(n: int, kind: str, name: str, shortest: int) -> Iterator[dict[str, Any]]:
    for cut in range(max(1, len(name) - shortest + 1)):
        if len(name) - cut >= 2:
            weight = 1.0 if cut == 0 else 0.95
            yield {"n": n, "kind": kind, "name": name[cut:], "weight": weight}


@cache
def _generic() -> re.Pattern[str]:
    return re.compile(f"(?:{any_of(words()['names']['generic'])})$")


def _json(rows: Sequence[Any]) -> str:
    return json.dumps(rows, ensure_ascii=False)
