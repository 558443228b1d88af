"""Ten thousand hostile requests against the real server.

WANGGE_HOSTILE says how many else, WANGGE_HOSTILE_SEED from which seed; the same seed sends the
same. Routes, parameters and bodies come from the OpenAPI documents, so a new route is met by
itself.
"""

from __future__ import annotations

import base64
import json
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from gisserver.auth.accounts import create_account
from gisserver.settings import ROOT
from gisserver.viewer_build import build_viewer
from layers.core.rights import Role
from layers.core.scope import Grant
from tests.gisserver.hostile.attacks import (
    Account,
    Attacker,
    Operation,
    hugest,
    operations_of,
)
from tests.gisserver.hostile.wire import Answer, Attack, Wire
from tests.harness import serving

REQUESTS = int(os.environ.get("WANGGE_HOSTILE", "10000"))
SEED = int(os.environ.get("WANGGE_HOSTILE_SEED", "5"))
AT_ONCE = 4
LONGEST_SECONDS = 5.0
PASSWORD = "correct horse battery"
# What no document tells.
BESIDE = (
    "/tiles/{names}/{z}/{x}/{y}",
    "/live",
    "/metrics",
    "/healthz",
    "/{name}",
    "/assets/{name}",
)
LEAK = re.compile(
    rf"Traceback|File \"|site-packages|psycopg2|sqlalchemy|werkzeug|LINE \d|SELECT [\s\S]* FROM "
    rf"|INSERT INTO|pg_catalog|{re.escape(str(ROOT))}|/tmp/pytest|root:x:0"
)
# Written by looking: the log of looks, sign-ins and their failures, when a token was used last.
LOGS = ("core.audit", "organisation.session")
LOGGED_COLUMNS = ("failed_sign_ins", "locked_until", "last_used_at")


@dataclass(frozen=True)
class Fortress:
    """The server under attack, who attacks it, and what is there to be attacked."""

    address: str
    log: Path
    accounts: dict[str, Account]
    operations: list[Operation]
    documents: list[dict[str, Any]]
    ids: dict[str, list[int]]

    def attacks(self, operations: Sequence[Operation], count: int, seed: int) -> list[Attack]:
        attacker, dice = Attacker(self.documents, self.ids, seed), random.Random(seed)
        names = list(self.accounts)
        weights = [3 if name == "everything" else 1 for name in names]
        made = []
        for number in range(count):
            account = self.accounts[dice.choices(names, weights)[0]]
            made.append(attacker.attack(operations[number % len(operations)], account))
        return made

    def send(self, attacks: Sequence[Attack]) -> list[tuple[Attack, Answer]]:
        """All of them over a few connections at once."""

        def run(part: Sequence[Attack]) -> list[tuple[Attack, Answer]]:
            wire = Wire(self.address)
            try:
                return [(attack, wire.send(attack)) for attack in part]
            finally:
                wire.close()

        with ThreadPoolExecutor(AT_ONCE) as pool:
            parts = pool.map(run, [attacks[start::AT_ONCE] for start in range(AT_ONCE)])
            return [pair for part in parts for pair in part]

    def ask(self, path: str) -> Any:
        headers = self.accounts["everything"].headers
        return json.loads(_once(self.address, Attack("GET", path.encode(), headers)).text)


@pytest.fixture(scope="module")
def fortress(
    city_url: str,
    city_engine: Engine,
    city_accounts: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Fortress]:
    """The real server over a copy of the demo city, with an account that may do everything."""
    build_viewer(lambda _: None)
    create_account(city_engine, "everything", "All", PASSWORD, [Grant(role, "") for role in Role])
    passwords = {each["login"]: each["password"] for each in json.loads(city_accounts.read_text())}
    chosen = {name: passwords[name] for name in ("worker", "admin", "supervisor")}
    accounts = {name: _basic(name, word) for name, word in chosen.items()}
    accounts |= {"everything": _basic("everything", PASSWORD), "nobody": Account("nobody", ())}
    var = tmp_path_factory.mktemp("server")
    shutil.copy(city_accounts, var)
    with serving(city_url, var, WANGGE_RATE="0") as address:
        bare = Fortress(address, var / "server.log", accounts, [], [], {})
        api, ogc = bare.ask("/api/openapi.json"), bare.ask("/ogc/openapi")
        told = operations_of(api, "") + operations_of(ogc, "/ogc")
        told += [Operation("GET", path) for path in BESIDE]
        layers = sorted({path.split("/")[2] for path in ogc["paths"] if path.endswith("/items")})
        ids = {
            layer: [
                feature["id"]
                for feature in bare.ask(
                    f"/ogc/collections/{layer}/items?limit=5&skipGeometry=true"
                )["features"]
            ]
            for layer in layers
        }
        yield Fortress(address, var / "server.log", accounts, told, [api, ogc], ids)


