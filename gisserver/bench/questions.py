"""The questions: tiles cold and warm, find by house, search, each beside its bare SQL."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812
from sqlalchemy import Connection as SqlConnection
from sqlalchemy import Engine, text

from gisserver.bench import people, population
from gisserver.bench.bare import Statements, run_bare, statements_of
from gisserver.bench.figures import Comparison, Times
from gisserver.bench.server import BenchError, Client
from layers.catalogue import LAYERS, layer_by_name
from layers.core.scope import Reader
from layers.core.search import Frequencies, searchable
from layers.core.tile_matrix import CGCS2000_QUAD, WEB_MERCATOR_QUAD, TileMatrixSet
from layers.core.tiles import Tile, tile_at, tile_question
from layers.housing.search_box import search_box
from layers.incidents.list_page import count_lists, find_page
from layers.incidents.list_tile import list_tile
from layers.incidents.work_list import Filter, WorkList, lists_of, work_list
from layers.people.by_house import find_house

ZOOMS = (13, 14, 15, 16)
TILES_PER_ZOOM = 24
WARM_ROUNDS = 5
HOUSES = 300
SEARCHES = 200
PAST = date(2015, 3, 1)
SEED = 20260801
TILE_LAYER = "buildings"

CASE_ZOOMS = (11, 13, 15)
COUNT_ROUNDS = 6
CASE_LISTS = ("open", "overdue", "due_soon", "all")
CASE_FILTERS: Mapping[str, Filter] = {
    "": Filter(),
    "category=UM-04": Filter(category="UM-04"),
    "light=red": Filter(light="red"),
    f"text={quote('垃圾')}": Filter(text="垃圾"),
    f"category=UM-01&text={quote('路')}": Filter(category="UM-01", text="路"),
}


def _cases_asked() -> Iterator[tuple[str, Filter, str]]:
    for name in CASE_LISTS:
        for query, wanted in CASE_FILTERS.items():
            yield name, wanted, query


def _tile_path(tile: Tile) -> str:
    if tile.matrix_set is WEB_MERCATOR_QUAD:
        return f"/tiles/{TILE_LAYER}/{tile.z}/{tile.x}/{tile.y}"
    place = f"{tile.matrix_set.id}/{tile.z}/{tile.y}/{tile.x}"
    return f"/ogc/collections/{TILE_LAYER}/tiles/{place}"


class Bench:
    """One reader's questions over one database, asked both ways in turn."""

    def __init__(self, engine: Engine, client: Client, reader: Reader) -> None:
        self._engine = engine
        self._client = client
        self._reader = reader
        self._random = random.Random(SEED)
        arguments, keywords = engine.dialect.create_connect_args(engine.url)
        self._bare: Connection = psycopg2.connect(
            *arguments, **keywords, options="-c jit=off -c timezone=UTC"
        )
        self._bare.autocommit = True

    def close(self) -> None:
        """Close the connection of the bare statements."""
        self._bare.close()

    def tiles(self) -> list[Comparison]:
        """Tiles of buildings: cold and warm by zoom, then all zooms together.

        Those of the viewer, then by OGC's address in the other matrix set, which share no tile.
        """
        found: list[Comparison] = []
        for title, quad in (("tiles", WEB_MERCATOR_QUAD), ("OGC tiles", CGCS2000_QUAD)):
            total: dict[str, list[float]] = {"bare": [], "cold": [], "warm": []}
            for zoom in ZOOMS:
                bare, cold, warm, size = self._tile_times(self._places(zoom, quad))
                total["bare"] += bare
                total["cold"] += cold
                total["warm"] += warm
                if quad is WEB_MERCATOR_QUAD:
                    note = f"{size:.0f} KiB gzip"
                    found.append(Comparison(f"tile z{zoom} cold", Times(bare), Times(cold), note))
                    found.append(Comparison(f"tile z{zoom} warm", Times(bare), Times(warm)))
            times = {name: Times(tuple(seconds)) for name, seconds in total.items()}
            found.append(Comparison(f"{title} cold", times["bare"], times["cold"]))
            found.append(Comparison(f"{title} warm", times["bare"], times["warm"]))
        return found

    def _tile_times(
        self, tiles: Sequence[Tile]
    ) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...], float]:
        """Seconds bare, cold and warm, and how many KiB a packed tile has."""
        paths = [_tile_path(tile) for tile in tiles]
        layer = layer_by_name(TILE_LAYER)
        questions = [tile_question((layer,), self._reader, tile) for tile in tiles]
        asked = [[question] for question in questions if question is not None]
        ways = [lambda path=path: self._client.get(path)[0] for path in paths]
        bare, cold = self._in_turn(asked, ways)
        warm = [self._client.get(path)[0] for _ in range(WARM_ROUNDS) for path in paths]
        size = sum(self._client.get(path)[2] for path in paths) / len(paths) / 1024
        return bare, cold, tuple(warm), size

    def houses(self) -> list[Comparison]:
        """A building with its units, floors, rooms and how many live there, now and on a day."""
        ids = self._column(
            "SELECT id FROM housing.building AS b WHERE EXISTS (SELECT FROM housing.dwelling "
            "WHERE building_id = b.id) ORDER BY md5(id::text) LIMIT :n",
            HOUSES,
        )
        found = []
        for title, on in (("find by house", None), ("house on a day", PAST)):
            asked = [
                self._statements(lambda c, i=number, d=on: find_house(c, self._reader, i, d))  # type: ignore[misc]
                for number in ids
            ]
            tail = f"?on={on}" if on else ""
            paths = [f"/api/buildings/{number}/house{tail}" for number in ids]
            found.append(self.compare(title, asked, paths))
        return found

    def searches(self) -> list[Comparison]:
        """What people type: pieces of a name or address, initials of a name, the door of a room."""
        texts = self._column(
            "SELECT coalesce(address, name) FROM housing.building "
            "WHERE coalesce(address, name) IS NOT NULL ORDER BY md5(id::text) LIMIT :n",
            SEARCHES,
        )
        names = self._column(
            "SELECT core.initials(name) FROM housing.building "
            "WHERE name ~ '^[一-龥]{3}' ORDER BY md5(id::text) LIMIT :n",
            SEARCHES,
        )
        doors = self._column(
            "SELECT b.address || CASE WHEN d.unit = '' THEN '' ELSE d.unit || '单元' END "
            "|| d.room_number FROM housing.dwelling AS d JOIN housing.building AS b "
            "ON b.id = d.building_id WHERE d.id % 997 = 1 AND b.address IS NOT NULL "
            "ORDER BY d.id LIMIT :n",
            SEARCHES,
        )
        frequencies = Frequencies()
        with self._engine.begin() as connection:
            frequencies.read(connection, searchable(LAYERS, self._reader))

        def find(c: SqlConnection, word: str) -> None:
            search_box(c, LAYERS, self._reader, word, frequencies)

        found = []
        for title, words in (
            ("search", [self._piece(str(each)) for each in texts]),
            ("search by initials", [self._piece(str(each).split()[0]) for each in names]),
            ("search a room", [str(each) for each in doors]),
        ):
            asked = [self._statements(lambda c, w=word: find(c, w)) for word in words]  # type: ignore[misc]
            found.append(self.compare(title, asked, [f"/api/search?q={quote(w)}" for w in words]))
        return found

    def cases(self) -> list[Comparison]:
        """Work lists: a page of rows, the counts of all tabs, tiles of the list on the map."""
        pages: list[Statements] = []
        page_paths: list[str] = []
        for name, wanted, query in _cases_asked():
            each = work_list(name, self._reader)

            def page(c: SqlConnection, each: WorkList = each, wanted: Filter = wanted) -> object:
                return find_page(c, each, self._reader, wanted, each.sort, 50)

            pages.append(self._statements(page))
            page_paths.append(f"/api/incidents/lists/{name}?{query}")
        counts: list[Statements] = []
        count_paths: list[str] = []
        # Counts are kept for a second: each time is another, so that each is counted.
        for year in range(2000, 2000 + COUNT_ROUNDS):
            since = datetime(year, 1, 1, tzinfo=UTC)
            for query, each_filter in CASE_FILTERS.items():
                wanted = replace(each_filter, since=since)

                def count(c: SqlConnection, wanted: Filter = wanted) -> object:
                    return count_lists(c, lists_of(self._reader), self._reader, wanted)

                counts.append(self._statements(count))
                count_paths.append(
                    f"/api/incidents/lists?since={quote(since.isoformat())}&{query}".rstrip("&")
                )
        tiles: list[Statements] = []
        tile_paths: list[str] = []
        for zoom in CASE_ZOOMS:
            for place in self._places(zoom, WEB_MERCATOR_QUAD)[:6]:
                for name in ("open", "all"):
                    each = work_list(name, self._reader)

                    def tile(
                        c: SqlConnection, each: WorkList = each, place: Tile = place
                    ) -> object:
                        return list_tile(c, each, self._reader, Filter(), place)

                    tiles.append(self._statements(tile))
                    tile_paths.append(
                        f"/api/incidents/lists/{name}/tiles/{place.z}/{place.x}/{place.y}"
                    )
        return [
            self.compare("incident list", pages * 4, page_paths * 4),
            self.compare("incident counts", counts, count_paths),
            self.compare("incident list on the map", tiles, tile_paths),
        ]

    def inhabitants(self) -> Comparison:
        """Who lives in a polygon of one to four square kilometres, by sex, age and register."""
        drawn = people.polygons(self._engine)
        asked = [people.question(polygon) for polygon in drawn]
        return self.compare_sent(people.TITLE, [people.bare(p) for p in drawn], people.PATH, asked)

    def population(self, area: str) -> Comparison:
        """The district's people by community, register and age."""
        asked = [population.bare(area)] * population.ROUNDS
        paths = [population.path(area)] * population.ROUNDS
        return self.compare(population.TITLE, asked, paths)

    def compare(self, title: str, asked: Sequence[Statements], paths: Sequence[str]) -> Comparison:
        """The statements of each question beside its path, both asked once before in vain."""
        ways = [lambda path=path: self._client.get(path)[0] for path in paths]
        return self._compared(title, asked, ways)

    def compare_sent(
        self, title: str, asked: Sequence[Statements], path: str, bodies: Sequence[object]
    ) -> Comparison:
        """The same for bodies sent to one path."""
        ways = [lambda body=body: self._client.post(path, body)[0] for body in bodies]
        return self._compared(title, asked, ways)

    def _compared(
        self, title: str, asked: Sequence[Statements], served: Sequence[Callable[[], float]]
    ) -> Comparison:
        for ask in served:  # what is measured is the asking, not the first read from disk
            ask()
        bare, taken = self._in_turn(asked, served)
        return Comparison(title, Times(bare), Times(taken))

    def _in_turn(
        self, asked: Sequence[Statements], served: Sequence[Callable[[], float]]
    ) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Both ways in turn, so that what else the machine does slows both alike."""
        for statements in asked:
            run_bare(self._bare, statements)
        bare: list[float] = []
        taken: list[float] = []
        for number, (statements, ask) in enumerate(zip(asked, served, strict=True)):
            if number % 2:
                bare.append(run_bare(self._bare, statements))
                taken.append(ask())
            else:
                taken.append(ask())
                bare.append(run_bare(self._bare, statements))
        return tuple(bare), tuple(taken)

    def _statements(self, question: Callable[[SqlConnection], object]) -> Statements:
        return statements_of(self._engine, question)

    def _places(self, zoom: int, quad: TileMatrixSet) -> list[Tile]:
        """Different tiles around buildings, the same in every run."""
        with self._engine.begin() as connection:
            rows = connection.execute(
                text(
                    "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p "
                    "FROM housing.building ORDER BY md5(id::text) LIMIT 2000) AS places"
                )
            ).all()
        places = dict.fromkeys(tile_at(zoom, lon, lat, quad) for lon, lat in rows)
        tiles = list(places)[:TILES_PER_ZOOM]
        if not tiles:
            raise BenchError("there are no buildings; run ./wangge synth or load first")
        return tiles

    def _column(self, statement: str, count: int) -> list[Any]:
        with self._engine.begin() as connection:
            found = list(connection.execute(text(statement), {"n": count}).scalars())
        if not found:
            raise BenchError("there are no buildings with dwellings; run ./wangge synth first")
        return found

    def _piece(self, whole: str) -> str:
        length = min(len(whole), self._random.randint(2, 8))
        start = self._random.randint(0, len(whole) - length)
        return whole[start : start + length]
