"""What tests of care enter and read: persons, records, visits, services, lists."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from layers.core.calendar import CHINA
from tests.gisserver.desk import Desk

TODAY = datetime.now(CHINA).date()


def day(days: int) -> str:
    """The day so many days from today."""
    return (TODAY + timedelta(days=days)).isoformat()


_names = itertools.count(1)


def person(desk: Desk, birth_date: str | None = "1940-05-01", dwelling: int | None = None) -> int:
    """Another person, at home in the dwelling if there is one."""
    values = {"name": f"钱试{next(_names)}", "register": "POP-01", "birth_date": birth_date}
    made = int(desk.make("persons", **values)["id"])
    if dwelling is not None:
        desk.make("residences", person_id=made, dwelling_id=dwelling, kind="L01")
    return made


def enrol(desk: Desk, person_id: int, **values: Any) -> int:
    """A care record of the person, visited every 10 days since 40 days ago."""
    given = {
        "person_id": person_id,
        "care_group": "CARE-02",
        "lawful_basis": "残疾人保障法",
        "purpose": "定期走访",
        "responsible": "周责任",
        "review_date": day(200),
        "visit_interval": 10,
        "valid_from": day(-40),
    }
    return int(desk.make("care_records", **given | values)["id"])


def visit(desk: Desk, record: int, status: int = 201, /, **values: Any) -> Any:
    body = {"visited_on": day(0), "kind": "home_visit"} | values
    return desk.post(f"/api/care/{record}/visits", body, status)


def faults(answer: Any) -> dict[str, str]:
    return {fault["field"]: fault["reason"] for fault in answer["faults"]}


def written(engine: Engine) -> list[int]:
    tables = ("people.care_visit", "people.elderly_service", "core.history")
    with engine.connect() as connection:
        return [
            int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
            for table in tables
        ]


def listed(desk: Desk, name: str, query: str = "", limit: int = 3) -> list[dict[str, Any]]:
    """All rows of a list, page by page; each page tells the same total."""
    found: list[dict[str, Any]] = []
    path = f"/api/care/due/{name}?limit={limit}{query}"
    page = desk.get(path)
    while True:
        found += page["items"]
        assert len(page["items"]) == limit or page["next"] is None
        if page["next"] is None:
            assert page["total"] == len(found)
            return found
        page = desk.get(f"{path}&after={page['next']}")


def provider(desk: Desk, **values: Any) -> int:
    name = f"乐龄服务社{next(_names)}"
    return int(desk.make("service_providers", name=name, **values)["id"])


def ask(desk: Desk, person_id: int, status: int = 201, /, **values: Any) -> Any:
    given = {"person_id": person_id, "kind": "repair", "requested_on": day(-5)} | values
    return desk.post("/api/layers/elderly_services/features", {"properties": given}, status)


def step(desk: Desk, service: int, status: int = 200, /, **values: Any) -> Any:
    path = f"/api/layers/elderly_services/features/{service}"
    body = {"properties": values, "row_version": desk.get(path)["properties"]["row_version"]}
    answer = desk.client.patch(path, json=body, headers=desk.headers)
    assert answer.status_code == status, answer.text
    return answer.get_json()