def _basic(login: str, password: str) -> Account:
    sent = base64.b64encode(f"{login}:{password}".encode())
    return Account(login, ((b"Authorization", b"Basic " + sent),))


def _once(address: str, attack: Attack) -> Answer:
    wire = Wire(address)
    try:
        return wire.send(attack)
    finally:
        wire.close()


def fault_of(answer: Answer) -> str | None:
    """What is wrong with an answer, None when nothing is."""
    if not 200 <= answer.status < 500:
        return f"status {answer.status}"
    if answer.seconds > LONGEST_SECONDS:
        return f"{answer.seconds:.1f} s"
    told = "\n".join([answer.text, *answer.headers.values()])
    if found := LEAK.search(told):
        return f"tells {found[0][:100]!r}"
    is_ours = "x-content-type-options" in answer.headers
    kind = answer.headers.get("content-type", "")
    if is_ours and answer.status >= 400 and answer.body and kind != "application/problem+json":
        return f"status {answer.status} as {kind}"
    return None


def withstood(fortress: Fortress, sent: Sequence[tuple[Attack, Answer]]) -> None:
    """Fails with the first requests that the server did not withstand, and what it answered."""
    faults = [(attack, answer, found) for attack, answer in sent if (found := fault_of(answer))]
    told = "\n\n".join(f"{f}: {attack}\n→ {answer.text[:300]}" for attack, answer, f in faults[:8])
    assert not faults, f"{len(faults)} of {len(sent)}\n{told}"
    assert _once(fortress.address, Attack("GET", b"/healthz")).status == 200
    assert "Traceback" not in fortress.log.read_text(errors="replace")


def fingerprint(engine: Engine) -> dict[str, str]:
    """One hash of all the rows of each table that looking does not write."""
    with engine.connect() as connection:
        tables = connection.execute(
            text(
                "SELECT table_schema || '.' || table_name AS name, "
                "string_agg(format('%I::text', column_name), ',' ORDER BY ordinal_position) "
                "FILTER (WHERE column_name <> ALL (:logged)) AS columns "
                "FROM information_schema.columns JOIN information_schema.tables "
                "USING (table_schema, table_name) WHERE table_type = 'BASE TABLE' "
                "AND table_schema NOT IN ('pg_catalog', 'information_schema', 'public') GROUP BY 1"
            ),
            {"logged": list(LOGGED_COLUMNS)},
        ).all()
        told = "SELECT count(*) || ' ' || sum(hashtextextended(concat_ws('|', {}), 0)) FROM {}"
        return {
            name: connection.execute(text(told.format(columns, name))).scalar_one()
            for name, columns in tables
            if name not in LOGS
        }


def test_hostile_questions_are_withstood_and_change_nothing(
    fortress: Fortress, city_engine: Engine
) -> None:
    before = fingerprint(city_engine)
    reading = [each for each in fortress.operations if each.is_reading]
    attacks = fortress.attacks(reading, REQUESTS * 6 // 10, SEED)
    sent = fortress.send(attacks)
    withstood(fortress, sent)
    assert fingerprint(city_engine) == before
    # An attack that never gets past the door would prove little.
    statuses = Counter(answer.status for _, answer in sent)
    assert statuses[200] > len(sent) // 20, statuses


def test_hostile_writes_are_withstood(fortress: Fortress) -> None:
    writing = [each for each in fortress.operations if not each.is_reading]
    withstood(fortress, fortress.send(fortress.attacks(writing, REQUESTS * 4 // 10, SEED + 1)))


def test_bodies_and_filters_of_megabytes_are_withstood(fortress: Fortress) -> None:
    sent = fortress.send(list(hugest(fortress.accounts["everything"])))
    withstood(fortress, sent)
    assert {answer.status for _, answer in sent} <= {400, 413, 414, 431}


def test_every_route_is_met(fortress: Fortress, city_app: Flask) -> None:
    met = {operation.address for operation in fortress.operations}
    for rule in city_app.url_map.iter_rules():
        pattern = re.sub(r"<[^>]+>", "[^/]+", rule.rule).rstrip("/") + "/?"
        assert any(re.fullmatch(pattern, address) for address in met) or rule.rule == "/", rule.rule


def test_the_same_seed_sends_the_same(fortress: Fortress) -> None:
    first, second = (fortress.attacks(fortress.operations, 300, 7) for _ in range(2))
    assert first == second
