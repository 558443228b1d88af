"""Which looks an auditor is warned of: each pattern fires on what it is for, and on no less."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from layers.core.calendar import CHINA
from layers.core.database import reader_transaction
from layers.core.errors import Conflict, Forbidden, Invalid, NotFound
from layers.core.rights import Role
from layers.core.scope import Reader
from layers.privacy.marking import mark_warning
from layers.privacy.patterns import parse_patterns, patterns
from layers.privacy.warning_list import Asked, Warned, warning_page, warnings_sql
from tests.builders.two_sides import EAST, SUPERVISOR_WEST, WEST, build_two_sides, reader

AUDITOR = reader(Role.AUDITOR, "")
AUDITOR_WEST = reader(Role.AUDITOR, WEST)
DAY = date(2026, 3, 20)
NOON = time(12)
RULES = patterns()
HOME_WEST, HOME_EAST = f"{WEST}01", f"{EAST}01"


def add(
    engine: Engine,
    login: str,
    day: date,
    looks: int,
    *,
    at: time = NOON,
    action: str = "reveal",
    subject: int | None = 1,
    area: str = HOME_WEST,
) -> None:
    """Looks on a day of China, a second apart."""
    moment = datetime.combine(day, at, CHINA)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO core.audit (at, login, action, layer, feature_id, area_code, detail, "
                "previous_hash, hash) SELECT CAST(:at AS timestamptz) + make_interval(secs => n), "
                ":login, :action, 'persons', :subject, :area, '{}', '', '' "
                "FROM generate_series(1, :looks) AS n"
            ),
            {
                "at": moment,
                "login": login,
                "action": action,
                "subject": subject,
                "area": area,
                "looks": looks,
            },
        )


def told(engine: Engine, who: Reader = AUDITOR, **asked: object) -> list[Warned]:
    wanted = Asked(**{"since": DAY - timedelta(days=5), "until": DAY, **asked})  # type: ignore[arg-type]
    with reader_transaction(engine, who) as connection:
        return list(warning_page(connection, who, wanted, 100).rows)


def names(engine: Engine, **asked: object) -> set[tuple[str, date, str | None, int | None]]:
    return {(each.pattern, each.day, each.login, each.subject) for each in told(engine, **asked)}


@pytest.mark.parametrize(
    ("at", "looks", "night"),
    [
        (time(22), RULES.night.looks, DAY),
        (time(23, 59), RULES.night.looks, DAY),
        (time(5, 59, 30), RULES.night.looks, DAY - timedelta(days=1)),
        (time(22), RULES.night.looks - 1, None),
        (time(21, 59, 30), RULES.night.looks, None),
        (time(6), RULES.night.looks, None),
    ],
)
def test_the_night(engine: Engine, at: time, looks: int, night: date | None) -> None:
    add(engine, "late", DAY, looks, at=at)
    expected = set() if night is None else {("night", night, "late", None)}
    assert names(engine) == expected


def test_a_search_of_several_areas_is_one_look(engine: Engine) -> None:
    fewer = RULES.night.looks - 1
    for area in (WEST, EAST):
        add(engine, "both", DAY, fewer, at=time(23), action="list", subject=None, area=area)
    assert names(engine) == set()
    add(engine, "both", DAY, 1, at=time(23))
    assert [(each.login, each.amount) for each in told(engine)] == [("both", RULES.night.looks)]


@pytest.mark.parametrize(
    ("starts", "ends", "is_told"),
    [
        ("2026-03-20 20:00+8", "2026-03-21 04:00+8", False),
        ("2026-03-20 20:00+8", None, False),
        ("2026-03-20 08:00+8", "2026-03-20 22:00+8", True),
    ],
)
def test_who_is_on_duty_at_night_may_look(
    engine: Engine, starts: str, ends: str | None, is_told: bool
) -> None:
    build_two_sides(engine)
    with engine.begin() as connection:
        connection.execute(
            text(
                "WITH s AS (SELECT id FROM organisation.staff ORDER BY id LIMIT 1), a AS ("
                "  INSERT INTO organisation.account (login, display_name, password_hash, staff_id) "
                "  SELECT 'late', 'Late', '', id FROM s) "
                "INSERT INTO patrol.shift (staff_id, started_at, ended_at, area_code) "
                "SELECT id, CAST(:starts AS timestamptz), CAST(:ends AS timestamptz), '' FROM s "
                "ON CONFLICT DO NOTHING"
            ),
            {"starts": starts, "ends": ends},
        )
        if ends is None:  # the open shift of the builder's is the one of this test
            connection.execute(
                text("UPDATE patrol.shift SET started_at = :starts WHERE ended_at IS NULL"),
                {"starts": starts},
            )
    add(engine, "late", DAY, RULES.night.looks, at=time(23))
    assert names(engine) == ({("night", DAY, "late", None)} if is_told else set())


@pytest.mark.parametrize(
    ("usual", "days", "looks", "is_told"),
    [
        (10, 5, 50, True),
        (10, 5, 49, False),
        (2, 5, 40, True),
        (2, 5, 39, False),
        (10, 4, 50, False),
    ],
)
def test_far_more_than_usual(
    engine: Engine, usual: int, days: int, looks: int, is_told: bool
) -> None:
    for back in range(1, days + 1):
        add(engine, "busy", DAY - timedelta(days=3 * back), usual, action="list", subject=None)
    add(engine, "busy", DAY, looks, action="list", subject=None)
    found = told(engine)
    assert [(each.pattern, each.login) for each in found] == [("surge", "busy")] * is_told
    if is_told:
        assert (found[0].amount, found[0].usual) == (looks, usual)


def test_what_lies_long_ago_is_no_measure(engine: Engine) -> None:
    for back in range(RULES.surge.days + 1, RULES.surge.days + 8):
        add(engine, "busy", DAY - timedelta(days=back), 1, action="list", subject=None)
    add(engine, "busy", DAY, 60, action="list", subject=None)
    assert names(engine) == set()


@pytest.mark.parametrize(
    ("accounts", "apart", "is_told"), [(4, 2, True), (3, 1, False), (4, 3, False)]
)
def test_one_person_revealed_by_many(
    engine: Engine, accounts: int, apart: int, is_told: bool
) -> None:
    for number in range(accounts):
        add(engine, f"one{number}", DAY - timedelta(days=apart * number), 1, subject=7)
    expected = {("one_person", DAY, None, 7)} if is_told else set()
    assert names(engine) == expected


def test_many_looks_of_one_account_at_one_person_are_not_many_accounts(engine: Engine) -> None:
    add(engine, "one", DAY, 30, subject=7)
    for number in range(4):
        add(engine, f"list{number}", DAY, 1, action="list", subject=None)
    assert names(engine) == set()


@pytest.mark.parametrize(
    ("before", "place", "looks", "is_told"),
    [
        (20, HOME_EAST, 5, True),
        (20, HOME_EAST, 4, False),
        (20, HOME_WEST, 5, False),
        (19, HOME_EAST, 5, False),
    ],
)
def test_elsewhere_than_usual(
    engine: Engine, before: int, place: str, looks: int, is_told: bool
) -> None:
    add(engine, "far", DAY - timedelta(days=3), before)
    add(engine, "far", DAY, looks, area=place)
    assert names(engine) == ({("elsewhere", DAY, "far", None)} if is_told else set())


def test_quotas_are_told_by_kind_and_day(engine: Engine) -> None:
    for action, kind in (
        ("quota_warning", "reveal"),
        ("quota_refused", "reveal"),
        ("quota_refused", "reveal"),
        ("quota_refused", "person_search"),
    ):
        with engine.begin() as connection:
            connection.execute(
                text(
                    "SELECT core.write_audit(1, 'w', :action, NULL, NULL, :area, NULL, "
                    "jsonb_build_object('kind', :kind, 'period', 'hour', 'quota', 30))"
                ),
                {"action": action, "area": WEST, "kind": kind},
            )
    today = datetime.now(CHINA).date()
    found = told(engine, since=today, until=today)
    assert {(each.pattern, each.kind, each.amount, each.threshold) for each in found} == {
        ("quota_warning", "reveal", 1, 30),
        ("quota_refused", "reveal", 2, 30),
        ("quota_refused", "person_search", 1, 30),
    }


def test_an_auditor_is_told_of_own_areas_only(engine: Engine) -> None:
    add(engine, "here", DAY, 5, at=time(23))
    add(engine, "there", DAY, 5, at=time(23), area=HOME_EAST)
    assert [each.login for each in told(engine, AUDITOR_WEST)] == ["here"]
    assert {each.login for each in told(engine)} == {"here", "there"}
    with pytest.raises(Forbidden):
        told(engine, SUPERVISOR_WEST)


def test_filters_and_pages(engine: Engine) -> None:
    for number in range(7):
        late = DAY - timedelta(days=number % 3)
        add(engine, f"late{number}", late, 5, at=time(23), subject=100 + number)
    for number in range(4):
        add(engine, f"late{number}", DAY, 1, subject=9)
    wanted = Asked(DAY - timedelta(days=5), DAY)
    seen: list[str] = []
    after = None
    with reader_transaction(engine, AUDITOR) as connection:
        while True:
            page = warning_page(connection, AUDITOR, wanted, 3, after)
            assert page.counts == {"new": 8, "explained": 0, "followed_up": 0}
            seen += [each.key for each in page.rows]
            after = page.next_after
            if after is None:
                break
    assert len(seen) == len(set(seen)) == 8
    assert [each.login for each in told(engine, login="late3")] == ["late3"]
    assert {each.pattern for each in told(engine, subject=9)} == {"one_person"}
    assert {each.pattern for each in told(engine, pattern="night")} == {"night"}


def test_an_area_picks_warnings_and_changes_none(engine: Engine) -> None:
    for back in range(1, 6):
        add(engine, "busy", DAY - timedelta(days=3 * back), 10, action="list", subject=None)
    add(engine, "busy", DAY, 49, action="list", subject=None)
    add(engine, "busy", DAY, 1, subject=3, area=HOME_EAST)
    add(engine, "late", DAY, RULES.night.looks - 1, at=time(23), subject=4)
    add(engine, "late", DAY, 1, at=time(23, 30), subject=5, area=HOME_EAST)
    add(engine, "far", DAY - timedelta(days=3), 20)
    add(engine, "far", DAY, 5, area=HOME_EAST)
    for number in range(4):
        area = HOME_EAST if number else HOME_WEST
        add(engine, f"one{number}", DAY, 1, subject=7, area=area)
    everywhere = told(engine)
    assert {each.pattern for each in everywhere} == {"surge", "night", "elsewhere", "one_person"}
    assert told(engine, area=EAST) == everywhere
    assert {each.pattern for each in told(engine, area=WEST)} == {"surge", "night", "one_person"}
    assert told(engine, area="99010200") == []
    for found in told(engine, area=WEST):
        assert mark(engine, found, "explained").state == "explained"


def mark(
    engine: Engine, found: Warned, state: str, who: Reader = AUDITOR, **more: object
) -> Warned:
    remark = str(more.get("remark", "节前集中核查"))
    with reader_transaction(engine, who) as connection:
        return mark_warning(connection, who, found.key, state, remark, found.mark)


def test_a_state_is_a_line_of_the_log(engine: Engine) -> None:
    add(engine, "late", DAY, 5, at=time(23))
    (found,) = told(engine)
    assert (found.state, found.mark) == ("new", None)
    marked = mark(engine, found, "explained")
    assert (marked.state, marked.remark, marked.marked_by) == (
        "explained",
        "节前集中核查",
        AUDITOR.login,
    )
    assert told(engine) == [marked]
    assert told(engine, state="new") == []
    assert [each.mark for each in told(engine, state="explained")] == [marked.mark]
    with pytest.raises(Conflict):
        mark(engine, found, "followed_up")
    again = mark(engine, marked, "followed_up")
    assert again.state == "followed_up"
    with engine.connect() as connection:
        lines = connection.execute(
            text("SELECT login, area_code, detail FROM core.audit WHERE action = 'warning_marked'")
        ).all()
    assert [(line.login, line.area_code) for line in lines] == [(AUDITOR.login, HOME_WEST)] * 2
    assert [line.detail["was"] for line in lines] == ["new", "explained"]


def test_what_cannot_be_marked(engine: Engine) -> None:
    add(engine, "late", DAY, 5, at=time(23), area=HOME_EAST)
    (found,) = told(engine)
    with pytest.raises(Invalid):
        mark(engine, found, "explained", remark="x")
    with pytest.raises(Invalid):
        mark(engine, found, "forgotten")
    with pytest.raises(NotFound):
        mark(engine, found, "explained", AUDITOR_WEST)
    with pytest.raises(NotFound):
        mark(engine, found._replace(key="night~today"), "explained")
    assert [each.state for each in told(engine)] == ["new"]


WORDS = (
    "[night]\nfrom_hour = 22\nto_hour = 6\nlooks = 5\n[surge]\ndays = 30\nleast_days = 5\n"
    "factor = 5.0\nlooks = 40\n[one_person]\ndays = 7\naccounts = 4\n[elsewhere]\ndays = 30\n"
    "looks = 5\nbefore = 20\n"
)


@pytest.mark.parametrize(
    "change",
    [
        lambda words: "",
        lambda words: words.replace("looks = 5\n[surge]", "[surge]"),
        lambda words: words.replace("from_hour = 22", "from_hour = 5"),
        lambda words: words.replace("accounts = 4", "accounts = 0"),
        lambda words: words.replace("accounts = 4", "accounts = true"),
        lambda words: words.replace("before = 20", "before = 20.5"),
        lambda words: words.replace("days = 7", "days = 700"),
        lambda words: words + "[mood]\nlooks = 1\n",
    ],
)
def test_faulty_thresholds_are_refused(change: Callable[[str], str]) -> None:
    assert parse_patterns(WORDS)
    with pytest.raises(ValueError, match=r"."):
        parse_patterns(change(WORDS))


@given(st.integers(-200, -1) | st.integers(93, 400))
def test_too_many_days_are_refused(days: int) -> None:
    with pytest.raises(Invalid):
        warnings_sql(AUDITOR, Asked(DAY, DAY + timedelta(days=days)))
