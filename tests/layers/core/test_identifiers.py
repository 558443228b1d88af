from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core import identifiers

digits = st.text("0123456789", min_size=3, max_size=3)
dates = st.dates(date(1900, 1, 1), date(2030, 12, 31))


def number_of(born: date, serial: str) -> str:
    body = f"990101{born:%Y%m%d}{serial}"
    return body + identifiers.id_check_digit(body)


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_published_id_numbers_are_valid(number: str) -> None:
    assert identifiers.is_id_number(number)
    assert identifiers.is_id_number(f" {number.lower()} ")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("110105194912310021", "check character"),
        ("11010519491331002X", "birth date"),
        ("1101051949123100", "17 digits"),
        ("", "17 digits"),
        ("１１０１０５１９４９１２３１００２X", "17 digits"),
    ],
)
def test_faults_of_id_numbers_are_named(number: str, reason: str) -> None:
    assert reason in (identifiers.id_number_fault(number) or "")


def test_an_old_number_of_15_digits_gets_century_and_check() -> None:
    assert identifiers.normalise_id_number("110105491231002") == "11010519491231002X"
    assert identifiers.is_id_number("110105491231002")


@given(dates, digits)
def test_birth_date_and_sex_come_back_out(born: date, serial: str) -> None:
    number = number_of(born, serial)
    assert identifiers.id_number_fault(number) is None
    assert identifiers.id_birth_date(number) == born
    assert identifiers.id_sex(number) == ("1" if int(serial[-1]) % 2 else "2")


@given(dates, digits, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(born: date, serial: str, place: int, step: int) -> None:
    number = number_of(born, serial)
    wrong = str((int(number[place]) + step) % 10)
    assert not identifiers.is_id_number(number[:place] + wrong + number[place + 1 :])


def test_no_id_number_has_neither_birth_date_nor_sex() -> None:
    assert identifiers.id_birth_date("110105194912310021") is None
    assert identifiers.id_sex("") is None


CREDIT_CODES = ["91350100M000100Y43", "91110000101623741K", "911101066976941872"]


@pytest.mark.parametrize("code", CREDIT_CODES)
def test_published_credit_codes_are_valid(code: str) -> None:
    assert identifiers.is_credit_code(code)
    assert identifiers.is_credit_code(code.lower())


@pytest.mark.parametrize("code", CREDIT_CODES)
def test_one_wrong_symbol_never_passes(code: str) -> None:
    for place in range(18):
        for symbol in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            if symbol != code[place]:
                assert not identifiers.is_credit_code(code[:place] + symbol + code[place + 1 :])


@pytest.mark.parametrize("code", ["91350100M000100I43", "9135", "91350100M000100Y4３"])
def test_letters_that_can_be_misread_are_refused(code: str) -> None:
    assert identifiers.credit_code_fault(code) is not None


@pytest.mark.parametrize(
    "text", ["13800138000", "138 0013 8000", "021-64123456", "+86 21 64123456转12", "12345"]
)
def test_telephone_numbers(text: str) -> None:
    assert identifiers.check_identifier("phone", text) is None


@pytest.mark.parametrize("text", ["abc", "123", "1380013800013800138"])
def test_no_telephone_numbers(text: str) -> None:
    assert identifiers.check_identifier("phone", text) is not None


def test_an_unknown_rule_is_a_mistake_of_the_declaration() -> None:
    with pytest.raises(KeyError):
        identifiers.check_identifier("shoe_size", "42")
