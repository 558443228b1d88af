"""CQL2 text into trees: against the published reader, and against what would break that one."""

from __future__ import annotations

import time
from typing import Any

import cql2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.core.errors import Invalid
from layers.core.filtering.faults import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, MAX_VERTICES
from layers.core.filtering.text import parse_text
from layers.core.filtering.tree import read_filter

numbers = st.sampled_from(["1", "2.5", "0.125", "1e3", "-4"])
properties = st.sampled_from(["levels", '"height"', "楼栋", "source_key"])
texts = st.sampled_from(["'x'", "'it''s'", "'汉字 %'", "''"])
sums = st.recursive(
    st.one_of(numbers.filter(lambda text: text[0] != "-"), properties),
    lambda inner: st.builds(
        "({} {} {})".format, inner, st.sampled_from("+ - * / %".split()), inner
    ),
    max_leaves=6,
)
predicates = st.one_of(
    st.builds("{} {} {}".format, sums, st.sampled_from(["=", "<>", "<", ">", "<=", ">="]), numbers),
    st.builds("{} {}LIKE {}".format, properties, st.sampled_from(["", "NOT "]), texts),
    st.builds("casei({}) = CASEI({})".format, properties, texts),
    st.builds("{} between {} AND {}".format, properties, numbers, sums),
    st.builds("{} IN ({}, {})".format, properties, texts, texts),
    st.builds("{} IS {}NULL".format, properties, st.sampled_from(["", "not "])),
    st.just("S_INTERSECTS(geom, POLYGON((0 0,0 1,1 1,0 0),(0.1 0.2,0.1 0.3,0.2 0.3,0.1 0.2)))"),
    st.just("s_within(geom, BBOX(1,-2,3,4))"),
    st.just("S_EQUALS(geom,GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1)))"),
    st.just("S_TOUCHES(geom,MULTIPOINT((1 2),(3 4)))"),
    st.just("t_during(at, INTERVAL('2026-01-01','..'))"),
    st.just("T_AFTER(INTERVAL(a,b), TIMESTAMP('2026-01-01T00:00:00Z'))"),
    st.just("day <= DATE('2026-01-01')"),
)
filters = st.recursive(
    predicates,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=5,
)


@given(filters)
def test_text_is_read_as_the_published_reader_reads_it(text: str) -> None:
    assert _floats(parse_text(text)) == _floats(cql2.parse_text(text).to_json())


def _floats(node: Any) -> Any:
    """The tree with all numbers as the other reader gives them, and AND in AND as one list."""
    if isinstance(node, list):
        return [_floats(each) for each in node]
    if isinstance(node, dict):
        made = {name: _floats(value) for name, value in node.items()}
        if made.get("op") in ("and", "or"):
            made["args"] = [part for each in made["args"] for part in _parts(made["op"], each)]
        return made
    return float(node) if isinstance(node, int) and not isinstance(node, bool) else node


def _parts(op: str, node: Any) -> list[Any]:
    is_same = isinstance(node, dict) and node.get("op") == op
    return list(node["args"]) if is_same else [node]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "at character 1, not the end"),
        ("levels >", "at character 9, not the end"),
        ("levels = 3 AND", "at character 15"),
        ("levels = 3 name", "the end, AND or OR expected at character 12, not 'name'"),
        ("levels = 3; DROP TABLE x", "';"),
        ("name = 'open", "is no CQL2"),
        ("name = NULL", "not 'NULL'"),
        ("levels IN 3", "'('"),
        ("levels NOT 3", "LIKE, BETWEEN or IN"),
        ("s_intersects(geom, POINT(1))", "two to four coordinates"),
        ("((levels = 3)", "')' expected"),
        ("levels = " + "9" * 100, "a number of 100 characters"),
    ],
)
def test_what_is_no_cql2_is_refused_with_the_place(text: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_text(text)
    assert reason in str(refused.value)


def test_quotes_inside_text_are_part_of_it() -> None:
    assert parse_text(r"name = 'a''b\'c'")["args"][1] == "a'b'c"
    assert parse_text("2 ^ 3 ^ 2 = x")["args"][0]["args"][1] == {"op": "^", "args": [3, 2]}


@pytest.mark.parametrize(
    "text",
    [
        "(" * 30 + "levels = 1 x" + ")" * 30,
        "a=1 AND (b=1 OR (" * 14 + "c=1 d" + "))" * 14,
        "(" * 100_000,
        "NOT " * 40_000 + "a = 1",
        "a = " + "-" * 150_000 + "1",
        "casei(" * 30_000,
        " AND ".join(["a=1"] * 30_000),
        "a = " + "+".join(["1"] * 90_000),
        "'" * 99_999,
        "a = '" + "\\" * 190_000,
        '"' * 100_001,
        "x" * 199_999,
    ],
)
def test_hostile_text_is_refused_or_read_within_seconds(text: str) -> None:
    began = time.process_time()  # whatever else the machine does
    with pytest.raises(Invalid):
        read_filter(text + " =")
    assert time.process_time() - began < 5


def test_each_limit_is_named() -> None:
    ring = ",".join(f"{i} {i % 7}" for i in range(MAX_VERTICES + 1))
    too_large = {
        f"at most {MAX_CHARACTERS}": "x" * (MAX_CHARACTERS + 1),
        f"nested deeper than {MAX_DEPTH}": "(" * 33 + "a=1" + ")" * 33,
        f"more than {MAX_NODES}": f"a IN ({','.join(['1'] * MAX_NODES)})",
        f"more than {MAX_VERTICES} vertices": f"s_within(geom, LINESTRING({ring}))",
    }
    for reason, text in too_large.items():
        with pytest.raises(Invalid) as refused:
            read_filter(text)
        assert reason in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "NaN",
        '{"op":"=","args":[{"property":"levels"},Infinity]}',
        '{"op":"not","args":[' * 5_000,
        "[" * 90_000,
        '{"type":"Point","coordinates":' + "[" * 500 + "]" * 500 + "}",
    ],
)
def test_json_that_is_none_or_too_deep_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_filter(text, "cql2-json")
