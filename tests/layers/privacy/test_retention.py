"""What is past its term is erased or de-identified, with its history; what is within it stays."""

from __future__ import annotations

import calendar
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from layers.core.calendar import CHINA
from layers.core.database import owner_transaction, reader_transaction
from layers.core.rights import Role
from layers.core.sealing import HIDDEN
from layers.people.by_person import search_persons
from layers.people.moves import months_until
from layers.people.statistics import find_population
from layers.privacy.retention import Due, apply_rule, due_by_rule
from layers.privacy.retention_rules import (
    FIRST_KEPT,
    LEAST_MONTHS,
    NAMES,
    RuleName,
    parse_rules,
    rules,
)
from tests.builders.two_sides import (
    EAST,
    ID_NUMBERS,
    SEALER,
    SUPERVISOR_WEST,
    WEST,
    TwoSides,
    build_two_sides,
    reader,
)
from tests.builders.two_sides import (
    NAMES as PERSON_NAMES,
)

TODAY = datetime.now(CHINA).date()
MONTHS = {rule.name: rule.months for rule in rules()}
COMMANDER = reader(Role.COMMANDER, "")


def ago(months: int, days: int = 0) -> date:
    """The day so many months and days before today; the last of its month where it is shorter."""
    year, month = divmod(TODAY.year * 12 + TODAY.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(TODAY.day, last)) - timedelta(days=days)


def run(connection: Connection, statement: str, **values: Any) -> list[Any]:
    result = connection.execute(text(statement), values)
    return list(result.all()) if result.returns_rows else []


def apply(engine: Engine) -> dict[RuleName, Due]:
    found = {}
    for rule in rules():
        with owner_transaction(engine) as connection:
            found[rule.name] = apply_rule(connection, rule)
    return found


def due(engine: Engine) -> dict[RuleName, Due]:
    with owner_transaction(engine) as connection:
        return {each.rule.name: each for each in due_by_rule(connection)}


@pytest.fixture
def sides(engine: Engine) -> TwoSides:
    return build_two_sides(engine)


def leave(engine: Engine, sides: TwoSides, on: date) -> int:
    """The western person moves out, the care ends; both with changes in the history before."""
    person = sides.west("persons")
    with owner_transaction(engine, login="builder") as connection:
        run(
            connection,
            "UPDATE people.person SET former_name = '欧*', former_name_cipher = name_cipher, "
            "registered_address = '上海市某某****', source_key = 'X-1', source = 'x', "
            "not_registered_reason = '欧阳西门出国' WHERE id = :id",
            id=person,
        )
        run(
            connection,
            "UPDATE people.elderly_service SET wish = '欧阳家漏水', remark = '欧阳满意' "
            "WHERE person_id = :id",
            id=person,
        )
        run(connection, "SELECT set_config('wangge.reason', '欧阳西门来电', true)")
        for table in ("residence", "care_record"):
            run(
                connection,
                f"UPDATE people.{table} SET valid_to = :on WHERE person_id = :id",
                on=on,
                id=person,
            )
        run(
            connection,
            "INSERT INTO people.proposal (layer, feature_id, operation, values, sealed, before, "
            "base_version, area_code, state, reason, proposed_by, decided_at) VALUES "
            "('persons', :id, 'update', '{\"name\": \"欧***\", \"sex\": \"1\"}', '{}', "
            "'{\"phone\": \"138****0001\"}', 1, :area, 'accepted', '欧阳西门', 'worker', now())",
            id=person,
            area=WEST,
        )
        run(
            connection,
            "INSERT INTO people.proposal (layer, feature_id, operation, values, base_version, "
            "area_code, state, reason, decision, proposed_by, decided_at) SELECT 'residences', "
            "home, operation, made, base, :area, 'accepted', '欧阳说', '欧阳好', 'w', now() FROM "
            "(VALUES (CAST(:home AS bigint), 'update', '{}'::jsonb, 1), (NULL, 'create', "
            "jsonb_build_object('person_id', CAST(:id AS bigint)), NULL)) "
            "AS v (home, operation, made, base)",
            home=sides.west("residences"),
            id=person,
            area=WEST,
        )
    return person


