"""Ten thousand hostile requests against the real server.

WANGGE_HOSTILE says how many else, WANGGE_HOSTILE_SEED from which seed; the same seed sends the
same. Routes, parameters and bodies come from the OpenAPI documents, so a new route is met by
itself.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from gisserver.settings import ROOT
from tests.gisserver.hostile.attacks import (
    Attacker,
    Operation,
    hugest,
    operations_of,
)
from tests.gisserver.hostile.conftest import Besieged
from tests.gisserver.hostile.wire import Answer, Attack, Wire

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
    "/ogc/static/{name}",
    "/ogc/help",
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

    server: Besieged
    operations: list[Operation]
    documents: list[dict[str, Any]]
    ids: dict[str, list[int]]

    def attacks(self, operations: Sequence[Operation], count: int, seed: int) -> list[Attack]:
        attacker, dice = Attacker(self.documents, self.ids, seed), random.Random(seed)
        names = list(self.server.accounts)
        weights = [3 if name == "everything" else 1 for name in names]
        made = []
        for number in range(count):
            account = self.server.accounts[dice.choices(names, weights)[0]]
            made.append(attacker.attack(operations[number % len(operations)], account))
        return made

    def send(self, attacks: Sequence[Attack]) -> list[tuple[Attack, Answer]]:
        """All of them over a few connections at once."""

        def run(part: Sequence[Attack]) -> list[tuple[Attack, Answer]]:
            wire = Wire(self.server.address)
            try:
                return [(attack, wire.send(attack)) for attack in part]
            finally:
                wire.close()

        with ThreadPoolExecutor(AT_ONCE) as pool:
            parts = pool.map(run, [attacks[start::AT_ONCE] for start in range(AT_ONCE)])
            return [pair for part in parts for pair in part]


@pytest.fixture(scope="module")
def fortress(besieged: Besieged) -> Fortress:
    """What the documents of the server tell, as an attacker reads them."""
    api, ogc = besieged.ask("/api/openapi.json"), besieged.ask("/ogc/openapi")
    told = operations_of(api, "") + operations_of(ogc, "/ogc")
    told += [Operation("GET", path) for path in BESIDE]
    layers = sorted({path.split("/")[2] for path in ogc["paths"] if path.endswith("/items")})
    ids = {}
    for layer in layers:
        page = besieged.ask(f"/ogc/collections/{layer}/items?limit=5&skipGeometry=true")
        ids[layer] = [feature["id"] for feature in page["features"]]
    return Fortress(besieged, told, [api, ogc], ids)


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
    assert _once(fortress.server.address, Attack("GET", b"/healthz")).status == 200
    assert "Traceback" not in fortress.server.log.read_text(errors="replace")


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
    sent = fortress.send(list(hugest(fortress.server.accounts["everything"])))
    withstood(fortress, sent)
    assert {answer.status for _, answer in sent} <= {400, 413, 414, 431}


def test_every_route_is_met(fortress: Fortress, city_app: Flask) -> None:
    met = {operation.address for operation in fortress.operations}
    # An operation may stand for several routes, one for each of its variable's values.
    wide = [re.compile(re.sub(r"{[^}]+}", "[^/]+", address)) for address in met]
    for rule in city_app.url_map.iter_rules():
        pattern = re.sub(r"<[^>]+>", "[^/]+", rule.rule).rstrip("/") + "/?"
        is_met = any(re.fullmatch(pattern, address) for address in met)
        assert is_met or any(each.fullmatch(rule.rule) for each in wide) or rule.rule == "/", rule


def test_the_same_seed_sends_the_same(fortress: Fortress) -> None:
    first, second = (fortress.attacks(fortress.operations, 300, 7) for _ in range(2))
    assert first == second
