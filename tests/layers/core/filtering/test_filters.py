"""Random filters over a small table, answered by PostgreSQL and by Python alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import shapely
from geoalchemy2 import Geometry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, Polygon, box, mapping, shape
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Double,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    select,
)

from layers.core.calendar import CHINA
from layers.core.filtering.compiler import Compiler
from layers.core.filtering.spatial import SPATIAL_RELATIONS, stored_from
from layers.core.filtering.tree import checked_tree
from layers.core.filtering.value import Kind

KINDS: dict[str, Kind] = {
    "name": "text",
    "other": "text",
    "levels": "number",
    "below": "number",
    "height": "number",
    "estimated": "boolean",
    "day": "date",
    "until": "date",
    "at": "datetime",
    "closed": "datetime",
    "geom": "geometry",
}
TABLE = Table(
    "filtered",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", Text),
    Column("other", Text),
    Column("levels", Integer),
    Column("below", Integer),
    Column("height", Double),
    Column("estimated", Boolean),
    Column("day", Date),
    Column("until", Date),
    Column("at", DateTime(timezone=True)),
    Column("closed", DateTime(timezone=True)),
    Column("geom", Geometry(srid=4326)),
)
WORDS = ["", "A", "a%", "Ab_c", "é", "1号楼", "10号楼", "它's", "a\\b"]
DAYS = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 2, 28)]
# 15:59:59Z is the last second of a day in China.
MOMENTS = [
    datetime(2025, 12, 31, 16, tzinfo=UTC),
    datetime(2026, 1, 1, 15, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 1, 1, 16, tzinfo=UTC),
    datetime(2026, 2, 27, 20, 30, tzinfo=UTC),
]
SHAPES: list[Any] = [
    Point(1, 1),
    Point(2, 2),
    LineString([(0, 0), (2, 2)]),
    LineString([(0, 2), (2, 0)]),
    box(0, 0, 2, 2),
    box(1, 1, 3, 3),
    box(2, 0, 4, 2),
    box(0.5, 0.5, 1, 1),
    MultiPolygon([box(5, 5, 6, 6), box(0, 0, 1, 1)]),
    Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (3, 1), (3, 3), (1, 3)]]),
]


def rows() -> list[dict[str, Any]]:
    """Every seventh value of each column is missing, each column with another rhythm."""
    choices: dict[str, list[Any]] = {
        "name": WORDS,
        "other": list(reversed(WORDS)),
        "levels": [-2, 0, 1, 3, 6],
        "below": [0, 1, 3],
        "height": [-1.5, 0.0, 2.0, 3.25],
        "estimated": [True, False],
        "day": DAYS,
        "until": list(reversed(DAYS)),
        "at": MOMENTS,
        "closed": list(reversed(MOMENTS)),
        "geom": SHAPES,
    }
    return [
        {"id": i}
        | {
            name: None if (i + step) % 7 == 0 else values[(i * (step + 1)) % len(values)]
            for step, (name, values) in enumerate(choices.items())
        }
        for i in range(1, 71)
    ]


@pytest.fixture(scope="module")
def connection(module_engine: Engine) -> Iterator[Connection]:
    with module_engine.begin() as made:
        TABLE.create(made)
        for row in rows():
            placed = row["geom"] and func.ST_GeomFromWKB(shapely.to_wkb(row["geom"]), 4326)
            made.execute(TABLE.insert().values({**row, "geom": placed}))
        yield made


# -- random trees ------------------------------------------------------------------------------


def node(op: str, *arguments: Any) -> dict[str, Any]:
    return {"op": op, "args": list(arguments)}


def asked(name: str) -> dict[str, Any]:
    return {"property": name}


signs = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
numbers: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.sampled_from([asked("levels"), asked("below"), asked("height")]),
        st.sampled_from([-2, 0, 1, 2, 3, 0.5, 2.0, 3.25, 12345678901]),
    ),
    lambda inner: st.builds(node, st.sampled_from("+ - * / % div ^".split()), inner, inner),
    max_leaves=4,
)
texts = st.one_of(
    st.sampled_from([asked("name"), asked("other")]),
    st.sampled_from(WORDS),
).flatmap(lambda text: st.sampled_from([text, node("casei", text), node("accenti", text)]))
patterns = st.sampled_from(["%", "a%", "%号楼", "_", "A_", "a\\%", "%\\\\%", "1%楼", ""])
instants = st.one_of(
    st.sampled_from([asked("day"), asked("until"), asked("at"), asked("closed")]),
    st.sampled_from([{"date": each.isoformat()} for each in DAYS]),
    st.sampled_from([{"timestamp": each.isoformat()} for each in MOMENTS]),
)
columns_or_open = st.sampled_from([asked("day"), asked("at"), ".."])
intervals = st.one_of(
    st.builds(
        lambda ends: {"interval": [each.isoformat() for each in sorted(ends)]},
        st.lists(st.sampled_from(DAYS), min_size=2, max_size=2),
    ),
    st.builds(
        lambda ends: {"interval": [each.isoformat() for each in sorted(ends)]},
        st.lists(st.sampled_from(MOMENTS), min_size=2, max_size=2),
    ),
    st.builds(lambda start, end: {"interval": [start, end]}, columns_or_open, columns_or_open),
    st.just({"interval": [asked("day"), asked("until")]}),
    st.just({"interval": ["2026-01-01", ".."]}),
)
relations = st.sampled_from(
    "after before contains disjoint during equals finishedby finishes intersects meets metby "
    "overlappedby overlaps startedby starts".split()
)
geometries = st.one_of(
    st.just(asked("geom")),
    st.sampled_from([mapping(each) for each in SHAPES]),
    st.sampled_from([{"bbox": [0, 0, 2, 2]}, {"bbox": [1, 1, 0, 9, 9, 5]}]),
)
predicates = st.one_of(
    st.booleans(),
    st.just(asked("estimated")),
    st.builds(node, signs, numbers, numbers),
    st.builds(node, signs, texts, texts),
    st.builds(node, signs, instants, instants),
    st.builds(node, st.sampled_from(["=", "<>"]), st.just(asked("estimated")), st.booleans()),
    st.builds(node, st.just("between"), numbers, numbers, numbers),
    st.builds(node, st.just("like"), texts, patterns),
    st.builds(
        lambda value, members: node("in", value, members),
        texts,
        st.lists(texts, min_size=1, max_size=3),
    ),
    st.builds(
        lambda value, members: node("in", value, members),
        numbers,
        st.lists(numbers, min_size=1, max_size=3),
    ),
    st.builds(
        lambda value, members: node("in", value, members),
        instants,
        st.lists(instants, min_size=1, max_size=3),
    ),
    st.builds(lambda name: node("isNull", asked(name)), st.sampled_from(list(KINDS))),
    st.builds(
        lambda relation, left, right: node(f"t_{relation}", left, right),
        relations,
        st.one_of(instants, intervals),
        st.one_of(instants, intervals),
    ),
    st.builds(node, st.sampled_from(list(SPATIAL_RELATIONS)), geometries, geometries),
)
filters = st.recursive(
    predicates,
    lambda inner: st.one_of(
        st.builds(node, st.just("not"), inner),
        st.builds(node, st.sampled_from(["and", "or"]), inner, inner),
    ),
    max_leaves=6,
)


# -- the same in Python ------------------------------------------------------------------------

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
CALCULATE: dict[str, Callable[[float, float], float | None]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else None,
    "div": lambda a, b: float(math.trunc(a / b)) if b else None,
    "%": lambda a, b: a - b * math.trunc(a / b) if b else None,
    "^": lambda a, b: None if (a < 0 and b != math.floor(b)) or (a == 0 and b < 0) else a**b,
}


class OutOfRange(Exception):
    """PostgreSQL refuses the number too."""


def judge(tree: Any, row: dict[str, Any]) -> bool | None:
    """Whether the row matches: true, false or unknown."""
    if isinstance(tree, bool):
        return tree
    if "property" in tree:
        value: bool | None = row[tree["property"]]
        return value
    op, arguments = tree["op"], tree["args"]
    if op == "not":
        judged = judge(arguments[0], row)
        return None if judged is None else not judged
    if op in ("and", "or"):
        parts = [judge(each, row) for each in arguments]
        deciding = op == "or"
        if deciding in parts:
            return deciding
        return None if None in parts else not deciding
    return judge_predicate(op, arguments, row)


def judge_predicate(op: str, arguments: list[Any], row: dict[str, Any]) -> bool | None:
    if op == "between":
        value, low, high = arguments
        both = node("and", node(">=", value, low), node("<=", value, high))
        return judge(both, row)
    if op == "in":
        alternatives = [node("=", arguments[0], each) for each in arguments[1]]
        return judge(node("or", *alternatives, False), row)
    if op == "isNull":
        return read(arguments[0], row) is None
    if op.startswith("t_"):
        return judge_spans(op, *(span(each, row) for each in arguments))
    left, right = (read(each, row) for each in arguments)
    if left is None or right is None:
        return None
    if op == "like":
        return like(left, right)
    if op in SPATIAL_RELATIONS:
        return bool(getattr(shapely, op.removeprefix("s_"))(left, right))
    if is_temporal(left) and is_temporal(right):
        return compare_instants(op, arguments, left, right)
    return COMPARE[op](left, right)


def read(tree: Any, row: dict[str, Any]) -> Any:
    if not isinstance(tree, dict):
        return tree
    if "property" in tree:
        return row[tree["property"]]
    if "date" in tree:
        return date.fromisoformat(tree["date"])
    if "timestamp" in tree:
        return datetime.fromisoformat(tree["timestamp"])
    if "bbox" in tree:
        half = len(tree["bbox"]) // 2
        return box(*tree["bbox"][:2], *tree["bbox"][half : half + 2])
    if "type" in tree:
        return shape(tree)
    values = [read(each, row) for each in tree["args"]]
    if None in values:
        return None
    if tree["op"] == "casei":
        return values[0].lower()
    if tree["op"] == "accenti":
        return values[0].replace("é", "e")
    try:
        made = CALCULATE[tree["op"]](float(values[0]), float(values[1]))
    except OverflowError:
        raise OutOfRange from None
    vanished = made == 0 and tree["op"] in ("*", "/", "^") and values[0] != 0 != values[1]
    if made is not None and (math.isinf(made) or vanished or 0 < abs(made) < 1e-290):
        raise OutOfRange
    return made


def like(text: str, pattern: str) -> bool:
    """LIKE by following both from the left: % any number, _ one, \\ takes the next as it is."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(like(text[i:], pattern[1:]) for i in range(len(text) + 1))
    if pattern[0] == "\\":
        return text[:1] == pattern[1] and like(text[1:], pattern[2:])
    return bool(text) and pattern[0] in ("_", text[0]) and like(text[1:], pattern[1:])


