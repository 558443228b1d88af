"""What scope and row security cost: the same questions by the owner and by a reader.

Both are asked by the driver, in the same turn: the owner everywhere, the reader as the server does
it, under the role that row security holds and with the conditions of scope in the statements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Engine, text

from gisserver.bench import people
from gisserver.bench.bare import Statements, run_bare, statements_of
from gisserver.bench.figures import Comparison, Goal, Times
from gisserver.bench.server import BenchError
from layers.analysis.answer import Paging, find_answer
from layers.analysis.inhabitants import find_inhabitants
from layers.analysis.place import find_place
from layers.analysis.question import read_question
from layers.catalogue import LAYERS
from layers.core.database import entering
from layers.core.scope import Grant, Reader
from layers.core.search import Frequencies, searchable
from layers.housing.search_box import search_box
from layers.people.by_house import find_house

PREFIX = "scope and row security: "
EACH = 60
WORDS = ("花园", "东路", "新村", "中心", "1号")

Ask = Callable[[SqlConnection, Reader], object]


def scope_cost(engine: Engine, reader: Reader) -> list[Comparison]:
    """Houses, searches and people in a polygon, without scope and within the reader's.

    Raises: BenchError when there are no houses.
    """
    everywhere = Reader(0, reader.login, tuple(Grant(each.role, "") for each in reader.grants))
    arguments, keywords = engine.dialect.create_connect_args(engine.url)
    with (
        closing(psycopg2.connect(*arguments, **keywords, options="-c jit=off")) as owner,
        closing(psycopg2.connect(*arguments, **keywords, options="-c jit=off")) as scoped,
    ):
        # Neither transaction writes; both stay open as long as the measurement.
        with owner.cursor() as cursor:
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
        with scoped.cursor() as cursor:
            cursor.execute(*entering(reader))
        return [
            _compared(f"{PREFIX}{title}", engine, (owner, everywhere), (scoped, reader), questions)
            for title, questions in _questions(engine, reader).items()
        ]


def goals(found: Sequence[Comparison]) -> list[Goal]:
    """What is promised of them."""
    return [Goal(f"{each.title}, p50", each.ratio, 1.3, "×", is_ceiling=True) for each in found]


def _questions(engine: Engine, reader: Reader) -> dict[str, Sequence[Ask]]:
    drawn = people.polygons(engine)
    return {
        "a house": [lambda c, r, i=number: find_house(c, r, i) for number in _houses(engine)],  # type: ignore[misc]
        "a search": [_search(engine, reader, word) for word in WORDS],
        "figures of a polygon": [_figures(polygon) for polygon in drawn],
        "people of a polygon": [_page(polygon) for polygon in drawn],
    }


def _houses(engine: Engine) -> Sequence[int]:
    statement = text(
        "SELECT id FROM housing.building AS b WHERE EXISTS (SELECT FROM housing.dwelling "
        "WHERE building_id = b.id) ORDER BY md5(id::text) LIMIT :n"
    )
    with engine.begin() as connection:
        found = list(connection.execute(statement, {"n": EACH}).scalars())
    if not found:
        raise BenchError("there are no buildings with dwellings; run ./wangge synth first")
    return found


def _search(engine: Engine, reader: Reader, word: str) -> Ask:
    frequencies = Frequencies()
    with engine.begin() as connection:
        frequencies.read(connection, searchable(LAYERS, reader))
    return lambda c, r: search_box(c, LAYERS, r, word, frequencies)


def _figures(polygon: dict[str, Any]) -> Ask:
    def ask(connection: SqlConnection, reader: Reader) -> object:
        question = read_question(people.question(polygon)["question"], LAYERS, reader, _no_codes)
        place = find_place(connection, reader, question.subject, question.relation, None)
        return find_inhabitants(connection, question, place, reader)

    return ask


def _page(polygon: dict[str, Any]) -> Ask:
    asked = {"layer": "persons", "relation": "within", "subject": {"geometry": polygon}}

    def ask(connection: SqlConnection, reader: Reader) -> object:
        question = read_question(asked, LAYERS, reader, _no_codes)
        place = find_place(connection, reader, question.subject, question.relation, None)
        return find_answer(connection, question, place, reader, Paging())

    return ask


def _no_codes(_table: str) -> frozenset[str]:
    return frozenset()


def _compared(
    title: str,
    engine: Engine,
    free: tuple[Connection, Reader],
    held: tuple[Connection, Reader],
    questions: Sequence[Ask],
) -> Comparison:
    asked = [
        tuple(
            _reading(statements_of(engine, lambda c, q=question, r=reader: q(c, r)))  # type: ignore[misc]
            for _, reader in (free, held)
        )
        for question in questions
    ]
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(max(len(asked), EACH) + len(asked)):
        pair = asked[number % len(asked)]
        order = (0, 1) if number % 2 else (1, 0)
        for way in order:
            seconds = run_bare((free, held)[way][0], pair[way])
            if number >= len(asked):  # the first round reads from disk
                times[way].append(seconds)
    return Comparison(title, Times(tuple(times[0])), Times(tuple(times[1])))


def _reading(statements: Statements) -> Statements:
    """Those that read: a look is logged at the same cost with and without scope."""
    return [each for each in statements if "write_audit" not in each[0]]
