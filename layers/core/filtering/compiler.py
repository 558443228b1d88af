"""A tree of CQL2 JSON as an SQL condition over named columns.

Every value becomes a bound parameter and every property is looked up among the columns, so that
nothing of the text reaches the statement itself. NULL makes a comparison unknown, as in SQL.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    not_,
    or_,
    true,
)

from layers.core.filtering.faults import refused
from layers.core.filtering.spatial import (
    SPATIAL_RELATIONS,
    ToStored,
    check_relation,
    given_geometry,
)
from layers.core.filtering.temporal import (
    OPERATORS,
    TEMPORAL_RELATIONS,
    Span,
    compare_instants,
    read_interval,
    relate_spans,
)
from layers.core.filtering.value import (
    WORDS,
    Kind,
    Value,
    given_boolean,
    given_day,
    given_moment,
    given_number,
    given_text,
)

Condition = ColumnElement[bool]
ARITHMETIC = ("+", "-", "*", "/", "%", "div", "^")
CHARACTER_FUNCTIONS = ("casei", "accenti")
_PREDICATES = ("and", "or", "not", "like", "between", "in", "isNull")
_ORDERS = ("<", "<=", ">", ">=")


class Compiler:
    """Compiles filters over columns; `kinds` says what each holds, `to_stored` turns geometries."""

    def __init__(
        self,
        columns: Mapping[str, tuple[Kind, ColumnElement[Any]]],
        to_stored: ToStored,
        closed: Mapping[str, str] | None = None,
    ) -> None:
        """`closed` says of properties that may not be asked for why."""
        self._columns = columns
        self._to_stored = to_stored
        self._closed = closed or {}

    def condition(self, node: Any) -> Condition:
        """The condition of a whole filter or of a part of it that is true or false.

        Raises: Invalid saying which part is wrong and what was expected.
        """
        if isinstance(node, bool):
            return true() if node else false()
        if isinstance(node, dict) and "op" in node:
            return self._operation(node)
        made = self._value(node)
        if made.kind != "boolean":
            raise refused(f"{made.told} is {WORDS[made.kind]}; a condition is expected")
        return made.sql

    def _operation(self, node: Mapping[str, Any]) -> Condition:
        name, arguments = node["op"], node.get("args")
        if not isinstance(name, str) or not isinstance(arguments, list):
            raise refused("an operation needs a name (op) and a list of arguments (args)")
        if name in ("and", "or"):
            return self._junction(name, arguments)
        if name in OPERATORS:
            return self._comparison(name, *_exactly(2, name, arguments))
        if name in SPATIAL_RELATIONS:
            return self._spatial(name, *_exactly(2, name, arguments))
        if name in TEMPORAL_RELATIONS:
            left, right = (self._span(name, each) for each in _exactly(2, name, arguments))
            return relate_spans(name, left, right)
        if name == "not":
            return not_(self.condition(*_exactly(1, name, arguments)))
        if name == "isNull":
            return self._value(*_exactly(1, name, arguments)).sql.is_(None)
        if name == "between":
            value, low, high = _exactly(3, name, arguments)
            return and_(self._comparison(">=", value, low), self._comparison("<=", value, high))
        if name == "like":
            return self._like(*_exactly(2, name, arguments))
        if name == "in":
            return self._in(*_exactly(2, name, arguments))
        if name in ARITHMETIC or name in CHARACTER_FUNCTIONS:
            raise refused(f"{name} yields a value; a condition is expected")
        known = (*_PREDICATES, *OPERATORS, *SPATIAL_RELATIONS, *TEMPORAL_RELATIONS)
        known = (*known, *ARITHMETIC, *CHARACTER_FUNCTIONS)
        raise refused(f"no operator {name[:40]!r}; there are {', '.join(known)}")

    def _junction(self, name: str, arguments: list[Any]) -> Condition:
        if len(arguments) < 2:
            raise refused(f"{name}: at least two conditions expected")
        parts = [self.condition(each) for each in arguments]
        return and_(*parts) if name == "and" else or_(*parts)

    def _comparison(self, sign: str, left_node: Any, right_node: Any) -> Condition:
        return self._compared(sign, self._value(left_node), self._value(right_node))

    def _compared(self, sign: str, left: Value, right: Value) -> Condition:
        if left.is_temporal and right.is_temporal:
            return compare_instants(sign, left, right)
        if left.kind != right.kind:
            raise refused(
                f"{left.told} is {WORDS[left.kind]}, {right.told} is {WORDS[right.kind]}: "
                "they cannot be compared"
            )
        if left.kind == "geometry":
            raise refused(f"geometries are compared by {', '.join(SPATIAL_RELATIONS)}")
        if left.kind == "boolean" and sign in _ORDERS:
            raise refused(f"true and false have no order ({sign})")
        if left.kind == "text" and left.given is None and right.given is None:
            # Two columns may be ordered by different rules; code points hold for all.
            return OPERATORS[sign](left.sql.collate("C"), right.sql.collate("C"))
        return OPERATORS[sign](left.sql, right.sql)

    def _like(self, value_node: Any, pattern_node: Any) -> Condition:
        value, pattern = self._value(value_node), self._value(pattern_node)
        if value.kind != "text":
            raise refused(f"like: {value.told} is {WORDS[value.kind]}, not text")
        text = _innermost(pattern_node)
        if not isinstance(text, str):
            raise refused("like: the pattern is a text, or CASEI or ACCENTI of one")
        if (len(text) - len(text.rstrip("\\"))) % 2:
            raise refused("like: the pattern ends with \\, which escapes the character after it")
        return value.sql.like(pattern.sql)

    def _in(self, value_node: Any, members: Any) -> Condition:
        if not isinstance(members, list) or not members:
            raise refused("in: a list of at least one value expected")
        value = self._value(value_node)
        wanted = [self._value(each) for each in members]
        plain = value.kind in ("text", "number") and all(
            each.kind == value.kind and each.given is not None for each in wanted
        )
        if plain and value.given is None:
            return value.sql.in_([each.given for each in wanted])
        return or_(*(self._compared("=", value, each) for each in wanted))

    def _spatial(self, name: str, left_node: Any, right_node: Any) -> Condition:
        left, right = self._value(left_node), self._value(right_node)
        for each in (left, right):
            if each.kind != "geometry":
                raise refused(f"{name}: {each.told} is {WORDS[each.kind]}, not a geometry")
        check_relation(name, left, right)
        related: Condition = getattr(func, SPATIAL_RELATIONS[name])(left.sql, right.sql)
        if name == "s_disjoint":
            return related
        # Under row-level security an index answers this operator only, which is leakproof.
        return and_(left.sql.op("&&", is_comparison=True)(right.sql), related)

    def _span(self, name: str, node: Any) -> Span:
        if isinstance(node, dict) and "interval" in node:
            return read_interval(node["interval"], self._value)
        instant = self._value(node)
        if not instant.is_temporal:
            raise refused(f"{name}: {instant.told} is {WORDS[instant.kind]}, not a day or time")
        return Span(instant, instant)

    def _value(self, node: Any) -> Value:
        if isinstance(node, bool):
            return given_boolean(node)
        if isinstance(node, int | float):
            return given_number(node)
        if isinstance(node, str):
            return given_text(node)
        if node is None:
            raise refused("null is compared with nothing; ask with IS NULL (isNull)")
        if not isinstance(node, dict):
            raise refused("a list stands where one value is expected")
        if "property" in node:
            return self._property(node["property"])
        if "op" in node:
            return self._computed(node)
        if "date" in node:
            return given_day(node["date"])
        if "timestamp" in node:
            return given_moment(node["timestamp"])
        if "bbox" in node or "type" in node:
            return given_geometry(node, self._to_stored)
        if "interval" in node:
            raise refused(f"an interval belongs into {', '.join(TEMPORAL_RELATIONS)}")
        raise refused(f"{', '.join(node)[:40]!r} is no part of CQL2")

    def _property(self, name: Any) -> Value:
        if not isinstance(name, str) or name not in self._columns:
            why = self._closed.get(name) if isinstance(name, str) else None
            reason = f": {why}" if why else ""
            allowed = ", ".join(self._columns)
            raise refused(f"no queryable {str(name)[:80]!r}{reason}; there are {allowed}")
        kind, column = self._columns[name]
        return Value(kind, column, name)

    def _computed(self, node: Mapping[str, Any]) -> Value:
        name, arguments = node["op"], node.get("args")
        if not isinstance(arguments, list):
            raise refused("an operation needs a list of arguments (args)")
        if name in CHARACTER_FUNCTIONS:
            value = self._value(*_exactly(1, name, arguments))
            if value.kind != "text":
                raise refused(f"{name}: {value.told} is {WORDS[value.kind]}, not text")
            return Value("text", _folded(name, cast(value.sql, Text)), f"{name} of {value.told}")
        if name in ARITHMETIC:
            left, right = (self._value(each) for each in _exactly(2, name, arguments))
            for each in (left, right):
                if each.kind != "number":
                    raise refused(f"{name}: {each.told} is {WORDS[each.kind]}, not a number")
            made = _calculated(name, cast(left.sql, Double), cast(right.sql, Double))
            return Value("number", made, f"the result of {name}")
        return Value("boolean", self._operation(node), f"the result of {name}")


def _folded(name: str, text: ColumnElement[str]) -> ColumnElement[str]:
    if name == "casei":
        return func.lower(text)
    apart = func.normalize(text, literal_column("NFD"))
    bare = func.regexp_replace(apart, literal("[\u0300-\u036f]"), literal(""), literal("g"))
    return func.normalize(bare, literal_column("NFC"))


def _calculated(name: str, left: Any, right: Any) -> ColumnElement[Any]:
    """The result in double precision, unknown where there is none (1/0, root of -1)."""
    if name == "+":
        return left + right  # type: ignore[no-any-return]
    if name == "-":
        return left - right  # type: ignore[no-any-return]
    if name == "*":
        return left * right  # type: ignore[no-any-return]
    if name == "^":
        impossible = or_(
            and_(left < 0, right != func.floor(right)),
            and_(left == 0, right < 0),
        )
        return case((not_(impossible), func.power(left, right)))
    # Left to itself, the division would go through NUMERIC and lose digits.
    quotient = left / func.nullif(right, 0.0, type_=Double())
    if name == "/":
        return quotient  # type: ignore[no-any-return]
    whole: ColumnElement[Any] = func.trunc(quotient, type_=Double())
    return whole if name == "div" else left - right * whole


def _exactly(count: int, name: str, arguments: list[Any]) -> list[Any]:
    if len(arguments) != count:
        raise refused(f"{name}: {count} arguments expected, not {len(arguments)}")
    return arguments


def _innermost(node: Any) -> Any:
    while isinstance(node, dict) and node.get("op") in CHARACTER_FUNCTIONS:
        node = node["args"][0]
    return node