def is_temporal(value: Any) -> bool:
    return isinstance(value, date | datetime)


def day_of(value: Any) -> date:
    return value.astimezone(CHINA).date() if isinstance(value, datetime) else value


def instants_of(value: Any) -> tuple[datetime, datetime]:
    if isinstance(value, datetime):
        return value, value
    start = datetime.combine(value, time.min, CHINA)
    return start, start + timedelta(days=1) - timedelta(microseconds=1)


def compare_instants(op: str, trees: list[Any], left: Any, right: Any) -> bool:
    if type(left) is type(right):
        return COMPARE[op](left, right)
    from_row = ["property" in each for each in trees]
    day_is_given = not from_row[0 if not isinstance(left, datetime) else 1]
    if not day_is_given or not any(from_row):
        return COMPARE[op](day_of(left), day_of(right))
    # A given day against moments of rows: before it, within it or after it.
    moment, day = (left, right) if isinstance(left, datetime) else (right, left)
    first, last = instants_of(day)
    place = -1 if moment < first else 1 if moment > last else 0
    return COMPARE[op](place if moment is left else -place, 0)


def span(tree: Any, row: dict[str, Any]) -> Any:
    """(tree of start, start, tree of end, end, whether an instant); '..' stays as it is."""
    if "interval" not in tree:
        value = read(tree, row)
        return tree, value, tree, value, True
    made: list[Any] = []
    for end in tree["interval"]:
        if isinstance(end, str) and end != "..":
            end = {"timestamp": end} if "T" in end else {"date": end}
        made += [end, end if end == ".." else read(end, row)]
    return (*made, False)


