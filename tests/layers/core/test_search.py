"""The search box: what is found, in which order, and what a query may hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine

from layers.catalogue import LAYERS
from layers.core import search
from layers.core.database import owner_transaction, reader_transaction
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.core.search import Frequencies, fold, parts_of, pieces_of, search_layers, words_of
from tests.builders.two_sides import (
    EVERYBODY,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    at,
    build_two_sides,
    insert,
    reader,
    square,
)


@pytest.fixture(scope="module")
def town(module_engine: Engine) -> TwoSides:
    town = build_two_sides(module_engine)
    with owner_transaction(module_engine) as connection:
        for place, name in ((7, "云溪花园"), (7.5, "云溪花园西苑"), (8, "大云溪花园")):
            insert(connection, "compounds", {"name": name}, square(WEST, place, 0.3))
        lane = {"name": "Ａ座", "address": "100%_之路８８号Tower一层"}
        insert(connection, "buildings", lane, square(WEST, 9, 0.3))
        connection.exec_driver_sql("ANALYZE")
    return town


@pytest.fixture
def connection(module_engine: Engine, town: TwoSides) -> Iterator[Connection]:
    with reader_transaction(module_engine, EVERYBODY) as connection:
        yield connection


def titles(
    connection: Connection, query: str, layer: str, asker: Reader = EVERYBODY, limit: int = 8
) -> list[str]:
    found = search_layers(connection, LAYERS, asker, query, Frequencies(), limit)
    return [hit.title for each, hits in found if each.name == layer for hit in hits]


def test_equal_titles_come_first_then_beginnings_then_short_ones(connection: Connection) -> None:
    found = titles(connection, "云溪花园", "compounds")
    assert found[:2] == ["云溪花园", "云溪花园1区"]
    assert found[-1] == "大云溪花园"
    assert titles(connection, "云溪花园", "compounds", limit=2) == found[:2]


def test_groups_of_exact_titles_stand_first(connection: Connection) -> None:
    found = search_layers(connection, LAYERS, EVERYBODY, "云溪花园", Frequencies())
    assert [layer.name for layer, _ in found] == ["compounds", "buildings"]


@pytest.mark.parametrize(
    ("query", "layer", "expected"),
    [
        ("澄湖路1", "roads", ["澄湖路1段"]),
        ("澄湖路 2段", "roads", ["澄湖路2段"]),
        ("2段 澄湖", "roads", ["澄湖路2段"]),
        ("澄湖路2号2幢", "buildings", ["2幢"]),
        ("a座", "buildings", ["Ａ座"]),
        ("Ａ座", "buildings", ["Ａ座"]),
        ("88号tower", "buildings", ["Ａ座"]),
        ("100%_", "buildings", ["Ａ座"]),
        ("0%", "buildings", ["Ａ座"]),
        ("路88号", "buildings", ["Ａ座"]),
        ("之_", "buildings", []),
        ("_幢", "buildings", []),
        ("yxhyxy", "compounds", ["云溪花园西苑"]),
        ("DYX", "compounds", ["大云溪花园"]),
        ("wgy1", "staff", ["网格员1"]),
        ("chl 2d", "roads", ["澄湖路2段"]),
        ("2段 chl", "roads", ["澄湖路2段"]),
        ("clh2d", "roads", []),
        ("社", "areas", ["社区1", "社区2"]),
        ("区", "areas", []),
        ("虚A", "vehicles", ["虚A00001", "虚A00002"]),
        ("没有这个名字", "buildings", []),
        ("", "buildings", []),
        ("  \x00 \u3000", "buildings", []),
        ("\\", "buildings", []),
        ("'; DROP TABLE housing.building; --", "buildings", []),
    ],
)
def test_queries(connection: Connection, query: str, layer: str, expected: list[str]) -> None:
    assert titles(connection, query, layer) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("阳光花园", "yghy"),
        ("阳光花园A座３层", "yghyaz3c"),
        ("安儿鄂", "aee"),
        ("重庆里弄", "zqln cqll"),
        ("1幢", "1c 1z"),
        ("Tower 1", ""),
        ("", ""),
        (None, None),
    ],
)
def test_initials_are_those_of_the_pinyin(
    connection: Connection, name: str | None, expected: str | None
) -> None:
    found = connection.exec_driver_sql("SELECT core.initials(%(name)s)", {"name": name})
    assert found.scalar_one() == expected


def test_a_room_is_found_by_its_code(
    module_engine: Engine, connection: Connection, town: TwoSides
) -> None:
    with owner_transaction(module_engine) as owner:
        owner.exec_driver_sql("UPDATE housing.dwelling SET code = 'FH-2030-0000' || id")
    code = f"FH-2030-0000{town.east('dwellings')}"
    ((layer, (hit,)),) = search_layers(connection, LAYERS, EVERYBODY, code, Frequencies())
    assert (layer.name, hit.id) == ("dwellings", town.east("dwellings"))
    with reader_transaction(module_engine, SUPERVISOR_WEST) as west:
        assert search_layers(west, LAYERS, SUPERVISOR_WEST, code, Frequencies()) == []


def test_hits_say_where_they_are_and_what_they_are(connection: Connection) -> None:
    found = search_layers(connection, LAYERS, EVERYBODY, "网格员1", Frequencies())
    ((layer, (hit,)),) = found
    assert (layer.name, hit.subtitle, hit.lon) == ("staff", "网格员", None)
    ((_, (school,)),) = search_layers(connection, LAYERS, EVERYBODY, "小学1", Frequencies())
    assert (school.lon, school.lat) == pytest.approx(at(WEST, 4))


def test_a_whole_code_gives_its_row(
    module_engine: Engine, connection: Connection, town: TwoSides
) -> None:
    with owner_transaction(module_engine) as owner:
        owner.exec_driver_sql("UPDATE incidents.incident SET code = 'SJ-2030-0000' || id")
        owner.exec_driver_sql("UPDATE people.person SET code = 'P-000000' || id")
    ((layer, (hit,)),) = search_layers(connection, LAYERS, EVERYBODY, f" {WEST}01", Frequencies())
    assert (layer.name, hit.title) == ("grids", "网格1")
    case = f"sj-2030-0000{town.east('incidents')}"
    ((layer, (hit,)),) = search_layers(connection, LAYERS, EVERYBODY, case, Frequencies())
    assert (layer.name, hit.id) == ("incidents", town.east("incidents"))
    person = f"P-000000{town.west('persons')}"
    assert search_layers(connection, LAYERS, EVERYBODY, person, Frequencies()) == []
    with reader_transaction(module_engine, SUPERVISOR_WEST) as west:
        assert search_layers(west, LAYERS, SUPERVISOR_WEST, case, Frequencies()) == []


def test_persons_are_never_found_by_the_search_box(connection: Connection) -> None:
    for query in ("欧阳西门", "欧***", "13800000001", "990101195001010010"):
        assert search_layers(connection, LAYERS, EVERYBODY, query, Frequencies()) == []


def test_layers_without_the_right_are_not_searched(module_engine: Engine, town: TwoSides) -> None:
    auditor = reader(Role.AUDITOR, "")
    with reader_transaction(module_engine, auditor) as connection:
        assert titles(connection, "小学", "key_sites", auditor) == []
        assert titles(connection, "云溪花园", "compounds", auditor)
    nobody = Reader(1, "nobody", ())
    with reader_transaction(module_engine, nobody) as connection:
        assert search_layers(connection, LAYERS, nobody, "云溪", Frequencies()) == []


def test_common_pieces_are_known_from_the_statistics(
    module_engine: Engine, town: TwoSides, connection: Connection
) -> None:
    frequencies = Frequencies()
    layers = [layer for layer in LAYERS if layer.name in ("roads", "compounds")]
    assert frequencies.missing(layers) == layers
    with owner_transaction(module_engine) as owner:
        frequencies.read(owner, layers)
    assert frequencies.missing(layers) == []
    roads = frequencies.of(next(layer for layer in layers if layer.name == "roads"))
    assert roads.rows == 2
    assert roads.shares["澄湖"] >= search.COMMON_SHARE
    assert roads.rarest(("澄湖", "路1", "没有")) == "没有"
    found = search_layers(connection, layers, EVERYBODY, "澄湖路", frequencies)
    assert len(found[0][1]) == 2, "a piece that every row has is read without the index"


def test_folding_and_pieces() -> None:
    assert fold("　Ａ１２ＢＣ号\n") == "a12bc号"
    assert words_of("澄湖路  澄湖路 3号") == ("澄湖路", "3号")
    assert parts_of(("澄湖路100号3幢2单元",)) == ("澄湖路", "100号", "3幢", "2单元")
    assert pieces_of(("澄湖路", "号")) == ("澄湖", "湖路")


@given(st.text(max_size=120))
def test_any_text_is_a_query(query: str) -> None:
    words = words_of(query)
    assert len(fold(query)) <= search.MAX_QUERY_CHARACTERS
    assert all(word == word.strip() for word in words)
    assert "".join(parts_of(words)) or not words
