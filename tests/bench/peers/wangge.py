"""Ours: the real server with sign-in, rights, scope and row security over its own tables."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, text

from gisserver.bench.server import BenchError, running_server, temporary_account
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.bench.peers.load import Address
from tests.bench.peers.plain import PROPERTIES, Place
from tests.bench.peers.questions import (
    LEVELS,
    MOST,
    PAGE,
    USAGE,
    Box,
    Deep,
    First,
    Item,
    Narrow,
    Question,
    Row,
    Square,
)
from tests.bench.peers.server import Peer, Running

_ITEMS = "/ogc/collections/buildings/items"
_DISTRICT = text(
    "SELECT left(area_code, 6) FROM housing.building GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
)


def district_of(engine: Engine) -> str:
    """Code of the district with the most buildings.

    Raises: BenchError when there are none.
    """
    with engine.begin() as connection:
        found = connection.execute(_DISTRICT).scalar_one_or_none()
    if found is None:
        raise BenchError("there are no buildings; run ./wangge synth or load first")
    return str(found)


class Wangge(Peer):
    """The platform, asked for the attributes that the peers' table has."""

    name = "Wangge"
    properties: tuple[str, ...] | None = PROPERTIES

    def __init__(self, engine: Engine, url: str, key: bytes) -> None:
        self._engine = engine
        self._url = url
        self._key = key

    @contextmanager
    def serve(self, home: Path, folder: Path, place: Place) -> Iterator[Running]:
        """Two servers: one as it is, one that keeps no finished tile, for cold ones.

        Who asks is a commander of the district that holds the buildings, by HTTP Basic.
        """
        grants = [Grant(Role.COMMANDER, district_of(self._engine))]
        with (
            temporary_account(self._engine, grants) as (login, password),
            running_server(self._url, self._key) as (port, process),
            running_server(self._url, self._key, {"WANGGE_TILE_MB": "0"}) as (other, _),
        ):
            credentials = base64.b64encode(f"{login}:{password}".encode()).decode()
            headers = f"Authorization: Basic {credentials}\r\n"
            yield Running(Address(port, headers), process, Address(other, headers))

    def path(self, row: Row, question: Question) -> str | None:
        only = f"&properties={','.join(self.properties)},geom" if self.properties else ""
        match question:
            case First():
                return f"{_ITEMS}?limit={PAGE}{only}"
            case Box():
                return f"{_ITEMS}?limit={MOST}&bbox={question.text}{only}"
            case Item():
                return f"{_ITEMS}/{question.id}{only.replace('&', '?')}"
            case Deep():
                # As the `next` link of the page before has it.
                return f"{_ITEMS}?limit={PAGE}{only}&after={question.after}"
            case Narrow():
                wanted = (
                    f"levels > {LEVELS} AND usage = '{USAGE}' "
                    f"AND S_INTERSECTS(geom, {question.polygon})"
                )
                return f"{_ITEMS}?limit={MOST}{only}&filter={quote(wanted)}"
            case Square(z, x, y):
                return f"/ogc/collections/buildings/tiles/WebMercatorQuad/{z}/{y}/{x}"


class WanggeWhole(Wangge):
    """The same asked for all attributes, by whoever is asked already."""

    name = "Wangge, all attributes"
    properties = None

    def __init__(self, other: Wangge) -> None:
        super().__init__(other._engine, other._url, other._key)

    def reason(self, row: Row) -> str:
        return "as Wangge"

    def path(self, row: Row, question: Question) -> str | None:
        return None if isinstance(question, Square) else super().path(row, question)
