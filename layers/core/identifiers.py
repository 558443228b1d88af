"""Check digits of identifiers: resident ID numbers and unified social credit codes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

# GB 11643-1999: ISO 7064 MOD 11-2 written as weights.
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
_ID_PATTERN = re.compile(r"[0-9]{17}[0-9X]")
_OLD_ID_PATTERN = re.compile(r"[0-9]{15}")

# GB 32100-2015: no I, O, S, V, Z, so that nothing is misread.
_CREDIT_SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_PHONE_PATTERN = re.compile(r"\+?[0-9]{5,15}(([xX#]|转|ext\.?)[0-9]{1,6})?")
_CREDIT_PATTERN = re.compile(rf"[{_CREDIT_SYMBOLS}]{{2}}[0-9]{{6}}[{_CREDIT_SYMBOLS}]{{10}}")


def id_check_digit(body: str) -> str:
    """The eighteenth character (0–9 or X) for the first 17 digits of an ID number (GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11]


def normalise_id_number(text: str) -> str:
    """The 18-character upper-case form; a 15-digit number of the old form gets 19 and its check.

    Spaces are dropped. Text that is no ID number comes back as it is.
    """
    compact = re.sub(r"\s", "", text).upper()
    if _OLD_ID_PATTERN.fullmatch(compact):
        body = f"{compact[:6]}19{compact[6:]}"
        return body + id_check_digit(body)
    return compact


def id_number_fault(text: str) -> str | None:
    """Why the text is no resident ID number, in English; None when it is one.

    Checked: 18 characters, a real birth date, the check digit. The area part is not compared with
    today's code list, since numbers of abolished areas stay valid.
    """
    number = normalise_id_number(text)
    if not _ID_PATTERN.fullmatch(number):
        return "an ID number has 17 digits and a check character"
    if _date_of(number[6:14]) is None:
        return f"no such birth date: {number[6:14]}"
    expected = id_check_digit(number[:17])
    if number[17] != expected:
        return f"wrong check character: {number[17]}"
    return None


def is_id_number(text: str) -> bool:
    """True for a valid resident ID number (15 or 18 characters)."""
    return id_number_fault(text) is None


def id_birth_date(number: str) -> date | None:
    """Birth date inside an ID number; None when the text is no ID number."""
    return _date_of(normalise_id_number(number)[6:14]) if is_id_number(number) else None


def id_sex(number: str) -> str | None:
    """Sex by GB/T 2261.1 inside an ID number: "1" male, "2" female; None for no ID number."""
    if not is_id_number(number):
        return None
    return "1" if int(normalise_id_number(number)[16]) % 2 else "2"


def credit_check_character(body: str) -> str:
    """The eighteenth character for the first 17 of a unified social credit code (GB 32100)."""
    total = sum(
        _CREDIT_SYMBOLS.index(symbol) * weight
        for symbol, weight in zip(body, _CREDIT_WEIGHTS, strict=True)
    )
    return _CREDIT_SYMBOLS[-total % 31]


def credit_code_fault(text: str) -> str | None:
    """Why the text is no unified social credit code, in English; None when it is one."""
    code = text.strip().upper()
    if not _CREDIT_PATTERN.fullmatch(code):
        return "a social credit code has 18 of the characters 0-9 A-Z without I O S V Z"
    if code[17] != credit_check_character(code[:17]):
        return f"wrong check character: {code[17]}"
    return None


def is_credit_code(text: str) -> bool:
    """True for a valid unified social credit code."""
    return credit_code_fault(text) is None


def phone_fault(text: str) -> str | None:
    """Why the text is no telephone number, in English; None when it is one.

    Allowed: 5 to 15 digits with an optional +, spaces, hyphens and an extension.
    """
    compact = re.sub(r"[\s\-()（）]", "", text)
    if _PHONE_PATTERN.fullmatch(compact):
        return None
    return "a telephone number has 5 to 15 digits, with + and an extension if need be"


def check_identifier(kind: str, text: str) -> str | None:
    """Why the text breaks the rule `kind` (id_number, credit_code, phone); None when it fits.

    Raises: KeyError for a rule that does not exist.
    """
    return _CHECKS[kind](text)


_CHECKS: dict[str, Callable[[str], str | None]] = {
    "id_number": id_number_fault,
    "credit_code": credit_code_fault,
    "phone": phone_fault,
}


def _date_of(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None
