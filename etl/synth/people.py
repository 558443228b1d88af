"""Households of invented people: who lives where, how old, related how. Numbers only.

`make_people` draws everything but text for the whole city at once, so that ID numbers can be kept
unique; names and sealed columns are written piece by piece in `etl.synth.residents`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from etl.synth.housing import Dwellings, Stock
from etl.synth.shapes import Bools, Days, Floats, Ints, Random

TODAY = date(2026, 11, 20)
"""The day on which the invented city is shown, unless the caller says another."""

HEAD, SPOUSE, CHILD, SECOND, FATHER, MOTHER, MATE, GRANDCHILD = range(8)
# Members and the age range of the head of each kind of household.
KINDS: tuple[tuple[tuple[int, ...], int, int], ...] = (
    ((HEAD,), 66, 93),
    ((HEAD, SPOUSE), 60, 86),
    ((HEAD, SPOUSE), 25, 58),
    ((HEAD, SPOUSE, CHILD), 27, 53),
    ((HEAD, SPOUSE, CHILD, SECOND), 30, 50),
    ((HEAD, SPOUSE, CHILD, FATHER, MOTHER), 30, 50),
    ((HEAD, SPOUSE, CHILD, MOTHER), 30, 52),
    ((HEAD,), 22, 38),
    ((HEAD, MATE), 20, 33),
    ((HEAD, MATE, MATE), 20, 33),
    ((HEAD, MATE, MATE, MATE), 20, 32),
    ((HEAD, CHILD), 28, 50),
    ((HEAD, MATE, MATE, MATE), 18, 46),
    ((HEAD, MATE, MATE, MATE, MATE, MATE), 18, 46),
    ((HEAD, GRANDCHILD), 58, 76),
    ((HEAD, SPOUSE, GRANDCHILD), 57, 74),
)
DORMITORY = (12, 13)
LEFT_BEHIND = (14, 15)
OWNED = (0.07, 0.14, 0.19, 0.26, 0.08, 0.06, 0.06, 0.06, 0, 0, 0, 0.04, 0, 0, 0.02, 0.02)
RENTED = (0.01, 0.02, 0.23, 0.19, 0.05, 0.01, 0.02, 0.22, 0.1, 0.09, 0.04, 0.02, 0, 0, 0, 0)
HAMLET = (0.13, 0.19, 0.08, 0.08, 0.08, 0.17, 0.08, 0.01, 0, 0, 0, 0.02, 0, 0, 0.08, 0.08)
RENT_SHARE = {"home": 0.24, "villa": 0.08, "house": 0.74, "lane": 0.4, "dorm": 1.0}
REGISTERED, FLOATING, OVERSEAS, UNREGISTERED = "POP-01", "POP-02", "POP-03", "POP-04"


@dataclass(frozen=True)
class Households:
    """One entry each, in the order of dwellings."""

    dwelling: Ints
    kind: Ints
    rented: Bools
    size: Ints
    start: Ints
    """Row of the first member in `People`."""
    surname: Ints


@dataclass(frozen=True)
class People:
    """One entry each, household after household."""

    household: Ints
    role: Ints
    male: Bools
    birth: Days
    age: Ints
    register: Ints
    """0 registered, 1 floating, 2 overseas, 3 not registered."""
    serial: Ints
    """The three-digit serial of the ID number; odd for men."""
    region: Ints
    """The last four digits of the ID number's invented region 99…."""
    surname: Ints
    """Number of the family name: one's own for spouses, mothers and room mates."""

    def __len__(self) -> int:
        return len(self.household)


def _choose(random: Random, weights: tuple[float, ...], count: int) -> Ints:
    share = np.cumsum(weights) / np.sum(weights)
    return np.searchsorted(share, random.random(count)).astype(np.int64)


def make_people(
    random: Random,
    stock: Stock,
    dwellings: Dwellings,
    surnames: Floats,
    today: date,
    *,
    persons: int | None = None,
    region: int = 101,
) -> tuple[Households, People]:
    """Fill homes until they hold exactly `persons`, or nine in ten homes when None.

    `surnames` are cumulative shares of family names; `region` is the four digits after 99 of
    the ID numbers of those registered here.

    Raises: ValueError when there are too few homes.
    """
    homes = np.flatnonzero(dwellings.lived)
    building = dwellings.building[homes]
    use, hamlet = stock.use[building], stock.hamlet[building]
    share = np.zeros(len(use))
    for name, value in RENT_SHARE.items():
        share[use == name] = value
    share[hamlet] = 0.1
    rented = random.random(len(homes)) < share
    kind = np.where(rented, _choose(random, RENTED, len(homes)), _choose(random, OWNED, len(homes)))
    kind = np.where(hamlet & ~rented, _choose(random, HAMLET, len(homes)), kind)
    kind = np.where(use == "dorm", random.choice(np.array(DORMITORY), len(homes)), kind)
    sizes = np.array([len(members) for members, _, _ in KINDS])
    if persons is None:
        persons = int(sizes[kind].sum() * 0.9)
    taken = _until(random, sizes[kind], persons)
    homes, kind, rented = homes[taken], kind[taken], rented[taken]
    size = sizes[kind]
    if int(size.sum()) < persons and len(homes) and len(taken) == int(dwellings.lived.sum()):
        raise ValueError(f"there is room for {int(size.sum())} of {persons} persons")
    start = np.cumsum(size) - size
    surname = np.searchsorted(surnames, random.random(len(homes))).astype(np.int64)
    households = Households(homes, kind, rented, size, start, surname)
    return households, _members(random, households, surnames, today, region)