def traces(engine: Engine, person: int) -> str:
    """All that the database keeps of a person, as one text."""
    with owner_transaction(engine) as connection:
        rows = [
            *run(
                connection, "SELECT to_jsonb(p) FROM people.person AS p WHERE id = :id", id=person
            ),
            *run(
                connection,
                "SELECT to_jsonb(h) FROM core.history AS h WHERE layer = 'persons' "
                "AND feature_id = :id",
                id=person,
            ),
            *run(
                connection,
                "SELECT to_jsonb(e) FROM people.elderly_service AS e WHERE person_id = :id",
                id=person,
            ),
            *run(
                connection,
                "SELECT to_jsonb(h) FROM core.history AS h WHERE layer = 'elderly_services' "
                "AND (after ->> 'person_id')::bigint = :id",
                id=person,
            ),
            *run(
                connection,
                "SELECT to_jsonb(h) FROM core.history AS h WHERE layer = 'residences' "
                "AND (after ->> 'person_id')::bigint = :id",
                id=person,
            ),
            *run(
                connection,
                "SELECT to_jsonb(q) FROM people.proposal AS q WHERE layer = 'persons' "
                "AND feature_id = :id OR layer = 'residences' AND (feature_id IN "
                "(SELECT id FROM people.residence WHERE person_id = :id) "
                "OR values -> 'person_id' = to_jsonb(CAST(:id AS bigint)))",
                id=person,
            ),
        ]
    return json.dumps([row[0] for row in rows], ensure_ascii=False)


def test_who_is_gone_is_deidentified_everywhere(engine: Engine, sides: TwoSides) -> None:
    person = leave(engine, sides, ago(MONTHS["persons_gone"]))
    other = sides.east("persons")
    before, kept = traces(engine, person), traces(engine, other)
    for mark in ("欧", "138****", "990101", "\\\\x", "出国", "X-1", "上海", "漏水"):
        assert mark in before, mark
    assert due(engine)["persons_gone"][1:] == (1, ago(MONTHS["persons_gone"]))
    assert apply(engine)["persons_gone"].rows == 1
    after = traces(engine, person)
    for mark in ("欧", "138****", ID_NUMBERS[WEST], "\\\\x", "出国", "X-1", "上海", "漏水"):
        assert mark not in after, mark
    assert HIDDEN in after
    assert traces(engine, other) == kept
    with owner_transaction(engine) as connection:
        row = run(
            connection,
            "SELECT sex, birth_date, register, deidentified_on, name_cipher, name_index, "
            "id_number_index, phone_index, row_version FROM people.person WHERE id = :id",
            id=person,
        )[0]
    assert row[:4] == ("1", date(1950, 1, 1), "POP-01", TODAY)
    assert row[4:8] == (None,) * 4
    with reader_transaction(engine, SUPERVISOR_WEST) as connection:
        found = search_persons(connection, SUPERVISOR_WEST, PERSON_NAMES[WEST], SEALER)
    assert found.persons == []


def test_who_reads_along_is_told_of_all_layers_that_were_cleared(
    engine: Engine, sides: TwoSides
) -> None:
    leave(engine, sides, ago(MONTHS["persons_gone"]))
    rule = next(each for each in rules() if each.name == "persons_gone")
    with owner_transaction(engine) as connection:
        apply_rule(connection, rule)
        told = run(connection, "SELECT layer FROM core.history WHERE action = 'bulk'")
    assert {row[0] for row in told} == {"persons", "elderly_services"}


def test_a_second_run_does_nothing(engine: Engine, sides: TwoSides) -> None:
    person = leave(engine, sides, ago(MONTHS["persons_gone"]))
    first = apply(engine)
    assert {name: each.rows for name, each in first.items()} == {
        "persons_gone": 1,
        "reporters_closed": 0,
        "proposals_refused": 0,
        "care_ended": 1,
        "audit": 0,
    }
    with owner_transaction(engine) as connection:
        lines = run(
            connection,
            "SELECT detail ->> 'rule', (detail ->> 'rows')::int, reason FROM core.audit "
            "WHERE action = 'retention' ORDER BY id",
        )
    assert [line[:2] for line in lines] == [("persons_gone", 1), ("care_ended", 1)]
    assert all("个人信息保护法" in line[2] for line in lines)
    state = traces(engine, person)
    with owner_transaction(engine) as connection:
        counts = "SELECT (SELECT max(id) FROM core.history), (SELECT max(id) FROM core.audit)"
        marks = run(connection, counts)
    assert [each.rows for each in apply(engine).values()] == [0] * len(NAMES)
    assert traces(engine, person) == state
    with owner_transaction(engine) as connection:
        assert run(connection, counts) == marks


