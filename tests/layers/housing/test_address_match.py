"""Addresses find their building and room within the reader's areas, or say that they are unsure."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from layers.core.database import owner_transaction, reader_transaction
from layers.core.errors import Forbidden
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.housing.address import parse
from layers.housing.address_match import Candidate, Match, judge, match_addresses
from tests.bench.addresses import match_all, shares
from tests.builders.addresses import city_truths, numeral, spelt
from tests.builders.two_sides import (
    COUNTY,
    EAST,
    EVERYBODY,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    build_two_sides,
    reader,
)


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


def match(engine: Engine, asker: Reader, *texts: str) -> list[Match]:
    with reader_transaction(engine, asker) as connection:
        return match_addresses(connection, asker, texts)


def test_a_room_is_found_in_every_writing(module_engine: Engine, town: TwoSides) -> None:
    texts = ["云溪花园1区1幢1单元201室", "云溪花园1区１号楼1-２０１", "云溪花园1区一幢一单元二〇一"]
    for found in match(module_engine, EVERYBODY, *texts):
        assert (found.building_id, found.dwelling_id, found.verdict) == (
            town.west("buildings"),
            town.west("dwellings"),
            "sure",
        )


def test_answers_stand_in_the_order_of_the_texts(module_engine: Engine, town: TwoSides) -> None:
    texts = ["云溪花园2区2幢", "不知道", "云溪花园1区1幢", "", "云溪花园2区2幢201"]
    found = match(module_engine, EVERYBODY, *texts)
    assert [each.text for each in found] == texts
    west, east = town.west("buildings"), town.east("buildings")
    assert [each.building_id for each in found] == [east, None, west, None, east]
    assert [each.verdict for each in found] == ["sure", "none", "sure", "none", "sure"]
    again = match(module_engine, EVERYBODY, texts[0], texts[2], texts[0])
    assert [each.building_id for each in again] == [east, west, east]
    assert match(module_engine, EVERYBODY) == []


def test_what_lies_outside_the_readers_areas_is_not_there(
    module_engine: Engine, town: TwoSides
) -> None:
    own, other = match(module_engine, SUPERVISOR_WEST, "云溪花园1区1幢", "云溪花园2区2幢")
    assert own.building_id == town.west("buildings")
    assert (other.building_id, other.verdict, other.candidates) == (None, "none", ())


def test_rooms_are_for_those_who_may_see_them(module_engine: Engine, town: TwoSides) -> None:
    (found,) = match(module_engine, reader(Role.OPERATOR, COUNTY), "云溪花园1区1幢1单元201室")
    assert (found.building_id, found.dwelling_id) == (town.west("buildings"), None)
    assert found.verdict == "unsure", "the room is not known to this reader"
    with pytest.raises(Forbidden):
        match(module_engine, Reader(1, "nobody", ()), "云溪花园1区1幢")


def test_a_name_of_several_is_unsure_and_a_room_that_is_not_there_too(
    module_engine: Engine, town: TwoSides
) -> None:
    several, missing = match(module_engine, EVERYBODY, "云溪花园", "云溪花园1区1幢1单元999室")
    assert several.verdict == "unsure"
    assert {each.building_id for each in several.candidates} == set(town.ids["buildings"].values())
    assert (missing.building_id, missing.dwelling_id) == (town.west("buildings"), None)
    assert missing.verdict == "unsure"


def test_old_names_lead_to_the_place_of_today_where_they_are_used(engine: Engine) -> None:
    town = build_two_sides(engine)
    with owner_transaction(engine) as connection:
        connection.execute(
            text(
                "INSERT INTO housing.address_alias (kind, alias, name, reason, area_code) "
                "VALUES ('compound', '红星大队', '云溪花园1区', 'former', :west)"
            ),
            {"west": WEST},
        )
    (found,) = match(engine, EVERYBODY, "红星大队1号201")
    assert (found.building_id, found.dwelling_id) == (
        town.west("buildings"),
        town.west("dwellings"),
    )
    (hidden,) = match(engine, reader(Role.SUPERVISOR, EAST), "红星大队1号201")
    assert hidden.verdict == "none"


def test_one_wrong_letter_finds_the_compound_but_is_unsure(
    module_engine: Engine, town: TwoSides
) -> None:
    (found,) = match(module_engine, EVERYBODY, "云汐花园1区1幢201")
    assert (found.building_id, found.verdict) == (town.west("buildings"), "unsure")


def candidate(building: int, score: float, dwelling: int | None = None) -> Candidate:
    return Candidate(building, dwelling, score, "", "")


@pytest.mark.parametrize(
    ("text", "candidates", "verdict", "building", "dwelling"),
    [
        ("澄湖路1号", [], "none", None, None),
        ("澄湖路1号", [candidate(1, 1.0)], "sure", 1, None),
        ("澄湖路1号", [candidate(1, 1.0), candidate(2, 0.8)], "sure", 1, None),
        ("澄湖路1号", [candidate(1, 1.0), candidate(2, 0.98)], "unsure", 1, None),
        ("澄湖路1号", [candidate(1, 0.6)], "unsure", 1, None),
        ("澄湖路1号201室", [candidate(1, 1.0)], "unsure", 1, None),
        ("澄湖路1号201室", [candidate(1, 1.0, 7), candidate(2, 1.0)], "sure", 1, 7),
        ("澄湖路1号201室", [candidate(1, 0.9, 7), candidate(1, 0.9, 8)], "unsure", 1, None),
    ],
)
def test_a_match_is_sure_when_nothing_else_comes_near(
    text: str, candidates: list[Candidate], verdict: str, building: int | None, dwelling: int | None
) -> None:
    found = judge(text, parse(text), candidates)
    assert (found.verdict, found.building_id, found.dwelling_id) == (verdict, building, dwelling)


@pytest.mark.parametrize(
    ("number", "counted"),
    [(3, "三"), (10, "十"), (12, "十二"), (20, "二十"), (103, "一百零三"), (110, "一百一十"),
     (214, "二百一十四"), (1005, "一千零五"), (1203, "一千二百零三")],
)  # fmt: skip
def test_the_noise_counts_as_people_do(number: int, counted: str) -> None:
    assert numeral(number) == counted
    assert spelt("201") == "二〇一"


def test_the_addresses_of_a_city_are_found_through_noise(city_engine: Engine) -> None:
    with city_engine.connect() as connection:
        truths = city_truths(connection, 60)
    found = {
        share.name: share
        for share in shares(truths, match_all(city_engine, [truth.text for truth in truths]))
    }
    for name, share in found.items():
        assert share.wrong == 0, name
        least = 0.6 if name == "wrong letter" else 0.97
        assert share.building / share.asked >= least, name
        if name not in ("wrong letter", "unit dropped"):
            assert share.room / share.rooms >= 0.93, name
