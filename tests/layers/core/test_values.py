"""Values against the declaration: types, ranges, codes, identifiers; every fault at once."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.catalogue import LAYERS, layer_by_name
from layers.core.errors import Invalid
from layers.core.identifiers import id_check_digit
from layers.core.model import field_kind
from layers.core.sealing import HIDDEN, mask
from layers.core.values import checked_values, converted, is_finite_number, sealed_values
from tests.builders.two_sides import SEALER

CODES = {"building_use": {"B1"}, "register": {"POP-01"}, "tenure": {"T2"}, "id_document": {"414"}}


def codes(table: str) -> set[str]:
    return CODES.get(table, set())


def check(layer: str, values: dict[str, Any], *, partial: bool = True) -> dict[str, Any]:
    return checked_values(layer_by_name(layer), values, codes, partial=partial)


def faults(layer: str, values: dict[str, Any], *, partial: bool = True) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        check(layer, values, partial=partial)
    return {fault.field: fault.reason for fault in caught.value.faults}


def test_good_values_come_back_in_their_types() -> None:
    given = {"levels": "6", "height": 18, "built_year": 1999.0, "valid_from": "2020-05-01"}
    assert check("buildings", given | {"name": " 3幢 "}) == {
        "levels": 6,
        "height": 18.0,
        "built_year": 1999,
        "valid_from": date(2020, 5, 1),
        "name": "3幢",
    }


def test_every_fault_is_told_at_once() -> None:
    found = faults(
        "buildings",
        {
            "levels": 0,
            "height": "tall",
            "usage": "B99",
            "number": "x" * 31,
            "levels_estimated": "yes",
            "valid_to": "tomorrow",
            "area_code": "99",
            "colour": "red",
        },
    )
    assert set(found) == {
        "levels",
        "height",
        "usage",
        "number",
        "levels_estimated",
        "valid_to",
        "area_code",
        "colour",
    }
    assert found["area_code"] == "read only"
    assert "name" in found["colour"], "an unknown field is answered with the known ones"


@pytest.mark.parametrize("blank", [None, "", "   ", "\u3000"])
def test_required_fields_may_not_be_blank(blank: str | None) -> None:
    assert faults("compounds", {"name": blank}) == {"name": "required"}


def test_required_fields_may_be_left_out_of_a_change_only() -> None:
    assert check("compounds", {"alias": "老区"}) == {"alias": "老区"}
    assert faults("compounds", {"alias": "老区"}, partial=False) == {"name": "required"}
    assert "building_id" in faults("dwellings", {"floor": 1, "room_number": "1"}, partial=False)


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, 10**400, "nan", "1e999", True, []]
)
def test_what_is_no_finite_number_is_refused(value: object) -> None:
    assert set(faults("buildings", {"height": value})) == {"height"}
    assert set(faults("buildings", {"levels": value})) == {"levels"}


@pytest.mark.parametrize("value", [math.nan, -math.inf, 10**400, True, "1", None, [1]])
def test_what_no_float_can_hold_is_no_finite_number(value: object) -> None:
    assert not is_finite_number(value)


@pytest.mark.parametrize("value", [0, -1.5, 10**300, 2**63])
def test_a_large_number_is_a_finite_one(value: float) -> None:
    assert is_finite_number(value)


@pytest.mark.parametrize("value", ["a\x00b", "\ud800", "ok\udfff"])
def test_text_that_cannot_be_stored_is_refused(value: str) -> None:
    assert set(faults("buildings", {"name": value})) == {"name"}


def test_times_need_an_offset() -> None:
    kind = field_kind(layer_by_name("incidents").column("occurred_at"))
    assert converted("2030-01-01T08:00:00Z", kind) == datetime(2030, 1, 1, 8, tzinfo=UTC)
    with pytest.raises(ValueError, match="offset"):
        converted("2030-01-01T08:00:00", kind)


def test_identifiers_are_checked_and_kept_in_one_form() -> None:
    body = "99010119800101001"
    number = body + id_check_digit(body)
    assert check("persons", {"id_number": f" {number[:6]} {number[6:]}"})["id_number"] == number
    old = f"{number[:6]}{number[8:17]}"
    assert check("persons", {"id_number": old})["id_number"] == number
    assert "id_number" in faults("persons", {"id_number": body + "A"})
    passport = {"id_number": "E12345678", "document_type": "414"}
    assert check("persons", passport)["id_number"] == "E12345678"
    credit = check("key_sites", {"credit_code": "91350100m000100y43"})
    assert credit["credit_code"] == "91350100M000100Y43"


@pytest.mark.parametrize("text", ["王*", "990101********0014", HIDDEN])
def test_masked_text_is_never_taken_for_a_value(text: str) -> None:
    assert "masked" in faults("persons", {"name": text})["name"]


@given(st.sampled_from(LAYERS), st.dictionaries(st.text(), st.from_type(object), max_size=3))
def test_unknown_fields_are_always_faults(layer: Any, values: dict[str, Any]) -> None:
    unknown = {name: value for name, value in values.items() if name not in layer.fields}
    if unknown:
        with pytest.raises(Invalid) as caught:
            checked_values(layer, unknown, codes, partial=True)
        assert {fault.field for fault in caught.value.faults} == set(unknown)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(st.data(), st.sampled_from(LAYERS), JSON)
def test_any_json_is_taken_or_refused_never_a_crash(data: Any, layer: Any, value: Any) -> None:
    name = data.draw(st.sampled_from(list(layer.fields)))
    try:
        checked = checked_values(layer, {name: value}, codes, partial=True)
    except Invalid as error:
        assert {fault.field for fault in error.faults} == {name}  # noqa: PT017
    else:
        assert set(checked) == {name}


@given(st.text(min_size=1, max_size=30).filter(lambda text: not set(text) & set("*＊")))
def test_sealing_shows_the_mask_and_keeps_the_text(name: str) -> None:
    persons = layer_by_name("persons")
    stored = sealed_values(persons, {"name": name}, SEALER)
    assert stored["name"] == mask("name", name)
    assert SEALER.open("persons.name", stored["name_cipher"]) == name
    assert stored["name_index"] == SEALER.blind("persons.name", name)


def test_an_emptied_sensitive_field_loses_all_its_columns() -> None:
    stored = sealed_values(layer_by_name("persons"), {"phone": None}, SEALER)
    assert stored == {"phone": None, "phone_cipher": None, "phone_index": None}
