"""Sealed text: opened by its key and field only, found by its blind index, shown masked."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from layers.core.sealing import HIDDEN, Sealer, mask, normalise

KEY, OTHER = bytes(range(32)), bytes(32)
storable = st.text(st.characters(exclude_categories=["Cs"]))


@given(storable)
def test_what_is_sealed_opens_again(value: str) -> None:
    sealer = Sealer(KEY)
    sealed = sealer.seal("persons.phone", value)
    assert sealer.open("persons.phone", sealed) == value
    assert sealer.open("persons.phone", memoryview(sealed)) == value  # type: ignore[arg-type]
    assert sealed != sealer.seal("persons.phone", value), "equal texts look different"


@pytest.mark.parametrize("change", ["key", "field", "byte", "short"])
def test_nothing_else_opens_it(change: str) -> None:
    sealed = Sealer(KEY).seal("persons.phone", "13800000001")
    sealer = Sealer(OTHER) if change == "key" else Sealer(KEY)
    field = "persons.name" if change == "field" else "persons.phone"
    if change == "byte":
        sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    if change == "short":
        sealed = sealed[:-1]
    with pytest.raises(InvalidTag):
        sealer.open(field, sealed)


def test_the_blind_index_finds_equal_text_in_the_same_field_under_the_same_key() -> None:
    sealer = Sealer(KEY)
    blind = sealer.blind("persons.id_number", "99010119800101001x")
    assert blind == sealer.blind("persons.id_number", "990101 19800101 001Ｘ")
    assert blind != sealer.blind("persons.phone", "99010119800101001x")
    assert blind != Sealer(OTHER).blind("persons.id_number", "99010119800101001x")
    assert len(blind) == 16


@given(st.text("王小明abcXYZ0189", max_size=12), st.lists(st.sampled_from(" -\u3000"), max_size=5))
def test_spaces_hyphens_case_and_width_make_no_difference(value: str, blanks: list[str]) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value)
    spread = "".join(blanks) + wide.lower() + "".join(blanks)
    assert normalise(spread) == normalise(value) == normalise(normalise(value))


@given(storable.filter(bool), st.sampled_from(["name", "phone", "id_number", "address", "hidden"]))
def test_a_mask_always_hides_something(value: str, rule: str) -> None:
    masked = mask(rule, value)
    # What comes masked already, like 138****0001, hides as much as it did.
    assert masked != value or "*" in value or "＊" in value
    assert "*" in masked or "＊" in masked


@pytest.mark.parametrize(
    ("rule", "value", "shown"),
    [
        ("name", "王小明", "王**"),
        ("name", "王", "王*"),
        ("phone", "13800000001", "138****0001"),
        ("phone", "12345", "1***5"),
        ("id_number", "990101198001010014", "990101********0014"),
        ("id_number", "E1234567", "E******7"),
        ("address", "虚拟省云州市澄湖区一号", "虚拟省云州市****"),
        ("hidden", "情况", HIDDEN),
    ],
)
def test_masks(rule: str, value: str, shown: str) -> None:
    assert mask(rule, value) == shown


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33)])
def test_a_key_has_32_bytes(secret: bytes) -> None:
    with pytest.raises(ValueError, match="32"):
        Sealer(secret)