def test_statistics_of_past_days_stay(engine: Engine, sides: TwoSides) -> None:
    leave(engine, sides, ago(MONTHS["persons_gone"]))
    days = [date(2020, 6, 1), ago(MONTHS["persons_gone"], 1), ago(MONTHS["persons_gone"]), TODAY]

    def figures() -> list[Any]:
        with reader_transaction(engine, COMMANDER) as connection:
            told: list[Any] = []
            for by in (["community", "sex"], ["community", "age"], ["community", "register"]):
                told += [
                    find_population(connection, COMMANDER, "990101", by, on=day) for day in days
                ]
                told.append(find_population(connection, COMMANDER, "990101", by))
            starts = months_until(TODAY, 48)
            told.append(find_population(connection, COMMANDER, "990101", months=starts))
            return told

    before = figures()
    assert any(each.total.people == 2 for each in before)
    assert sum(each.rows for each in apply(engine).values()) == 2
    assert figures() == before


@pytest.mark.parametrize(
    "hold",
    [
        "UPDATE people.residence SET valid_to = NULL WHERE person_id = :id",
        "UPDATE people.residence SET valid_to = core.today() + 1 WHERE person_id = :id",
        "UPDATE people.care_record SET valid_to = NULL WHERE person_id = :id",
        "UPDATE people.proposal SET state = 'pending' WHERE feature_id = :id",
        "INSERT INTO people.residence (person_id, dwelling_id, kind) SELECT :id, id, 'L01' "
        "FROM housing.dwelling ORDER BY id DESC LIMIT 1",
    ],
)
def test_who_is_not_gone_stays(engine: Engine, sides: TwoSides, hold: str) -> None:
    person = leave(engine, sides, ago(MONTHS["persons_gone"]))
    with owner_transaction(engine) as connection:
        run(connection, hold, id=person)
    before = traces(engine, person)
    assert apply(engine)["persons_gone"].rows == 0
    assert traces(engine, person) == before


@pytest.fixture(scope="module")
def standing(module_engine: Engine) -> TwoSides:
    return build_two_sides(module_engine)


@pytest.fixture
def trial(module_engine: Engine, standing: TwoSides) -> Iterator[Connection]:
    """A transaction as the owner that is taken back."""
    with module_engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


_SET = {
    "persons_gone": "UPDATE people.residence SET valid_to = :on, valid_from = NULL "
    "WHERE area_code LIKE :west || '%'; "
    "UPDATE people.care_record SET valid_to = '2020-01-02' WHERE area_code LIKE :west || '%'",
    "reporters_closed": "UPDATE incidents.incident SET state = 'closed', "
    "closed_at = CAST(:on AS date)::timestamp AT TIME ZONE 'Asia/Shanghai' "
    "+ interval '23 hours 59 minutes' WHERE area_code LIKE :west || '%'",
    "care_ended": "UPDATE people.care_record SET valid_to = :on WHERE area_code LIKE :west || '%'",
    "proposals_refused": "INSERT INTO people.proposal (layer, operation, values, area_code, state, "
    "proposed_by, proposed_at, decided_at) VALUES ('persons', 'create', '{}', :west, 'returned', "
    "'w', '2000-01-01', CAST(:on AS date)::timestamp AT TIME ZONE 'Asia/Shanghai')",
    "audit": "INSERT INTO core.audit (at, action, area_code, previous_hash, hash) VALUES "
    "(CAST(:on AS date)::timestamp AT TIME ZONE 'Asia/Shanghai', 'x', :west, '', '')",
}


