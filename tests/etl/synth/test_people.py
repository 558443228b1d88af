"""Invented households: believable ages and relations, numbers that are right and nobody's."""

from __future__ import annotations

import numpy as np
import pytest

from etl.synth import residents
from etl.synth.city import plan_city
from etl.synth.housing import areas_of, make_dwellings, make_houses, make_stock
from etl.synth.people import (
    CHILD,
    FATHER,
    GRANDCHILD,
    HEAD,
    MOTHER,
    SECOND,
    SPOUSE,
    TODAY,
    Households,
    People,
    make_people,
)
from etl.synth.places import credit_codes
from etl.synth.sizes import DEMO
from etl.synth.territory import make_areas
from layers.core.identifiers import credit_code_fault, id_number_fault, id_sex

Crowd = tuple[Households, People]


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    city = plan_city(DEMO, 1)
    areas = make_areas(city)
    stock = make_stock(city, make_houses(city, areas, 1, 1), areas_of(city, areas))
    return make_people(
        city.random(31),
        stock,
        make_dwellings(stock),
        residents.surname_shares(),
        TODAY,
        persons=DEMO.persons,
    )


def test_the_city_holds_exactly_its_persons(crowd: Crowd) -> None:
    households, people = crowd
    assert len(people) == DEMO.persons
    assert int(households.size.sum()) == DEMO.persons
    assert len(np.unique(households.dwelling)) == len(households.dwelling)


def test_ages_fit_relations(crowd: Crowd) -> None:
    households, people = crowd
    head = people.age[households.start][people.household]
    young = np.isin(people.role, (CHILD, SECOND, GRANDCHILD))
    old = np.isin(people.role, (FATHER, MOTHER))
    assert (head[young] - people.age[young]).min() >= 16
    assert (people.age[old] - head[old]).min() >= 16
    assert people.age.min() >= 0
    assert people.age.max() <= 105
    assert people.age[people.role == HEAD].min() >= 18


def test_couples_are_of_two_sexes_and_heads_come_first(crowd: Crowd) -> None:
    households, people = crowd
    assert (people.role[households.start] == HEAD).all()
    spouses = people.role == SPOUSE
    head_is_man = people.male[households.start][people.household[spouses]]
    assert (head_is_man != people.male[spouses]).all()


def test_id_numbers_are_right_unique_and_of_no_region(crowd: Crowd) -> None:
    _, people = crowd
    numbers = residents.id_numbers(people.region, people.birth, people.serial)
    assert len(set(numbers)) == len(numbers)
    assert all(number.startswith("99") for number in numbers)
    assert [number for number in numbers if id_number_fault(number)] == []
    assert [id_sex(number) == "1" for number in numbers] == people.male.tolist()


def test_credit_codes_are_right() -> None:
    codes = credit_codes(np.random.default_rng(1), 200)
    assert len(set(codes)) == 200
    assert [code for code in codes if credit_code_fault(code)] == []


def test_there_are_old_and_young_locals_and_newcomers(crowd: Crowd) -> None:
    _, people = crowd
    share = np.bincount(people.register, minlength=4) / len(people)
    assert 0.4 < share[0] < 0.8
    assert 0.15 < share[1] < 0.55
    assert share[2] > 0
    assert share[3] > 0
    assert 0.08 < np.mean(people.age >= 65) < 0.3
    assert 0.06 < np.mean(people.age < 15) < 0.25