def judge_spans(op: str, left: Any, right: Any) -> bool | None:
    if left[4] and right[4]:
        signs_of = {"t_after": ">", "t_before": "<", "t_disjoint": "<>"}
        signs_of |= {"t_equals": "=", "t_intersects": "="}
        if op in signs_of:
            if left[1] is None or right[1] is None:
                return None
            return compare_instants(signs_of[op], [left[0], right[0]], left[1], right[1])
    ends = [(left[0], left[1]), (left[2], left[3]), (right[0], right[1]), (right[2], right[3])]
    in_days = level_is_day([tree for tree, _ in ends])
    s, e, s2, e2 = (at(value, in_days, i % 2 == 1) for i, (_, value) in enumerate(ends))
    return ALLEN[op](s, e, s2, e2)


def level_is_day(trees: list[Any]) -> bool:
    closed = [tree for tree in trees if tree != ".."]
    from_rows = [KINDS[tree["property"]] for tree in closed if "property" in tree]
    given_kinds = ["date" if "date" in tree else "datetime" for tree in closed]
    return "date" in (from_rows or given_kinds)


def at(value: Any, in_days: bool, is_end: bool) -> float | None:
    """The end as a number on one scale."""
    if value is None:
        return None
    if isinstance(value, str):
        return math.inf if is_end else -math.inf
    if in_days:
        return float(day_of(value).toordinal())
    moment = instants_of(value)[is_end]
    return (moment - datetime(2026, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)


def both(*parts: bool | None) -> bool | None:
    return False if False in parts else None if None in parts else True


def cmp(sign: str, a: float | None, b: float | None) -> bool | None:
    return None if a is None or b is None else COMPARE[sign](a, b)


def negation(value: bool | None) -> bool | None:
    return None if value is None else not value


ALLEN: dict[str, Callable[..., bool | None]] = {
    "t_after": lambda s, e, s2, e2: cmp(">", s, e2),
    "t_before": lambda s, e, s2, e2: cmp("<", e, s2),
    "t_contains": lambda s, e, s2, e2: both(cmp("<", s, s2), cmp(">", e, e2)),
    "t_disjoint": lambda s, e, s2, e2: negation(both(cmp("<=", s, e2), cmp(">=", e, s2))),
    "t_during": lambda s, e, s2, e2: both(cmp(">", s, s2), cmp("<", e, e2)),
    "t_equals": lambda s, e, s2, e2: both(cmp("=", s, s2), cmp("=", e, e2)),
    "t_finishedby": lambda s, e, s2, e2: both(cmp("<", s, s2), cmp("=", e, e2)),
    "t_finishes": lambda s, e, s2, e2: both(cmp(">", s, s2), cmp("=", e, e2)),
    "t_intersects": lambda s, e, s2, e2: both(cmp("<=", s, e2), cmp(">=", e, s2)),
    "t_meets": lambda s, e, s2, e2: cmp("=", e, s2),
    "t_metby": lambda s, e, s2, e2: cmp("=", s, e2),
    "t_overlappedby": lambda s, e, s2, e2: both(cmp(">", s, s2), cmp("<", s, e2), cmp(">", e, e2)),
    "t_overlaps": lambda s, e, s2, e2: both(cmp("<", s, s2), cmp(">", e, s2), cmp("<", e, e2)),
    "t_startedby": lambda s, e, s2, e2: both(cmp("=", s, s2), cmp(">", e, e2)),
    "t_starts": lambda s, e, s2, e2: both(cmp("=", s, s2), cmp("<", e, e2)),
}


@settings(max_examples=800, suppress_health_check=[HealthCheck.too_slow])
@given(tree=filters)
def test_postgresql_and_python_agree(connection: Connection, tree: Any) -> None:
    try:
        expected = [row["id"] for row in rows() if judge(tree, row) is True]
    except OutOfRange:
        return
    columns = {name: (kind, TABLE.c[name]) for name, kind in KINDS.items()}
    condition = Compiler(columns, stored_from(None)).condition(checked_tree(tree))
    statement = select(TABLE.c.id).where(condition).order_by(TABLE.c.id)
    with connection.begin_nested():
        assert list(connection.execute(statement).scalars()) == expected