def _until(random: Random, size: Ints, wanted: int) -> Ints:
    """Rows in order, chosen so that their sizes add up to the wanted sum exactly if they can."""
    order = random.permutation(len(size))
    total = np.cumsum(size[order])
    last = int(np.searchsorted(total, wanted, side="right"))
    taken = order[:last]
    rest = wanted - (int(total[last - 1]) if last else 0)
    spare = order[last:]
    while rest > 0 and len(spare):
        fits = np.flatnonzero(size[spare] <= rest)
        if not len(fits):
            break
        taken = np.append(taken, spare[fits[0]])
        rest -= int(size[spare[fits[0]]])
        spare = np.delete(spare[: fits[0] + 64], fits[0])
    return np.sort(taken)


def _members(
    random: Random, households: Households, surnames: Floats, today: date, home: int
) -> People:
    widest = max(len(members) for members, _, _ in KINDS)
    roles = np.full((len(KINDS), widest), -1)
    for number, (members, _, _) in enumerate(KINDS):
        roles[number, : len(members)] = members
    household = np.repeat(np.arange(len(households.kind)), households.size)
    place = np.arange(len(household)) - households.start[household]
    role = roles[households.kind[household], place]
    count = len(household)
    low = np.array([bottom for _, bottom, _ in KINDS])[households.kind]
    high = np.array([top for _, _, top in KINDS])[households.kind]
    head_age = low + (random.beta(1.6, 1.9, len(low)) * (high - low + 1)).astype(np.int64)
    head_male = random.random(len(low)) < 0.64
    age = head_age[household]
    age = np.where(
        role == SPOUSE,
        age - np.where(head_male[household], 2, -2) + random.integers(-3, 4, count),
        age,
    )
    child = np.minimum(age - random.integers(23, 33, count), 27)
    child = np.where(role == SECOND, child - random.integers(2, 7, count), child)
    age = np.where((role == CHILD) | (role == SECOND), np.maximum(child, 0), age)
    elder = age + random.integers(23, 31, count)
    age = np.where((role == FATHER) | (role == MOTHER), np.minimum(elder, 96), age)
    mates = np.clip(age + random.integers(-7, 8, count), 18, 58)
    age = np.where(role == MATE, mates, age)
    age = np.where(role == GRANDCHILD, random.integers(1, 15, count), age)
    age = np.where(role == SPOUSE, np.maximum(age, 22), age)
    male = random.random(count) < 0.51
    male = np.where(role == HEAD, head_male[household], male)
    male = np.where(role == SPOUSE, ~head_male[household], male)
    male = np.where(role == FATHER, True, np.where(role == MOTHER, False, male))
    day = np.datetime64(today, "D") - (age * 365.2425).astype("timedelta64[D]")
    birth = day - random.integers(1, 365, count).astype("timedelta64[D]")
    register = _registers(random, households, household, role)
    own = (role == SPOUSE) | (role == MOTHER) | (role == MATE)
    surname = np.where(
        own, np.searchsorted(surnames, random.random(count)), households.surname[household]
    )
    # A child bears the father's name, also where the mother heads the household.
    spouse = np.full(len(households.kind), -1)
    spouse[household[role == SPOUSE]] = np.flatnonzero(role == SPOUSE)
    by_father = (role == CHILD) | (role == SECOND)
    by_father &= ~head_male[household] & (spouse[household] >= 0)
    surname = np.where(by_father, surname[np.maximum(spouse[household], 0)], surname)
    region, serial = _numbers(random, birth, male, register, home)
    return People(
        household, role, male, birth, age, register, serial, region, surname.astype(np.int64)
    )


def _registers(random: Random, households: Households, household: Ints, role: Ints) -> Ints:
    dice = random.random(len(household))
    away = random.random(len(households.kind))
    floating = np.where(households.rented, away < 0.82, away < 0.09)[household]
    register = np.where(floating, 1, 0)
    abroad = (random.random(len(households.kind)) < 0.0045)[household]
    register = np.where(abroad & (role <= SPOUSE), 2, register)
    return np.where((register == 0) & (dice < 0.0018), 3, register)


def _numbers(
    random: Random, birth: Days, male: Bools, register: Ints, home: int
) -> tuple[Ints, Ints]:
    """Regions and serials such that no two ID numbers are equal."""
    away = home + 100 * random.integers(1, 61, len(male)) + random.integers(0, 98, len(male))
    region = np.where(register == 1, away, home)
    key = (region * 100_000 + birth.astype(np.int64) + 40_000) * 2 + male
    order = np.argsort(key, kind="stable")
    first = np.concatenate([[True], key[order][1:] != key[order][:-1]])
    run = np.arange(len(key)) - np.maximum.accumulate(np.where(first, np.arange(len(key)), 0))
    rank = np.empty(len(key), dtype=np.int64)
    rank[order] = run
    if int(rank.max(initial=0)) > 498:
        raise ValueError("more than 499 persons of one sex share a region and a birthday")
    return region, rank * 2 + np.where(male, 1, 2)