@pytest.mark.parametrize("name", NAMES)
@given(days=st.integers(-70, 70) | st.sampled_from([-1, 0, 1]))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_term_ends_on_its_day(trial: Connection, name: RuleName, days: int) -> None:
    on = ago(MONTHS[name]) + timedelta(days=days)
    with trial.begin_nested() as attempt:
        run(trial, "SELECT set_config('wangge.bulk', 'on', true)")
        for statement in _SET[name].split("; "):
            run(trial, statement, on=on, west=WEST) if ":on" in statement else run(
                trial, statement, west=WEST
            )
        found = {each.rule.name: each for each in due_by_rule(trial, [WEST])}[name]
        elsewhere = {each.rule.name: each for each in due_by_rule(trial, [EAST])}[name]
        attempt.rollback()
    is_due = _later(on, MONTHS[name]) <= TODAY
    assert (found.rows, found.oldest) == ((1, on) if is_due else (0, None))
    assert elsewhere.rows == 0


def test_the_term_of_the_log_ends_on_the_day_on_which_every_term_ends(trial: Connection) -> None:
    """Whatever day is today, and however long the months between are."""
    first_kept = FIRST_KEPT.format(today="t.today").replace("%(months)s", "t.months")
    rows = run(
        trial,
        "SELECT t.today, t.months, d.day FROM ("
        "  SELECT day::date AS today, months FROM generate_series("
        "    DATE '2027-01-01', DATE '2028-12-31', interval '1 day') AS day, "
        "    unnest(ARRAY[1, 6, 7, 12, 37]) AS months) AS t "
        f"CROSS JOIN LATERAL (SELECT {first_kept} AS kept) AS k "
        "CROSS JOIN LATERAL generate_series(k.kept - interval '4 days', k.kept "
        "  + interval '4 days', interval '1 day') AS d (day) "
        "WHERE (d.day::date + make_interval(months => t.months) <= t.today) <> (d.day < k.kept)",
    )
    assert rows == []


def test_the_log_is_judged_by_its_index(trial: Connection) -> None:
    rule = next(each for each in rules() if each.name == "audit")
    run(trial, "SET LOCAL enable_seqscan = off")
    plan = trial.exec_driver_sql(f"EXPLAIN {rule.due_sql}", {"months": rule.months}).scalars()
    assert "audit_at_index" in "\n".join(plan)


