"""CQL2 text (OGC 21-065) into the tree of CQL2 JSON, in one pass without going back.

The time grows with the length of the text whatever stands in it, and depth is limited while
reading: a filter comes from anybody who may sign in.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from layers.core.filtering.faults import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_NUMBER_CHARACTERS,
    refused,
)

_TOKEN = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
    | (?P<string>'(?:[^'\\]|''|\\'|\\)*')
    | (?P<quoted>"[^"]*")
    | (?P<word>[^\W\d][\w.:\u203F\u2040\u0300-\u036F]*|:[\w.:]+)
    | (?P<sign><>|!=|<=|>=|[-+*/^%=<>(),])
    """,
    re.VERBOSE,
)
_COMPARISONS = {"=", "<>", "!=", "<", ">", "<=", ">="}
_GEOMETRIES = {
    "POINT": ("Point", 0),
    "LINESTRING": ("LineString", 1),
    "POLYGON": ("Polygon", 2),
    "MULTIPOINT": ("MultiPoint", 1),
    "MULTILINESTRING": ("MultiLineString", 2),
    "MULTIPOLYGON": ("MultiPolygon", 3),
}
_RESERVED = {"AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "DIV"}


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "word" else ""


def parse_text(text: str) -> Any:
    """The expression as CQL2 JSON.

    Raises: Invalid for text that is no CQL2, too long or too deep, saying at which character.
    """
    if len(text) > MAX_CHARACTERS:
        raise refused(f"{len(text)} characters; at most {MAX_CHARACTERS}")
    reader = _Reader(_tokens(text))
    tree = reader.expression()
    reader.expect_end()
    return tree


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise refused(f"{text[at : at + 20]!r} at character {at + 1} is no CQL2")
        if match.lastgroup != "space":
            found.append(_Token(str(match.lastgroup), match.group(), at))
        at = match.end()
    return [*found, _Token("end", "", len(text))]


class _Reader:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._token
        self._next += token.kind != "end"
        return token

    def _wrong(self, expected: str) -> Exception:
        token = self._token
        met = repr(token.text[:20]) if token.text else "the end"
        return refused(f"{expected} expected at character {token.at + 1}, not {met}")

    def _is_sign(self, *signs: str) -> bool:
        return self._token.kind == "sign" and self._token.text in signs

    def _accept_sign(self, *signs: str) -> str:
        return self._take().text if self._is_sign(*signs) else ""

    def _accept_word(self, word: str) -> bool:
        if self._token.word != word:
            return False
        self._take()
        return True

    def _expect_sign(self, sign: str) -> None:
        if not self._accept_sign(sign):
            raise self._wrong(repr(sign))

    def _expect_word(self, word: str) -> None:
        if not self._accept_word(word):
            raise self._wrong(word)

    def expect_end(self) -> None:
        if self._token.kind != "end":
            raise self._wrong("the end, AND or OR")

    def _deeper(self, read: Callable[[], Any]) -> Any:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise refused(f"nested deeper than {MAX_DEPTH}")
        made = read()
        self._depth -= 1
        return made

    def expression(self) -> Any:
        return self._chain("OR", self._conjunction)

    def _conjunction(self) -> Any:
        return self._chain("AND", self._negation)

    def _chain(self, word: str, read: Callable[[], Any]) -> Any:
        parts = [read()]
        while self._accept_word(word):
            parts.append(read())
        return parts[0] if len(parts) == 1 else {"op": word.lower(), "args": parts}

    def _negation(self) -> Any:
        if self._accept_word("NOT"):
            return {"op": "not", "args": [self._deeper(self._negation)]}
        return self._comparison()

    def _comparison(self) -> Any:
        left = self._sum()
        if self._is_sign(*_COMPARISONS):
            sign = self._take().text
            return {"op": "<>" if sign == "!=" else sign, "args": [left, self._sum()]}
        if self._accept_word("IS"):
            negated = self._accept_word("NOT")
            self._expect_word("NULL")
            return _negated(negated, {"op": "isNull", "args": [left]})
        negated = self._accept_word("NOT")
        if self._accept_word("LIKE"):
            return _negated(negated, {"op": "like", "args": [left, self._sum()]})
        if self._accept_word("BETWEEN"):
            low = self._sum()
            self._expect_word("AND")
            return _negated(negated, {"op": "between", "args": [left, low, self._sum()]})
        if self._accept_word("IN"):
            self._expect_sign("(")
            members = self._list(self.expression)
            return _negated(negated, {"op": "in", "args": [left, members]})
        if negated:
            raise self._wrong("LIKE, BETWEEN or IN")
        return left

    def _sum(self) -> Any:
        made = self._product()
        while sign := self._accept_sign("+", "-"):
            made = {"op": sign, "args": [made, self._product()]}
        return made

    def _product(self) -> Any:
        made = self._signed()
        while self._is_sign("*", "/", "%") or self._token.word == "DIV":
            made = {"op": self._take().text.lower(), "args": [made, self._signed()]}
        return made

    def _signed(self) -> Any:
        sign = self._accept_sign("+", "-")
        if not sign:
            return self._power()
        made = self._deeper(self._signed)
        if sign == "+":
            return made
        if isinstance(made, int | float) and not isinstance(made, bool):
            return -made
        return {"op": "*", "args": [-1, made]}

    def _power(self) -> Any:
        made = self._primary()
        if self._accept_sign("^"):
            return {"op": "^", "args": [made, self._deeper(self._signed)]}
        return made

    def _primary(self) -> Any:
        token = self._token
        if token.kind == "number":
            return _number(self._take())
        if token.kind == "string":
            return _unquoted(self._take().text)
        if token.kind == "quoted":
            return {"property": self._take().text[1:-1]}
        if token.kind == "word" and token.word not in _RESERVED:
            return self._named()
        if self._accept_sign("("):
            members = self._deeper(lambda: self._list(self.expression))
            return members[0] if len(members) == 1 else members
        raise self._wrong("a property, a value or '('")

    def _list(self, read: Callable[[], Any]) -> list[Any]:
        """What stands between parentheses, of which the first is already taken."""
        if self._accept_sign(")"):
            return []
        members = [read()]
        while self._accept_sign(","):
            members.append(read())
        self._expect_sign(")")
        return members

    def _named(self) -> Any:
        token = self._take()
        if token.word in ("TRUE", "FALSE"):
            return token.word == "TRUE"
        is_geometry = token.word in _GEOMETRIES or token.word == "GEOMETRYCOLLECTION"
        if is_geometry and (self._is_sign("(") or self._token.word in ("Z", "M", "ZM")):
            return self._deeper(lambda: self._geometry(token.word))
        if not self._accept_sign("("):
            return {"property": token.text}
        arguments = self._deeper(lambda: self._list(self.expression))
        if token.word == "BBOX":
            return {"bbox": arguments}
        if token.word in ("DATE", "TIMESTAMP") and len(arguments) == 1:
            return {token.text.lower(): arguments[0]}
        if token.word == "INTERVAL":
            return {"interval": arguments}
        return {"op": token.text.lower(), "args": arguments}

    def _geometry(self, word: str) -> Any:
        dimensions = self._take().word if self._token.word in ("Z", "M", "ZM") else ""
        self._expect_sign("(")
        if word == "GEOMETRYCOLLECTION":
            return {"type": "GeometryCollection", "geometries": self._list(self._member)}
        kind, depth = _GEOMETRIES[word]
        if depth == 0:
            place = self._position(dimensions)
            self._expect_sign(")")
            return {"type": kind, "coordinates": place}
        return {"type": kind, "coordinates": self._positions(kind, depth, dimensions)}

    def _member(self) -> Any:
        word = self._take().word
        if word not in _GEOMETRIES:
            raise self._wrong(f"after one of {', '.join(_GEOMETRIES)} of a collection '('")
        return self._geometry(word)

    def _positions(self, kind: str, depth: int, dimensions: str) -> list[Any]:
        if depth > 1:
            return self._list(lambda: self._nested(kind, depth - 1, dimensions))
        if kind == "MultiPoint":
            return self._list(lambda: self._bracketed(dimensions))
        return self._list(lambda: self._position(dimensions))

    def _nested(self, kind: str, depth: int, dimensions: str) -> list[Any]:
        self._expect_sign("(")
        return self._positions(kind, depth, dimensions)

    def _bracketed(self, dimensions: str) -> list[float]:
        """A point of a MULTIPOINT, with parentheses of its own or without."""
        if not self._accept_sign("("):
            return self._position(dimensions)
        place = self._position(dimensions)
        self._expect_sign(")")
        return place

    def _position(self, dimensions: str) -> list[float]:
        numbers: list[float] = []
        while self._token.kind == "number" or self._is_sign("+", "-"):
            sign = self._accept_sign("+", "-")
            if self._token.kind != "number":
                raise self._wrong("a number")
            value = _number(self._take())
            numbers.append(-value if sign == "-" else value)
        if not 2 <= len(numbers) <= 4:
            raise self._wrong("two to four coordinates")
        # A measure is no place; heights are left out later.
        return numbers[:2] if dimensions == "M" else numbers[:3]


def _negated(negated: bool, made: Any) -> Any:
    return {"op": "not", "args": [made]} if negated else made


def _number(token: _Token) -> int | float:
    if len(token.text) > MAX_NUMBER_CHARACTERS:
        raise refused(f"a number of {len(token.text)} characters; at most {MAX_NUMBER_CHARACTERS}")
    return int(token.text) if token.text.isdigit() else float(token.text)


def _unquoted(text: str) -> str:
    return re.sub(r"''|\\'", "'", text[1:-1])
