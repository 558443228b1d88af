from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from etl.value_check import Fault, ValueCheck, code_names, parse_date, parse_moment
from layers.catalogue import layer_by_name

CODES = {
    "building_use": code_names({"B1": ("住宅", "Residential"), "B2": ("商业", "Commercial")}),
    "component_type": code_names({"C13-0137": ("路灯", "Street light")}),
    "register": code_names({"01": ("户籍人口", "Registered")}),
}


def checked(layer: str, **given: Any) -> tuple[dict[str, Any], set[tuple[str, str]]]:
    values, faults = answered(layer, given)
    return values, {(reason, field) for reason, field, _ in faults}


def answered(layer: str, given: dict[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    columns = {name: [value] for name, value in given.items()}
    values, faults = ValueCheck(layer_by_name(layer), CODES).check(columns, 1)
    return {name: column[0] for name, column in values.items()}, faults.get(0, [])


@pytest.mark.parametrize("given", ["B1", "b1", "住宅", "Residential", "residential"])
def test_a_code_may_be_written_as_code_or_name(given: str) -> None:
    assert checked("buildings", usage=given) == ({"usage": "B1"}, set())


@pytest.mark.parametrize(
    ("field", "given", "value"),
    [
        ("levels", "12", 12),
        ("levels", 12.0, 12),
        ("levels", "12.0", 12),
        ("height", "36.5", 36.5),
        ("name", "  一号楼 ", "一号楼"),
        ("number", 3.0, "3"),
        ("levels_estimated", "是", True),
        ("levels_estimated", "No", False),
        ("valid_from", "2024年3月1日", date(2024, 3, 1)),
        ("name", "—", None),
        ("name", "", None),
    ],
)
def test_values_become_the_declared_types(field: str, given: Any, value: Any) -> None:
    assert checked("buildings", **{field: given}) == ({field: value}, set())


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("levels", "many"),
        ("levels", "2.5"),
        ("levels", 0),
        ("levels", 201),
        ("height", -3),
        ("usage", "castle"),
        ("levels_estimated", "perhaps"),
        ("valid_from", "tomorrow"),
        ("valid_from", "2024-13-01"),
    ],
)
def test_a_bad_optional_value_is_left_out(field: str, given: Any) -> None:
    values, faults = checked("buildings", **{field: given})
    assert values == {field: None}
    assert faults == {("dropped_value", field)}


def test_a_bad_or_missing_required_value_rejects_the_row() -> None:
    assert checked("components", kind="unicorn")[1] == {("bad_code", "kind")}
    assert checked("components", kind=None)[1] == {("missing", "kind")}
    assert checked("components")[1] == {("missing", "kind")}


def test_text_too_long_is_cut_but_a_code_never() -> None:
    values, faults = checked("buildings", name="楼" * 130)
    assert values == {"name": "楼" * 120}
    assert faults == {("too_long", "name")}
    assert checked("buildings", code="X" * 65) == ({"code": None}, {("code_too_long", "code")})


def test_a_wrong_id_number_rejects_the_person_and_stays_out_of_the_report() -> None:
    given = {"name": "甲", "register": "01", "id_number": "990101199001011231"}
    _, faults = answered("persons", given)
    assert faults == [("bad_id_number", "id_number", "")]


def test_a_passport_has_no_check_digit() -> None:
    values, faults = checked(
        "persons", name="Ann", register="01", document_type="414", id_number="E12345678"
    )
    assert (values["id_number"], faults) == ("E12345678", set())


def test_equal_values_of_different_types_are_told_apart() -> None:
    check = ValueCheck(layer_by_name("buildings"), CODES)
    values, faults = check.check({"name": [1, True, 1.0, "1", None, 1]}, 6)
    assert values == {"name": ["1", "True", "1", "1", None, "1"]}
    assert faults == {}


def test_an_old_id_number_is_completed() -> None:
    values, faults = checked("persons", name="甲", register="01", id_number="990101900101123")
    assert faults == set()
    assert len(values["id_number"]) == 18


def test_sealed_values_never_stand_in_a_reason() -> None:
    _, faults = answered("persons", {"name": "甲", "register": "01", "phone": "secret"})
    assert faults == [("dropped_value", "phone", "bad_phone: ")]


def test_a_wrong_credit_code_is_left_out() -> None:
    values, faults = checked("key_sites", name="店", credit_code="91350100M000100Y44")
    assert values["credit_code"] is None
    assert faults == {("dropped_value", "credit_code")}
    assert checked("key_sites", name="店", credit_code="91350100m000100y43")[1] == set()


@pytest.mark.parametrize(
    "text", ["2024-03-01", "2024/3/1", "20240301", "2024.03.01", "2024年3月1日", "2024-03-01 08:00"]
)
def test_dates_as_people_write_them(text: str) -> None:
    assert parse_date(text) == date(2024, 3, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-01T00:30:00Z",
        "2024-03-01 08:30:00",
        "2024/3/1 8:30",
        "2024年3月1日 08:30",
        datetime(2024, 3, 1, 0, 30, tzinfo=UTC),
    ],
)
def test_moments_without_zone_are_chinese_time(text: Any) -> None:
    assert parse_moment(text) == datetime(2024, 3, 1, 0, 30, tzinfo=UTC)
