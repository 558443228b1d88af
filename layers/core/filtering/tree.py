"""A filter as a tree of CQL2 JSON, held to the limits before anything is done with it."""

import json
from collections.abc import Iterator
from typing import Any, Literal

from layers.core.filtering.faults import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_NODES,
    MAX_VERTICES,
    refused,
)
from layers.core.filtering.text import parse_text

Language = Literal["cql2-text", "cql2-json"]
LANGUAGES: tuple[Language, ...] = ("cql2-text", "cql2-json")


def read_filter(text: str, language: Language = "cql2-text") -> Any:
    """The tree of a filter.

    Raises: Invalid for what is no CQL2 or larger than the limits, naming the limit.
    """
    return checked_tree(parse_text(text) if language == "cql2-text" else _parse_json(text))


def checked_tree(tree: Any) -> Any:
    """The same tree, when it keeps the limits on depth, nodes and vertices.

    Raises: Invalid naming the limit that is passed.
    """
    nodes = vertices = 0
    waiting: list[tuple[Any, int]] = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise refused(f"nested deeper than {MAX_DEPTH}")
        if isinstance(node, dict) and "coordinates" in node:
            vertices += _vertices(node["coordinates"])
        elif isinstance(node, dict | list):
            # A list of values lies no deeper than what it is given to.
            waiting.extend((child, depth + isinstance(node, dict)) for child in _children(node))
        nodes += not isinstance(node, list)
        if nodes > MAX_NODES:
            raise refused(f"more than {MAX_NODES} operators, properties and values")
        if vertices > MAX_VERTICES:
            raise refused(f"geometries of more than {MAX_VERTICES} vertices")
    return tree


def _children(node: dict[str, Any] | list[Any]) -> Iterator[Any]:
    if isinstance(node, list):
        yield from node
        return
    for name, value in node.items():
        if name not in ("op", "property", "type"):
            yield from value if isinstance(value, list) else (value,)


def _vertices(coordinates: Any) -> int:
    """How many positions there are; numbers where none belong are found by the geometry itself."""
    found = 0
    waiting = [(coordinates, 0)]
    while waiting:
        part, depth = waiting.pop()
        if depth > 4:
            raise refused("coordinates nested deeper than those of a MultiPolygon")
        if isinstance(part, list) and any(isinstance(each, list) for each in part):
            waiting.extend((each, depth + 1) for each in part)
        else:
            found += 1
    return found


def _parse_json(text: str) -> Any:
    if len(text) > MAX_CHARACTERS:
        raise refused(f"{len(text)} characters; at most {MAX_CHARACTERS}")
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise refused(f"nested deeper than {MAX_DEPTH}") from None
    except ValueError as error:
        raise refused(f"no JSON: {error}") from error


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number")
