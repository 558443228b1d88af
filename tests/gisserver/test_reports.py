"""Reporting over HTTP: saved once, joined not doubled, photos and reporters, clear refusals."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from layers.core.rights import Role
from tests.builders.pictures import flat_photo
from tests.gisserver.conftest import signed_in
from tests.gisserver.town import EAST, PASSWORD, WEST, add_account, build_town

HERE = {"lon": 120.005, "lat": 30.005}
EASTERN = {"lon": 120.015, "lat": 30.005}
REPORT: dict[str, Any] = {
    **HERE,
    "category": "UM-0107",
    "description": "沿街晾挂衣物",
    "report_source": "SRC06",
    "place": "澄湖路1号",
}


@pytest.fixture(scope="module", autouse=True)
def town(module_engine: Engine) -> dict[str, list[int]]:
    return build_town(module_engine)


@pytest.fixture(autouse=True)
def no_incidents(module_engine: Engine) -> Iterator[None]:
    """Each test begins and ends without any."""
    yield
    with module_engine.begin() as connection:
        connection.execute(text("TRUNCATE incidents.incident, core.receipt CASCADE"))


@pytest.fixture(scope="module")
def supervisor(app: Flask, module_engine: Engine) -> FlaskClient:
    """May report and register in the west."""
    return signed_in(app, add_account(module_engine, Role.SUPERVISOR, WEST), PASSWORD)


@pytest.fixture(scope="module")
def worker(app: Flask, module_engine: Engine) -> FlaskClient:
    """May report, but not register, in the west."""
    return signed_in(app, add_account(module_engine, Role.WORKER, WEST), PASSWORD)


@pytest.fixture(scope="module")
def neighbour(app: Flask, module_engine: Engine) -> FlaskClient:
    """A worker of the east."""
    return signed_in(app, add_account(module_engine, Role.WORKER, EAST), PASSWORD)


@pytest.fixture(scope="module")
def analyst(app: Flask, module_engine: Engine) -> FlaskClient:
    """Sees incidents, reports none."""
    return signed_in(app, add_account(module_engine, Role.ANALYST, ""), PASSWORD)


def csrf(client: FlaskClient) -> dict[str, str]:
    return {"X-CSRF-Token": client.get("/api/me").get_json()["csrf"]}


def send(
    client: FlaskClient,
    report: dict[str, Any],
    *,
    path: str = "/api/incidents",
    key: str | None = None,
    photos: list[bytes] | None = None,
) -> TestResponse:
    headers = csrf(client) | ({"Idempotency-Key": key} if key else {})
    if photos is None:
        return client.post(path, json=report, headers=headers)
    files = [(io.BytesIO(photo), f"{n}.jpg") for n, photo in enumerate(photos)]
    form = {"report": json.dumps(report), "photo": files}
    return client.post(path, data=form, headers=headers, content_type="multipart/form-data")


def count(engine: Engine, table: str) -> int:
    with engine.begin() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM incidents.{table}")).scalar_one())


def faults(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 400, answer.text
    return {fault["field"]: fault["reason"] for fault in answer.get_json()["faults"]}


def test_a_supervisor_registers_at_once_with_a_deadline(supervisor: FlaskClient) -> None:
    before = datetime.now(UTC)
    saved = send(supervisor, REPORT | {"condition": "UM-0107#1"})
    assert saved.status_code == 201, saved.text
    answer = saved.get_json()
    assert answer["state"] == "pending_dispatch"
    due = datetime.fromisoformat(answer["due_at"])
    assert before <= due - timedelta(hours=2) <= datetime.now(UTC)
    case = supervisor.get(f"/api/incidents/{answer['id']}/case").get_json()
    assert [step["step"] for step in case["steps"]] == ["report", "register"]
    assert saved.headers["Location"].endswith(f"/{answer['id']}")


def test_a_worker_proposes_a_condition_and_no_clock_runs_yet(worker: FlaskClient) -> None:
    answer = send(worker, REPORT | {"condition": "UM-0107#1"}).get_json()
    assert (answer["state"], answer["due_at"]) == ("reported", None)
    stored = worker.get(f"/api/layers/incidents/features/{answer['id']}").get_json()["properties"]
    assert stored["condition"] == "UM-0107#1"
    assert stored["registered_at"] is None


def test_case_numbers_are_area_day_and_serial(
    supervisor: FlaskClient, module_engine: Engine
) -> None:
    reports = [
        REPORT | {"category": f"UM-01{kind}", "lon": 120.002 + n / 1000}
        for n, kind in enumerate(("07", "10", "12"))
    ]
    codes = [send(supervisor, report).get_json()["code"] for report in reports]
    day = datetime.now(UTC) + timedelta(hours=8)
    stem = f"{WEST[:6]}{day:%Y%m%d}"
    first = int(codes[0].removeprefix(stem))
    assert codes == [f"{stem}{first + n:05d}" for n in range(3)]
    # Numbers that were loaded are not given again.
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO incidents.incident (code, category, report_source, description, "
                "reported_at, geom) VALUES ('9901012020010200041', 'UM-0107', 'SRC01', '', "
                "'2020-01-02 03:00+00', ST_SetSRID(ST_MakePoint(120.002, 30.002), 4326))"
            )
        )
        given = connection.execute(
            text(
                "INSERT INTO incidents.incident (category, report_source, description, "
                "reported_at, geom) VALUES ('UM-0107', 'SRC01', '', '2020-01-01 18:00+00', "
                "ST_SetSRID(ST_MakePoint(120.002, 30.002), 4326)) RETURNING code"
            )
        )
        assert given.scalar_one() == "9901012020010200042"


def test_the_conditions_of_a_category_say_what_they_would_be_due(supervisor: FlaskClient) -> None:
    found = supervisor.get("/api/incidents/conditions?category=UM-0101").get_json()["items"]
    assert [(each["limit_value"], each["limit_unit"]) for each in found] == [
        (2, "urgent_day"),
        (15, "work_day"),
    ]
    urgent = datetime.fromisoformat(found[0]["due_at"]) - datetime.now(UTC)
    assert timedelta(hours=47, minutes=59) < urgent <= timedelta(hours=48)
    assert found[0]["closing_zh"]
    # A category without its own takes those of the group above it.
    group = supervisor.get("/api/incidents/conditions?category=SG-0117").get_json()["items"]
    assert [each["code"] for each in group] == ["SG-01#1"]
    assert supervisor.get("/api/incidents/conditions?category=UM-9999").get_json()["items"] == []


def test_reporters_are_sealed_masked_and_revealed(
    supervisor: FlaskClient, module_engine: Engine
) -> None:
    people = [{"name": "欧阳远", "phone": "13800000001"}, {"phone": "0512-6666 8888"}, {}]
    saved = send(supervisor, REPORT | {"reporters": people}).get_json()
    told = supervisor.get(f"/api/incidents/{saved['id']}/reports").get_json()["reporters"]
    assert [(each["name"], each["phone"]) for each in told] == [
        ("欧**", "138****0001"),
        (None, "051*******8888"),
    ]
    revealed = supervisor.post(
        "/api/reveal",
        json={
            "layer": "reporters",
            "id": told[0]["id"],
            "field": "phone",
            "reason": "回访上报人",
        },
        headers=csrf(supervisor),
    )
    assert revealed.get_json()["value"] == "13800000001"
    with module_engine.begin() as connection:
        rows = connection.execute(text("SELECT to_jsonb(r)::text FROM incidents.reporter AS r"))
        kept = "".join(rows.scalars())
        past = connection.execute(
            text("SELECT coalesce(before::text, '') || coalesce(after::text, '') FROM core.history")
        )
        kept += "".join(past.scalars())
    assert "13800000001" not in kept
    assert "欧阳远" not in kept


def test_an_anonymous_report_is_the_accounts_own(worker: FlaskClient) -> None:
    saved = send(worker, REPORT).get_json()
    (told,) = worker.get(f"/api/incidents/{saved['id']}/reports").get_json()["reporters"]
    assert told["name"] is None
    assert told["reported_by"] == worker.get("/api/me").get_json()["login"]


def test_a_part_without_a_name_is_an_unknown_one(worker: FlaskClient) -> None:
    parts = ('name="extra"', 'name="\r\nX: y"')
    form = "".join(f"--b\r\nContent-Disposition: form-data; {part}\r\n\r\n1\r\n" for part in parts)
    answer = worker.post(
        "/api/incidents",
        data=f"{form}--b--\r\n".encode(),
        content_type="multipart/form-data; boundary=b",
        headers=csrf(worker),
    )
    assert answer.status_code == 400
    assert "extra" in answer.get_json()["detail"]


def test_photos_come_with_the_report_and_stay_within_scope(
    worker: FlaskClient, neighbour: FlaskClient, analyst: FlaskClient, module_engine: Engine
) -> None:
    saved = send(worker, REPORT, photos=[flat_photo(10), flat_photo(200, "PNG"), flat_photo(10)])
    assert saved.status_code == 201, saved.text
    case = saved.get_json()["id"]
    photos = worker.get(f"/api/incidents/{case}/reports").get_json()["photos"]
    assert [(each["width"], each["height"], each["state"]) for each in photos] == [
        (64, 48, "reported")
    ] * 2, "the same picture twice is one"
    for address in (
        f"/api/incidents/photos/{photos[0]['id']}{rest}" for rest in ("", "/thumbnail")
    ):
        shown = worker.get(address)
        assert shown.mimetype == "image/jpeg"
        assert shown.data.startswith(b"\xff\xd8\xff")
        again = worker.get(address, headers={"If-None-Match": shown.headers["ETag"]})
        assert again.status_code == 304
        assert neighbour.get(address).status_code == 404
    assert neighbour.get(f"/api/incidents/{case}/reports").status_code == 404
    more = f"/api/incidents/{case}/photos"
    added = send(worker, {}, path=more, photos=[flat_photo(90, "WEBP")])
    assert (added.status_code, len(added.get_json()["photos"])) == (201, 3)
    assert send(neighbour, {}, path=more, photos=[flat_photo(91)]).status_code == 404
    assert send(analyst, {}, path=more, photos=[flat_photo(92)]).status_code == 403
    assert faults(send(worker, {}, path=more, photos=[])) == {"photos": "at least one is needed"}
    assert count(module_engine, "photo") == 3


def test_nearby_open_cases_of_the_category_are_shown(
    supervisor: FlaskClient, worker: FlaskClient, neighbour: FlaskClient, module_engine: Engine
) -> None:
    first = send(supervisor, REPORT | {"condition": "UM-0107#1"}).get_json()["id"]
    near = {"lon": HERE["lon"] + 0.0003, "lat": HERE["lat"]}  # 29 m
    question = f"/api/incidents/nearby?lon={near['lon']}&lat={near['lat']}&category="
    (found,) = worker.get(question + "UM-0107").get_json()["items"]
    assert found["id"] == first
    assert found["distance"] == pytest.approx(29, abs=0.5)
    assert found["reports"] == 1
    assert found["due_at"] is not None
    assert worker.get(question + "UM-0110").get_json()["items"] == []
    assert neighbour.get(question + "UM-0107").get_json()["items"] == []
    far = f"/api/incidents/nearby?lon={HERE['lon'] + 0.0006}&lat={HERE['lat']}&category=UM-0107"
    assert worker.get(far).get_json()["items"] == []
    with module_engine.begin() as connection:
        connection.execute(
            text("UPDATE incidents.incident SET reported_at = now() - interval '25 hours'")
        )
    assert worker.get(question + "UM-0107").get_json()["items"] == []
    with module_engine.begin() as connection:
        connection.execute(
            text("UPDATE incidents.incident SET reported_at = now(), state = 'closed'")
        )
    assert worker.get(question + "UM-0107").get_json()["items"] == []


def test_a_similar_case_is_asked_about_then_joined(
    supervisor: FlaskClient, worker: FlaskClient, module_engine: Engine
) -> None:
    first = send(supervisor, REPORT | {"reporters": [{"name": "王一"}]}).get_json()
    again = REPORT | {"reporters": [{"name": "赵二", "phone": "13900000002"}]}
    asked = send(worker, again)
    assert asked.status_code == 409
    assert [each["id"] for each in asked.get_json()["similar"]] == [first["id"]]
    assert count(module_engine, "incident") == 1

    path = f"/api/incidents/{first['id']}/reports"
    told = {name: again[name] for name in ("reporters", "report_source", "description")}
    joined = send(worker, told, path=path, photos=[flat_photo(30)])
    assert joined.status_code == 200, joined.text
    assert joined.get_json() == first | {"joined": True}
    assert count(module_engine, "incident") == 1
    kept = supervisor.get(path).get_json()
    assert [each["name"] for each in kept["reporters"]] == ["王*", "赵*"]
    assert len(kept["photos"]) == 1

    # Seen and found to be another matter.
    other = send(worker, again | {"seen": [first["id"]]})
    assert other.status_code == 201, other.text
    assert count(module_engine, "incident") == 2


def test_of_two_reports_at_once_the_second_is_shown_the_first(
    app: Flask, module_engine: Engine
) -> None:
    clients = [
        signed_in(app, add_account(module_engine, Role.WORKER, WEST), PASSWORD) for _ in range(6)
    ]
    tokens = [csrf(client) for client in clients]
    answers: list[TestResponse] = []
    start = threading.Barrier(len(clients))

    def report(client: FlaskClient, token: dict[str, str]) -> None:
        start.wait()
        answers.append(client.post("/api/incidents", json=REPORT, headers=token))

    threads = [
        threading.Thread(target=report, args=pair) for pair in zip(clients, tokens, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    assert count(module_engine, "incident") == 1


def test_a_report_sent_twice_is_saved_once(worker: FlaskClient, module_engine: Engine) -> None:
    pictures = [flat_photo(77)]
    first = send(worker, REPORT, key="phone-0001-abcd", photos=pictures)
    again = send(worker, REPORT, key="phone-0001-abcd", photos=pictures)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert (count(module_engine, "incident"), count(module_engine, "reporter")) == (1, 1)

    other = send(worker, REPORT | {"description": "别的事"}, key="phone-0001-abcd")
    assert other.status_code == 409
    path = f"/api/incidents/{first.get_json()['id']}/reports"
    told = {"report_source": "SRC06", "reporters": [{"name": "赵二"}]}
    joins = [send(worker, told, path=path, key="phone-0002-abcd") for _ in range(2)]
    assert joins[0].get_json() == joins[1].get_json()
    assert count(module_engine, "reporter") == 2
    assert send(worker, REPORT, key="short").status_code == 400


def test_the_same_request_sent_at_once_is_done_once(
    worker: FlaskClient, module_engine: Engine
) -> None:
    token = csrf(worker) | {"Idempotency-Key": "phone-0003-abcd"}
    answers: list[Any] = []

    def report() -> None:
        sent = worker.post("/api/incidents", json=REPORT, headers=token)
        answers.append((sent.status_code, sent.get_json()))

    threads = [threading.Thread(target=report) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [answers[0]] * 5
    assert answers[0][0] == 201
    assert count(module_engine, "incident") == 1


def test_a_refused_report_can_be_sent_again_under_its_key(
    worker: FlaskClient, module_engine: Engine
) -> None:
    assert send(worker, REPORT | {"category": "UM-9999"}, key="phone-0004-abcd").status_code == 400
    assert send(worker, REPORT, key="phone-0004-abcd").status_code == 201


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"category": "UM-9999"}, "category", "no code of incident_category"),
        ({"category": "UM-01"}, "category", "a group of categories"),
        ({"category": None}, "category", "required"),
        ({"category": 7}, "category", "text expected"),
        ({"description": " "}, "description", "required"),
        ({"description": "长" * 2001}, "description", "at most 2000"),
        ({"report_source": "SRC99"}, "report_source", "no code of report_source"),
        ({"condition": "UM-0101#9"}, "condition", "no registration condition"),
        ({"condition": "UM-0101#1"}, "condition", "belongs to UM-0101"),
        ({"condition": 3}, "condition", "code of a registration condition"),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "occurred_at", "in the future"),
        ({"occurred_at": "yesterday"}, "occurred_at", "RFC 3339"),
        ({"people_affected": -1}, "people_affected", "below 0"),
        ({"lon": 300}, "lon", "-180 to 180"),
        ({"lat": "north"}, "lat", "-90 to 90"),
        ({"reporters": [{"phone": "call me"}]}, "reporters.0.phone", "telephone number"),
        ({"reporters": [{"phone": "138****0001"}]}, "reporters.0.phone", "masked text"),
        ({"reporters": [{"name": "王"}, {"id": 3}]}, "reporters.1.id", "unknown field"),
        ({"reporters": [{"name": f"王{n}"} for n in range(6)]}, "reporters", "at most 5"),
        ({"reporters": "王"}, "reporters", "list of objects"),
        ({"seen": ["x"]}, "seen", "list of ids"),
    ],
)
def test_what_is_wrong_is_told_by_field(
    worker: FlaskClient, module_engine: Engine, change: dict[str, Any], field: str, reason: str
) -> None:
    assert reason in faults(send(worker, REPORT | change))[field]
    assert count(module_engine, "incident") == 0


def test_all_faults_are_told_at_once(worker: FlaskClient) -> None:
    wrong = {"category": "UM-9999", "description": "", "reporters": [{"phone": "x"}]}
    told = faults(send(worker, REPORT | wrong))
    assert set(told) == {"category", "description", "reporters.0.phone"}
    assert set(faults(send(worker, {**HERE}))) == {"category", "description", "report_source"}


def test_pictures_that_cannot_be_kept_are_refused(
    worker: FlaskClient, module_engine: Engine
) -> None:
    good = flat_photo(1)
    told = faults(send(worker, REPORT, photos=[good, b"GIF89a", good[:200]]))
    assert set(told) == {"photos.1", "photos.2"}
    assert "at most 9" in faults(send(worker, REPORT, photos=[good] * 10))["photos"]
    large = send(worker, REPORT, photos=[good[:4] + bytes(13 << 20)])
    assert "at most 12 MB" in faults(large)["photos.0"]
    assert send(worker, REPORT, photos=[bytes(17 << 20)]).status_code == 413
    assert count(module_engine, "incident") == 0


def test_bodies_that_are_no_report_are_refused(worker: FlaskClient) -> None:
    def post(**words: Any) -> int:
        return worker.post("/api/incidents", headers=csrf(worker), **words).status_code

    assert post(data="x") == 400
    assert post(json=[1]) == 400
    assert post(json=REPORT | {"state": "closed"}) == 400
    form = {"content_type": "multipart/form-data"}
    assert post(data={"report": "{"}, **form) == 400
    assert post(data={"report": "[]"}, **form) == 400
    assert post(data={"report": "{}", "more": "x"}, **form) == 400
    assert worker.post("/api/incidents", json=REPORT).status_code == 403, "without the CSRF token"


def test_outside_the_area_or_without_the_right_nothing_is_saved(
    worker: FlaskClient, neighbour: FlaskClient, analyst: FlaskClient, module_engine: Engine
) -> None:
    outside = send(worker, REPORT | EASTERN)
    assert outside.status_code == 403
    assert "outside your areas" in outside.get_json()["detail"]
    nowhere = send(worker, REPORT | {"lon": 0, "lat": 0})
    assert nowhere.status_code == 403
    assert send(analyst, REPORT).status_code == 403
    assert count(module_engine, "incident") == 0
    case = send(worker, REPORT).get_json()["id"]
    told = {"report_source": "SRC06"}
    path = f"/api/incidents/{case}/reports"
    assert send(neighbour, told, path=path).status_code == 404
    assert send(analyst, told, path=path).status_code == 403
    assert faults(send(worker, {}, path=path)) == {"report_source": "required"}
    assert count(module_engine, "reporter") == 1


def test_a_closed_case_is_not_joined(worker: FlaskClient, module_engine: Engine) -> None:
    case = send(worker, REPORT).get_json()["id"]
    with module_engine.begin() as connection:
        connection.execute(text("UPDATE incidents.incident SET state = 'closed'"))
    answer = send(worker, {"report_source": "SRC06"}, path=f"/api/incidents/{case}/reports")
    assert answer.status_code == 409
    assert "report it anew" in answer.get_json()["detail"]
