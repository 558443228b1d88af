"""Writes dwellings, persons, residences and rentals as COPY text, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from etl.synth.housing import Dwellings, Stock
from etl.synth.names import words
from etl.synth.people import (
    CHILD,
    DORMITORY,
    FATHER,
    GRANDCHILD,
    HEAD,
    LEFT_BEHIND,
    MATE,
    MOTHER,
    SECOND,
    SPOUSE,
    Households,
    People,
)
from etl.synth.shapes import Bools, Days, Floats, Ints, Random, Words
from etl.synth.territory import SOURCE
from etl.synth.text import Block, block
from layers.core.sealing import Sealer

REGISTERS = np.array(["POP-01", "POP-02", "POP-03", "POP-04"])
CLASSES = ("LG1", "LG2", "LG3", "LG4")
HOUSE_USE = {"dorm": "U2", "shop": "U5", "mall": "U5", "office": "U4"}
INTERVALS = np.array([21, 14, 7, 7])
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECKS = np.array(list("10X98765432"))
_RELATION = {  # role: man's code, woman's code (GB/T 4761)
    HEAD: ("02", "02"),
    SPOUSE: ("11", "12"),
    CHILD: ("20", "30"),
    SECOND: ("23", "33"),
    FATHER: ("51", "51"),
    MOTHER: ("52", "52"),
    MATE: ("99", "99"),
    GRANDCHILD: ("41", "42"),
}
Texts = list[str | None]


@dataclass(frozen=True)
class Town:
    """Everything the writer of one piece needs; shared by all pieces."""

    seed: int
    stock: Stock
    dwellings: Dwellings
    households: Households
    people: People
    first_dwelling: int
    first_person: int
    today: date
    sealer: Sealer


def surname_shares() -> Floats:
    """Return the cumulative shares of the family names in data/synth/people.toml."""
    weights = np.array([weight for _, weight in words("people")["surnames"]], dtype=np.float64)
    shares: Floats = np.cumsum(weights) / weights.sum()
    return shares


def id_numbers(region: Ints, birth: Days, serial: Ints) -> list[str]:
    """Return 18-character numbers of the invented regions 99…, check character by GB 11643."""
    texts = np.char.replace(np.datetime_as_string(birth, unit="D"), "-", "")
    days = texts.astype(np.int64)
    body = np.char.add(
        np.char.add("99", np.char.zfill(region.astype("<U4"), 4)),
        np.char.add(texts, np.char.zfill(serial.astype("<U3"), 3)),
    )
    digits = np.concatenate(
        [
            np.full((len(days), 2), 9),
            _digits(region, 4),
            _digits(days, 8),
            _digits(serial, 3),
        ],
        axis=1,
    )
    result: list[str] = np.char.add(body, _CHECKS[digits @ _WEIGHTS % 11]).tolist()
    return result


def _digits(value: Ints, count: int) -> Ints:
    return value[:, None] // 10 ** np.arange(count - 1, -1, -1) % 10


def given_names(random: Random, male: Bools, born: Ints) -> Words:
    """Return given names of one or two syllables by sex and year of birth."""
    parts = words("people")
    generation = np.where(born < 1970, 0, np.where(born < 1995, 1, 2))
    result = np.empty(len(male), dtype="<U2")
    for sex, key in ((True, "male"), (False, "female")):
        for number in range(3):
            rows = np.flatnonzero((male == sex) & (generation == number))
            letters = np.array(list(parts[key][number]))
            first = letters[random.integers(0, len(letters), len(rows))]
            second = letters[random.integers(0, len(letters), len(rows))]
            short = (random.random(len(rows)) < (0.3, 0.24, 0.12)[number]) | (first == second)
            result[rows] = np.char.add(first, np.where(short, "", second))
    return result


def full_names(
    random: Random,
    surname: Ints,
    male: Bools,
    born: Ints,
) -> list[str]:
    """Return family and given names."""
    families = np.array([name for name, _ in words("people")["surnames"]])
    result: list[str] = np.char.add(families[surname], given_names(random, male, born)).tolist()
    return result


def phones(random: Random, count: int) -> list[str]:
    """Return eleven-digit numbers that begin with 1999."""
    return [f"1999{value:07d}" for value in random.integers(0, 10_000_000, count).tolist()]


def pieces(town: Town, per_piece: int) -> list[tuple[int, int]]:
    """Return ranges of dwellings, each to be written as one piece."""
    total = len(town.dwellings)
    return [(start, min(start + per_piece, total)) for start in range(0, total, per_piece)]


def write_piece(town: Town, start: int, stop: int) -> list[Block]:
    """Return the rows of one range of dwellings and of all who live in it."""
    random = np.random.default_rng([town.seed, 33, start])
    households = town.households
    first, last = np.searchsorted(households.dwelling, [start, stop]).tolist()
    members = slice(
        int(households.start[first]) if first < len(households.start) else len(town.people),
        int(households.start[last]) if last < len(households.start) else len(town.people),
    )
    people = _People.write(town, random, members)
    heads = people.rows_of(town, first, last)
    dwellings, lessors = _dwellings(town, random, start, stop, first, last, heads, people)
    return [
        dwellings,
        *_persons(town, random, members, people),
        *_residences(town, random, start, stop, members),
        _rentals(town, random, first, last, lessors),
        *_care(town, random, members),
    ]


@dataclass(frozen=True)
class _People:
    names: list[str]
    phones: Texts
    numbers: Texts
    first: int

    @classmethod
    def write(cls, town: Town, random: Random, members: slice) -> _People:
        people = town.people
        born = people.birth[members].astype("datetime64[Y]").astype(np.int64) + 1970
        names = full_names(random, people.surname[members], people.male[members], born)
        numbers: Texts = list(
            id_numbers(people.region[members], people.birth[members], people.serial[members])
        )
        dice = random.random(len(names))
        has = (people.age[members] >= 14) & (dice < 0.93)
        calls: Texts = [
            text if good else None
            for text, good in zip(phones(random, len(names)), has, strict=True)
        ]
        parts = words("people")
        for row in np.flatnonzero(people.register[members] == 2).tolist():
            given, family = parts["overseas_given"], parts["overseas_family"]
            names[row] = (
                f"{given[int(random.integers(len(given)))]} "
                f"{family[int(random.integers(len(family)))]}"
            )
            numbers[row] = None
        return cls(names, calls, numbers, members.start)

    def rows_of(self, town: Town, first: int, last: int) -> Ints:
        """Places of the household heads within this piece."""
        heads: Ints = town.households.start[first:last] - self.first
        return heads


def _mask_name(name: str) -> str:
    return name[:1] + "*" * max(1, len(name) - 1)


def _mask_phone(text: str | None) -> str | None:
    return None if text is None else f"{text[:3]}****{text[-4:]}"


def _sealed(town: Town, field: str, texts: Texts) -> Texts:
    """Texts sealed under `field`, "<layer>.<field>", as the rest of the platform opens them."""
    seal = town.sealer.seal
    return [None if text is None else "\\\\x" + seal(field, text).hex() for text in texts]


def _blind(town: Town, field: str, texts: Texts) -> Texts:
    blind = town.sealer.blind
    return [None if text is None else "\\\\x" + blind(field, text).hex() for text in texts]


def _owners(
    random: Random, count: int, here: Ints, head: Ints, people: _People
) -> tuple[list[str], Texts]:
    """Names and phones of owners: the head of the household (-1: let) or somebody elsewhere."""
    names = full_names(
        random,
        np.searchsorted(surname_shares(), random.random(count)),
        random.random(count) < 0.6,
        random.integers(1950, 1995, count),
    )
    calls: Texts = list(phones(random, count))
    for row, member in zip(here.tolist(), head.tolist(), strict=True):
        if member >= 0:
            names[row], calls[row] = people.names[member], people.phones[member]
    return names, calls


def _dwellings(
    town: Town,
    random: Random,
    start: int,
    stop: int,
    first: int,
    last: int,
    heads: Ints,
    people: _People,
) -> tuple[Block, tuple[list[str], Texts]]:
    d, b, households = town.dwellings, town.stock, town.households
    building = d.building[start:stop]
    count = stop - start
    use = b.use[building]
    tenure = np.where(d.lived[start:stop], "T5", "T6").astype("<U2")
    here = households.dwelling[first:last] - start
    tenure[here] = np.where(households.rented[first:last], "T3", "T2")
    tenure[use == "dorm"] = "T4"
    names, calls = _owners(
        random, count, here, np.where(households.rented[first:last], -1, heads), people
    )
    unit, floor, room = d.unit[start:stop], d.floor[start:stop], d.room[start:stop]
    number = (floor * 100 + room).tolist()
    rooms = [str(value) for value in number]
    addresses = [
        f"{town.stock.address[row]}{u}单元{r}室" if u else f"{town.stock.address[row]}{r}室"
        for row, u, r in zip(building.tolist(), unit.tolist(), rooms, strict=True)
    ]
    codes = [
        f"{town.stock.code[row]}{u:02d}{r:05d}" if town.stock.code[row] else None
        for row, u, r in zip(building.tolist(), unit.tolist(), number, strict=True)
    ]
    share = np.where(use == "home", (b.units * b.homes)[building], np.maximum(b.homes[building], 2))
    area = b.width[building] * b.depth[building] * 0.86 / np.maximum(share, 1)
    ids = np.arange(start, stop) + town.first_dwelling
    vacant = tenure == "T5"
    rows = block(
        "housing.dwelling",
        count,
        {
            "id": ids,
            "code": codes,
            "building_id": town.stock.id[building],
            "unit": [str(u) if u else "" for u in unit.tolist()],
            "floor": floor,
            "room_number": rooms,
            "usage": [HOUSE_USE.get(str(one), "U1") for one in use],
            "tenure": tenure,
            "ownership": np.where(
                np.isin(use, ("dorm", "office", "mall")),
                "O3",
                np.where((use == "lane") & (room % 3 == 0), "O2", "O1"),
            ),
            "floor_area": np.round(np.clip(area, 16, 420), 1),
            "state": np.where(
                vacant, "vacant", np.where(random.random(count) < 0.96, "collected", "partly")
            ),
            "owner_name": [_mask_name(name) for name in names],
            "owner_name_cipher": _sealed(town, "dwellings.owner_name", list(names)),
            "owner_phone": [_mask_phone(call) for call in calls],
            "owner_phone_cipher": _sealed(town, "dwellings.owner_phone", calls),
            "address": addresses,
            "area_code": [town.stock.area[row] for row in building.tolist()],
            "source": SOURCE,
        },
    )
    return rows, ([names[row] for row in here.tolist()], [calls[row] for row in here.tolist()])


def _persons(town: Town, random: Random, members: slice, texts: _People) -> Iterator[Block]:
    people, households = town.people, town.households
    count = len(texts.names)
    register = people.register[members]
    kind = households.kind[people.household[members]]
    role, age = people.role[members], people.age[members]
    left = np.full(count, "", dtype="<U7")
    left[np.isin(kind, LEFT_BEHIND) & (role == GRANDCHILD)] = "LEFT-03"
    left[np.isin(kind, LEFT_BEHIND) & (role <= SPOUSE)] = "LEFT-01"
    floating, foreign = register == 1, register == 2
    dwelling = households.dwelling[people.household[members]]
    area = [town.stock.area[row] for row in town.dwellings.building[dwelling].tolist()]
    reason = np.where(age < 18, "06", np.where(age > 60, "08", "01"))
    expires = np.datetime64(town.today, "D") + random.integers(-40, 700, count)
    arrived = np.datetime64(town.today, "D") - random.integers(20, 1500, count)
    countries = words("people")["nationalities"]
    country = random.integers(0, len(countries), count).tolist()
    numbers = texts.numbers
    yield block(
        "people.person",
        count,
        {
            "id": np.arange(members.start, members.stop) + town.first_person,
            "name": [_mask_name(name) for name in texts.names],
            "name_cipher": _sealed(town, "persons.name", list(texts.names)),
            "name_index": _blind(town, "persons.name", list(texts.names)),
            "document_type": np.where(foreign, "414", "111"),
            "id_number": [None if n is None else f"{n[:6]}********{n[-4:]}" for n in numbers],
            "id_number_cipher": _sealed(town, "persons.id_number", numbers),
            "id_number_index": _blind(town, "persons.id_number", numbers),
            "phone": [_mask_phone(call) for call in texts.phones],
            "phone_cipher": _sealed(town, "persons.phone", texts.phones),
            "phone_index": _blind(town, "persons.phone", texts.phones),
            "sex": np.where(people.male[members], "1", "2"),
            "birth_date": people.birth[members],
            "register": REGISTERS[register],
            "left_behind": left,
            "registered_area": [
                None if f else f"99{r:04d}"
                for f, r in zip(foreign.tolist(), people.region[members].tolist(), strict=True)
            ],
            "inflow_reason": np.where(floating, reason, ""),
            "permit_type": np.where(floating, "01", ""),
            "permit_expires": np.where(floating, expires, np.datetime64("NaT")),
            "nationality": [
                countries[c] if f else None for c, f in zip(country, foreign.tolist(), strict=True)
            ],
            "arrival_date": np.where(foreign, arrived, np.datetime64("NaT")),
            "not_registered_reason": [
                "出生后未申报" if value == 3 else None for value in register.tolist()
            ],
            "area_code": area,
            "source": SOURCE,
        },
    )


def _residences(
    town: Town, random: Random, start: int, stop: int, members: slice
) -> Iterator[Block]:
    people, households = town.people, town.households
    household = people.household[members]
    dwelling = households.dwelling[household]
    rented = households.rented[household]
    dorm = np.isin(households.kind[household], DORMITORY)
    role, male = people.role[members], people.male[members]
    count = len(household)
    if not count:
        return
    relation = np.empty(count, dtype="<U2")
    for number, (man, woman) in _RELATION.items():
        rows = role == number
        relation[rows] = np.where(male[rows], man, woman)
    kind = np.where(dorm, "L05", np.where(rented, "L02", "L01"))
    kind = np.where((kind == "L01") & (role == MATE), "L04", kind)
    first = int(household[0])
    stays = random.random(int(household[-1]) - first + 1)[household - first]
    stay = np.where(
        dorm,
        random.integers(30, 900, count),
        np.where(rented, 30 + stays * 1400, 200 + stays * 8800),
    ).astype(np.int64)
    age_days = (np.datetime64(town.today, "D") - people.birth[members]).astype(np.int64)
    since = np.datetime64(town.today, "D") - np.minimum(stay, age_days)
    person = np.arange(members.start, members.stop) + town.first_person
    yield _residence_block(
        town,
        person,
        dwelling,
        kind,
        True,
        household,
        relation,
        since,
        np.full(count, np.datetime64("NaT")),
    )
    moved = np.flatnonzero((random.random(count) < 0.06) & (role == HEAD))
    homes = start + np.flatnonzero(town.dwellings.lived[start:stop])
    earlier = homes[random.integers(0, len(homes), len(moved))]
    other = earlier != dwelling[moved]
    moved, earlier = moved[other], earlier[other]
    began = since[moved] - random.integers(200, 2200, len(moved))
    yield _residence_block(
        town,
        person[moved],
        earlier,
        np.full(len(moved), "L02"),
        False,
        household[moved],
        np.full(len(moved), "02"),
        began,
        since[moved],
    )


def _residence_block(
    town: Town,
    person: Ints,
    dwelling: Ints,
    kind: Words,
    home: bool,
    household: Ints,
    relation: Words,
    since: Days,
    until: Days,
) -> Block:
    building = town.dwellings.building[dwelling]
    return block(
        "people.residence",
        len(person),
        {
            "person_id": person,
            "dwelling_id": dwelling + town.first_dwelling,
            "building_id": town.stock.id[building],
            "kind": kind,
            "is_home": home,
            "household": [
                f"H{value:09d}"
                for value in (town.households.dwelling[household] + town.first_dwelling).tolist()
            ],
            "relation": relation,
            "valid_from": since,
            "valid_to": until,
            "area_code": [town.stock.area[row] for row in building.tolist()],
            "source": SOURCE,
        },
    )


def _rentals(
    town: Town, random: Random, first: int, last: int, lessors: tuple[list[str], Texts]
) -> Block:
    households = town.households
    rows = np.flatnonzero(
        households.rented[first:last] & ~np.isin(households.kind[first:last], DORMITORY)
    )
    dwelling = households.dwelling[first:last][rows]
    count = len(rows)
    level = np.searchsorted([0.62, 0.86, 0.985], random.random(count))
    interval = INTERVALS[level]
    today = np.datetime64(town.today, "D")
    seen = today - np.minimum(random.integers(0, 30, count), interval + 3)
    names = [lessors[0][row] for row in rows.tolist()]
    calls = [lessors[1][row] for row in rows.tolist()]
    building = town.dwellings.building[dwelling]
    return block(
        "housing.rental",
        count,
        {
            "dwelling_id": dwelling + town.first_dwelling,
            "rental_class": [CLASSES[value] for value in level.tolist()],
            "usage": "R02",
            "inspection_interval": interval,
            "last_inspection": seen,
            "next_inspection": seen + interval,
            "tenants": households.size[first:last][rows],
            "lessor_name": [_mask_name(name) for name in names],
            "lessor_name_cipher": _sealed(town, "rentals.lessor_name", list(names)),
            "lessor_phone": [_mask_phone(call) for call in calls],
            "lessor_phone_cipher": _sealed(town, "rentals.lessor_phone", calls),
            "valid_from": today - random.integers(10, 1200, count),
            "area_code": [town.stock.area[row] for row in building.tolist()],
            "source": SOURCE,
        },
    )


def _care(town: Town, random: Random, members: slice) -> Iterator[Block]:
    people, households = town.people, town.households
    age = people.age[members]
    kind = households.kind[people.household[members]]
    dice = random.random(len(age))
    group = np.full(len(age), "", dtype="<U7")
    group[dice < 0.0045] = "DIS-03"
    group[dice < 0.0015] = "HARD-05"
    group[(kind == 0) & (dice < 0.3)] = "CARE-01"
    group[(age >= 84) & (dice > 0.75)] = "ELD-04"
    rows = np.flatnonzero(group != "")
    if not len(rows):
        return
    today = np.datetime64(town.today, "D")
    dwelling = households.dwelling[people.household[members][rows]]
    building = town.dwellings.building[dwelling]
    note = _sealed(town, "care_records.note", ["身体尚可，按期走访。"] * len(rows))
    # One in eight was last visited longer ago than its interval; a few wait for the first visit.
    interval = random.choice(np.array([7, 14, 30, 30, 90]), len(rows))
    last = today - (random.random(len(rows)) * 1.14 * (interval + 1)).astype(np.int64)
    begun = last - 3 * interval - random.integers(0, 800, len(rows))
    is_new = random.random(len(rows)) < 0.02
    last = np.where(is_new, np.datetime64("NaT"), last)
    begun = np.where(is_new, today - random.integers(0, 20, len(rows)), begun)
    yield block(
        "people.care_record",
        len(rows),
        {
            "person_id": rows + members.start + town.first_person,
            "care_group": group[rows],
            "lawful_basis": "老年人权益保障法、残疾人保障法及社会救助暂行办法",
            "purpose": "定期走访与生活帮扶",
            "responsible": "社区民政专员",
            "review_date": today + random.integers(-12, 360, len(rows)),
            "visit_interval": interval,
            "last_visit": last,
            "valid_from": begun,
            "note": "＊＊＊",
            "note_cipher": note,
            "area_code": [town.stock.area[row] for row in building.tolist()],
            "source": SOURCE,
        },
    )
