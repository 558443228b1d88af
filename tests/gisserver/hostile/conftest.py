"""The real server over a copy of the demo city, with an account that may do everything."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from gisserver.auth.accounts import create_account
from gisserver.viewer_build import build_viewer
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.gisserver.hostile.attacks import Account
from tests.gisserver.hostile.wire import Attack, Wire
from tests.harness import serving

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Besieged:
    """A server, its log, and those who may sign in to it."""

    address: str
    log: Path
    accounts: dict[str, Account]

    def ask(self, path: str) -> Any:
        """The JSON that a path answers to who may see everything."""
        wire = Wire(self.address)
        try:
            headers = self.accounts["everything"].headers
            return json.loads(wire.send(Attack("GET", path.encode(), headers)).text)
        finally:
            wire.close()


@pytest.fixture(scope="module")
def besieged(
    city_url: str,
    city_engine: Engine,
    city_accounts: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Besieged]:
    """The server without a limit of requests, which would keep the most of them out."""
    build_viewer(lambda _: None)
    create_account(city_engine, "everything", "All", PASSWORD, [Grant(role, "") for role in Role])
    passwords = {each["login"]: each["password"] for each in json.loads(city_accounts.read_text())}
    chosen = {name: passwords[name] for name in ("worker", "admin", "supervisor")}
    accounts = {name: _basic(name, word) for name, word in chosen.items()}
    accounts |= {"everything": _basic("everything", PASSWORD), "nobody": Account("nobody", ())}
    var = tmp_path_factory.mktemp("server")
    shutil.copy(city_accounts, var)
    with serving(city_url, var, WANGGE_RATE="0") as address:
        yield Besieged(address, var / "server.log", accounts)


def _basic(login: str, password: str) -> Account:
    sent = base64.b64encode(f"{login}:{password}".encode())
    return Account(login, ((b"Authorization", b"Basic " + sent),))
