"""Every error is a problem document; nothing of the inside is told."""

from __future__ import annotations

import pytest
from flask import Flask, request
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.test import TestResponse

from gisserver.auth.passwords import TooManySignIns
from gisserver.context import current_reader, require, services
from gisserver.errors import BadRequest, Unauthenticated, register_errors
from gisserver.parameters import bbox, integer, interval, moment, number, take_parameters
from layers.core.errors import Fault, Forbidden, Invalid, NotFound, Stale
from layers.core.rights import Right

RAISED: tuple[tuple[Exception, int], ...] = (
    (BadRequest("no", allowed=("b", "a"), faults=(Fault("a", "is wrong"),)), 400),
    (Invalid([Fault("levels", "1 to 200")]), 400),
    (Unauthenticated("who"), 401),
    (Forbidden("not you"), 403),
    (NotFound("none"), 404),
    (Stale("buildings", 7, asked=2, current=3), 409),
    (TooManySignIns("flood"), 503),
    (PoolTimeout("QueuePool limit"), 503),
    (KeyError("secret inside"), 500),
)


def answer_to(error: Exception) -> TestResponse:
    app = Flask("errors")
    register_errors(app)

    @app.get("/")
    def fail() -> str:
        raise error

    return app.test_client().get("/")


@pytest.mark.parametrize(("error", "status"), RAISED, ids=lambda each: type(each).__name__)
def test_each_exception_has_its_status(error: Exception, status: int) -> None:
    answer = answer_to(error)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == status
    assert answer.json["title"]


def test_what_was_wrong_and_what_is_allowed_is_told() -> None:
    bad = answer_to(RAISED[0][0]).json
    assert bad is not None
    assert bad["allowed"] == ["a", "b"]
    assert bad["faults"] == [{"field": "a", "reason": "is wrong"}]
    invalid = answer_to(RAISED[1][0]).json
    assert invalid is not None
    assert invalid["faults"] == [{"field": "levels", "reason": "1 to 200"}]
    stale = answer_to(RAISED[5][0]).json
    assert stale is not None
    assert (stale["asked"], stale["current"]) == (2, 3)


def test_an_unforeseen_fault_is_logged_and_told_as_a_number(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = answer_to(KeyError("secret inside"))
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.json is not None
    number = answer.json["detail"].split()[1].rstrip(";")
    assert number in caplog.text
    assert "secret inside" in caplog.text


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ("SELECT pg_sleep(2)", 503),
        ("SELECT no_such_column FROM territory.area", 500),
        ("INSERT INTO organisation.account_grant VALUES (DEFAULT, 0, 'x', '')", 409),
        ("SELECT password_hash FROM organisation.account", 403),
    ],
)
def test_what_the_database_refuses_names_no_sql(app: Flask, statement: str, status: int) -> None:
    with app.test_request_context("/"):
        try:
            with services().engine.begin() as connection:
                if status == 403:
                    connection.execute(text("SET LOCAL ROLE wangge_app"))
                connection.execute(text("SET LOCAL statement_timeout = 200"))
                connection.execute(text(statement))
        except Exception as error:  # noqa: BLE001
            answer = app.make_response(app.handle_user_exception(error))
    assert answer.status_code == status
    told = answer.get_data(as_text=True)
    assert "organisation" not in told
    assert "SELECT" not in told


def test_a_method_that_is_not_served_names_those_that_are() -> None:
    app = Flask("methods")
    register_errors(app)
    app.add_url_rule("/", "page", lambda: "", methods=["GET"])
    answer = app.test_client().post("/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.content_type == "application/problem+json"


def test_an_unknown_query_parameter_is_400_and_the_known_are_named(app: Flask) -> None:
    with app.test_request_context("/?limit=1&colour=red"):
        with pytest.raises(BadRequest, match="colour") as raised:
            take_parameters(request, ("limit", "bbox"))
        assert set(raised.value.allowed) == {"bbox", "limit"}
    with app.test_request_context("/?limit=1&limit=2"), pytest.raises(BadRequest, match="2 times"):
        take_parameters(request, ("limit",))


@pytest.mark.parametrize("path", ["/api/session", "/healthz", "/metrics", "/assets/a.js"])
def test_open_routes_refuse_unknown_parameters(app: Flask, path: str) -> None:
    client = app.test_client()
    method = "POST" if path == "/api/session" else "GET"
    answer = client.open(f"{path}?surprise=1", method=method)
    assert answer.status_code == 400
    assert "surprise" in answer.text


@pytest.mark.parametrize("wrong", ["", "x", "1.5", "0", "101", "９", "1e2", "-3", "9" * 40])
def test_a_wrong_whole_number_is_400(wrong: str) -> None:
    with pytest.raises(BadRequest):
        integer({"limit": wrong}, "limit", 10, minimum=1, maximum=100)


@pytest.mark.parametrize("wrong", ["", "nan", "inf", "181", "east"])
def test_a_wrong_number_is_400(wrong: str) -> None:
    with pytest.raises(BadRequest):
        number({"lon": wrong}, "lon", minimum=-180, maximum=180)


@pytest.mark.parametrize(
    "wrong", ["", "1,2,3", "1,2,3,4,5", "3,0,1,2", "0,3,1,2", "0,0,1,91", "0,0,nan,1", "a,b,c,d"]
)
def test_a_wrong_box_is_400(wrong: str) -> None:
    with pytest.raises(BadRequest):
        bbox({"bbox": wrong})


def test_a_right_box_is_west_south_east_north() -> None:
    assert bbox({"bbox": "104.0,30.5,104.1,30.6"}) == (104.0, 30.5, 104.1, 30.6)
    assert bbox({}) is None


@pytest.mark.parametrize("wrong", ["", "yesterday", "2024-13-01", "../..x", "2025/2024", "a/b/c"])
def test_a_wrong_time_is_400(wrong: str) -> None:
    with pytest.raises(BadRequest):
        interval({"datetime": wrong})


def test_times_without_a_zone_are_utc_and_ends_may_be_open() -> None:
    start = moment({"from": "2024-05-01T08:00:00"}, "from")
    assert start is not None
    assert start.isoformat() == "2024-05-01T08:00:00+00:00"
    assert interval({"datetime": "2024-05-01T08:00:00Z/.."}) == (start, None)
    assert interval({"datetime": "2024-05-01T08:00:00Z"}) == (start, start)


def test_without_a_reader_nothing_is_required_of_a_right(app: Flask) -> None:
    with app.test_request_context("/"):
        with pytest.raises(Unauthenticated):
            current_reader()
        with pytest.raises(Unauthenticated):
            require(Right.AUDIT_READ)
