"""A reference set of real addresses: Shanghai's schools as a map service publishes them.

Each address that names a road and a number becomes a building with rooms. What is published of it,
with its notes, campuses and towns, and noise over it are the texts.
"""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Engine, text

from layers.core.database import owner_transaction
from tests.builders.addresses import NOISE, Truth, noisy

SCHOOLS = Path("keysites") / "shanghai_school.csv"

# Read by a rule of its own, so that the parser is not measured by itself: one road or compound and
# one door.
_PLAIN = re.compile(
    r"(?P<road>[^\W\d_路街道镇乡村区弄号]{2,6}[路街])(?P<door>(?:\d+弄)?\d+号)"
    r"|(?P<compound>[^\W\d_路街道镇乡村区弄号]{2,5}(?:村|苑|花园|小区|家园|公寓))(?P<number>\d+号)"
)


@dataclass(frozen=True)
class School:
    """A published address, and the district, road or compound, and door it names."""

    published: str
    district: str
    name: str
    door: str
    is_compound: bool
    lon: float
    lat: float

    @property
    def place(self) -> tuple[str, str, str]:
        """What tells one building from another."""
        return self.district, self.name, self.door

    @property
    def stored(self) -> str:
        """The address as a building keeps it."""
        return f"上海市{self.district}{self.name}{self.door}"


def read_schools(file: Path) -> list[School]:
    """Schools at a plain address, and those whose longer address holds a plain one of the district.

    A longer one holds 65号 not as part of 165号, 65号楼 or 65号-1.
    """
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    plain: dict[str, list[re.Match[str]]] = {}
    for row in rows:
        if found := _PLAIN.fullmatch(row["address"]):
            plain.setdefault(row["adname"], []).append(found)
    schools = []
    for row in rows:
        held = [
            found
            for found in plain.get(row["adname"], ())
            if re.search(rf"(?:^|[^\d]){re.escape(found[0])}(?![楼院\d-])", row["address"])
        ]
        if held:
            place = max(held, key=lambda found: len(found[0]))
            spot = float(row["lon"]), float(row["lat"])
            name, door = place["road"], place["door"]
            is_compound = name is None
            if is_compound:
                name, door = place["compound"], place["number"]
            schools.append(School(row["address"], row["adname"], name, door, is_compound, *spot))
    return schools


_ROWS = (
    "jsonb_to_recordset(CAST(:rows AS jsonb)) AS t(n int, district text, name text, door text, "
    "is_compound boolean, address text, lon float8, lat float8)"
)
_COMPOUNDS = text(
    "INSERT INTO housing.compound (name, address) "
    f"SELECT DISTINCT name, '上海市' || district FROM {_ROWS} WHERE is_compound"
)
_BUILDINGS = text(
    "INSERT INTO housing.building "
    "(name, compound_id, number, street, house_number, address, geom) "
    "SELECT 'S' || t.n, c.id, CASE WHEN is_compound THEN door END, "
    "CASE WHEN NOT is_compound THEN t.name END, CASE WHEN NOT is_compound THEN door END, "
    "t.address, ST_Multi(ST_Expand(ST_SetSRID(ST_MakePoint(lon, lat), 4326), 0.0001)) "
    f"FROM {_ROWS} LEFT JOIN housing.compound AS c "
    "ON is_compound AND c.name = t.name AND c.address = '上海市' || district "
    "RETURNING substr(name, 2)::int, id"
)


def build_schools(engine: Engine, schools: Sequence[School]) -> dict[tuple[str, str, str], int]:
    """One building a place, each with rooms 101 to 302 of two units; returns their ids."""
    places = {school.place: school for school in reversed(schools)}
    rows = [asdict(s) | {"n": n, "address": s.stored} for n, s in enumerate(places.values())]
    with owner_transaction(engine) as connection:
        given = {"rows": json.dumps(rows)}
        connection.execute(_COMPOUNDS, given)
        made = connection.execute(_BUILDINGS, given).all()
        connection.execute(
            text(
                "INSERT INTO housing.dwelling (building_id, unit, floor, room_number) "
                "SELECT b.id, u::text, f, (f * 100 + r)::text FROM housing.building AS b, "
                "generate_series(1, 2) AS u, generate_series(1, 3) AS f, generate_series(1, 2) AS r"
            )
        )
        connection.execute(text("ANALYZE housing.building, housing.dwelling"))
    keys = list(places)
    return {keys[n]: building for n, building in made}


def school_truths(
    engine: Engine, schools: Sequence[School], *, texts: int = 500, seed: int = 1
) -> list[Truth]:
    """Texts as published, and `texts` rooms in every kind of noise."""
    buildings = build_schools(engine, schools)
    chance = random.Random(seed)
    with engine.connect() as connection:
        rooms = {
            (row[0], row[1], row[2]): row[3]
            for row in connection.execute(
                text("SELECT building_id, unit, room_number, id FROM housing.dwelling")
            )
        }
    truths = [Truth(s.published, buildings[s.place], None, "as published") for s in schools]
    for kind in (*NOISE, "mixed"):
        for school in chance.sample(list(schools), min(texts, len(schools))):
            unit, room = chance.choice("12"), str(chance.choice([101, 102, 201, 202, 301, 302]))
            building = buildings[school.place]
            given = noisy(f"{school.stored}{unit}单元{room}室", kind, chance)
            truths.append(Truth(given, building, rooms[building, unit, room], kind))
    return truths