def _later(day: date, months: int) -> date:
    """The day so many months later, as calendars count: the last of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def test_reporters_of_closed_cases_only(engine: Engine, sides: TwoSides) -> None:
    with owner_transaction(engine, login="builder") as connection:
        run(connection, "UPDATE incidents.reporter SET description = '路灯'")
        run(
            connection,
            "UPDATE incidents.incident SET state = 'archived', closed_at = now() - "
            "make_interval(months => :months, days => 1) WHERE id = :id",
            months=MONTHS["reporters_closed"],
            id=sides.west("incidents"),
        )
    assert apply(engine)["reporters_closed"].rows == 1
    with owner_transaction(engine) as connection:
        rows = run(
            connection,
            "SELECT name, phone, name_cipher IS NULL, phone_cipher IS NULL, description "
            "FROM incidents.reporter ORDER BY id",
        )
        history = run(
            connection,
            "SELECT to_jsonb(h)::text FROM core.history AS h WHERE layer = 'reporters' "
            "AND feature_id = :id",
            id=sides.west("reporters"),
        )
    assert rows[0] == (None, None, True, True, "路灯")
    assert rows[1][0] is not None
    assert rows[1][2:4] == (False, False)
    assert len(history) == 2
    assert not any("欧" in row[0] or "\\\\x" in row[0] for row in history)


def test_care_is_erased_with_its_history(engine: Engine, sides: TwoSides) -> None:
    record = sides.west("care_records")
    with owner_transaction(engine, login="builder") as connection:
        run(
            connection,
            "UPDATE people.care_record SET valid_to = :on WHERE id = :id",
            on=ago(MONTHS["care_ended"]),
            id=record,
        )
    assert apply(engine)["care_ended"].rows == 1
    with owner_transaction(engine) as connection:
        left = run(connection, "SELECT id FROM people.care_record")
        history = run(
            connection,
            "SELECT action, before, after, sealed FROM core.history WHERE layer = 'care_records' "
            "AND feature_id = :id ORDER BY id",
            id=record,
        )
        visits = run(
            connection,
            "SELECT before, after, sealed FROM core.history WHERE layer = 'care_visits' "
            "AND feature_id = :id",
            id=sides.west("care_visits"),
        )
        visited = run(connection, "SELECT id FROM people.care_visit")
    assert [row[0] for row in visited] == [sides.east("care_visits")]
    assert visits
    assert {tuple(row) for row in visits} == {(None, None, None)}
    assert [row[0] for row in left] == [sides.east("care_records")]
    # Made, visited, ended.
    assert [row[0] for row in history] == ["create", "update", "update"]
    assert {tuple(row)[1:] for row in history} == {(None, None, None)}


def test_proposals_refused_are_erased_and_open_ones_stay(engine: Engine, sides: TwoSides) -> None:
    months = MONTHS["proposals_refused"]
    with owner_transaction(engine) as connection:
        for state in ("pending", "accepted", "returned", "withdrawn", "superseded"):
            run(
                connection,
                "INSERT INTO people.proposal (layer, operation, values, area_code, state, "
                "proposed_by, proposed_at, decided_at) VALUES ('persons', 'create', '{}', :area, "
                ":state, 'w', :at, CASE WHEN :state IN ('accepted', 'returned') THEN "
                "CAST(:at AS timestamptz) END)",
                area=WEST,
                state=state,
                at=ago(months, 1),
            )
    assert apply(engine)["proposals_refused"].rows == 3
    with owner_transaction(engine) as connection:
        left = run(connection, "SELECT state FROM people.proposal ORDER BY id")
    assert [row[0] for row in left] == ["pending", "accepted"]


def test_the_chain_goes_on_after_old_lines_are_dropped(engine: Engine) -> None:
    write = "SELECT core.write_audit(1, 'x', 'look', 'persons', :n, '', NULL, '{}')"
    broken = "SELECT core.broken_audit()"
    with owner_transaction(engine) as connection:
        for number in range(6):
            run(connection, write, n=number)
        # Older lines, chained like any.
        run(
            connection,
            "DO $$ DECLARE r record; h bytea := '\\x00'; BEGIN FOR r IN SELECT * FROM core.audit "
            "ORDER BY id LOOP UPDATE core.audit SET previous_hash = h, "
            "at = CASE WHEN feature_id < 3 THEN at - interval '10 years' ELSE at END "
            "WHERE id = r.id; UPDATE core.audit SET hash = sha256(h || convert_to("
            "core.audit_body(at, account_id, login, action, layer, feature_id, area_code, reason, "
            "detail), 'UTF8')) WHERE id = r.id RETURNING hash INTO h; END LOOP; END $$",
        )
        assert run(connection, broken) == []
    assert apply(engine)["audit"].rows == 3
    with owner_transaction(engine) as connection:
        assert run(connection, broken) == []
        left = run(connection, "SELECT feature_id, action FROM core.audit ORDER BY id")
        assert [row[0] for row in left] == [3, 4, 5, None]
        assert left[-1][1] == "audit_dropped"
        run(connection, write, n=9)
        assert run(connection, broken) == []
        run(connection, "DELETE FROM core.audit WHERE feature_id = 3")
        assert len(run(connection, broken)) == 1
    assert apply(engine)["audit"].rows == 0


WORDS = "".join(
    f'[{name}]\nmonths = {MONTHS[name]}\naction = "{rule.action}"\nbasis = "依据某法"\n'
    for name, rule in zip(NAMES, rules(), strict=True)
)


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_below_its_minimum_is_refused(name: RuleName) -> None:
    def with_months(months: object) -> str:
        return WORDS.replace(f"[{name}]\nmonths = {MONTHS[name]}", f"[{name}]\nmonths = {months}")

    least = LEAST_MONTHS[name]
    assert parse_rules(with_months(least))[NAMES.index(name)].months == least
    for months in (least - 1, 0, -1, "true", "6.5", 1201, '"6"'):
        with pytest.raises(ValueError, match=name):
            parse_rules(with_months(months))


def test_the_law_keeps_the_log_for_six_months() -> None:
    assert LEAST_MONTHS["audit"] >= 6


@pytest.mark.parametrize(
    "words",
    [
        "",
        WORDS + "[mood]\nmonths = 1\n",
        WORDS.replace('action = "deidentify"', 'action = "erase"'),
        WORDS.replace('basis = "依据某法"', 'basis = ""'),
        WORDS.replace('basis = "依据某法"\n', ""),
    ],
)
def test_faulty_rules_are_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_rules(words)
