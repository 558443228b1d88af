"""The invented cases were worked on as the flow allows, and leave something to do."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

CONTRADICTIONS = {
    "a step the flow does not know": (
        "SELECT count(*) FROM incidents.step AS s LEFT JOIN incidents.step_rule() AS r "
        "ON (r.step, r.from_state, r.to_state) = (s.step, s.from_state, s.to_state) "
        "WHERE r.step IS NULL AND s.step <> 'report'"
    ),
    "a path with a gap": (
        "SELECT count(*) FROM (SELECT from_state, lag(to_state) OVER (PARTITION BY incident_id "
        "ORDER BY id) AS before, lag(at) OVER (PARTITION BY incident_id ORDER BY id) AS earlier, "
        "at, step FROM incidents.step) AS path "
        "WHERE step <> 'report' AND (from_state IS DISTINCT FROM before OR at < earlier)"
    ),
    "a state that is not where the path ends": (
        "SELECT count(*) FROM incidents.incident AS i LEFT JOIN LATERAL (SELECT to_state "
        "FROM incidents.step WHERE incident_id = i.id ORDER BY id DESC LIMIT 1) AS last ON true "
        "WHERE to_state IS DISTINCT FROM state"
    ),
    "a closed case without its facts": (
        "SELECT count(*) FROM incidents.incident WHERE state IN ('closed', 'archived') "
        "AND closing <> 'forced' AND (num_nulls(registered_at, condition, unit_id, dispatched_at, "
        "handled_at, closed_at, closing_condition) > 0 OR handled_at > closed_at)"
    ),
    "an end that is none": (
        "SELECT count(*) FROM incidents.incident WHERE (closed_at IS NULL) "
        "= (state IN ('closed', 'forced_close', 'archived', 'void'))"
    ),
    "a count that is not that of the steps": (
        "SELECT count(*) FROM incidents.incident AS i JOIN (SELECT incident_id, "
        "count(*) FILTER (WHERE step = 'rework') AS reworks, "
        "count(*) FILTER (WHERE step = 'grant_extension') AS extensions, "
        "count(*) FILTER (WHERE step = 'return_to_dispatch') AS returns "
        "FROM incidents.step GROUP BY incident_id) AS s ON s.incident_id = i.id "
        "WHERE (reworks, extensions, returns) "
        "<> (rework_count, extension_count, return_count)"
    ),
    "somebody who checked what he handled": (
        "SELECT count(*) FROM incidents.step AS s JOIN incidents.incident AS i "
        "ON i.id = s.incident_id WHERE s.step = 'check' AND s.staff_id = i.handler_id"
    ),
    "a unit that serves another place": (
        "SELECT count(*) FROM incidents.incident AS i JOIN organisation.unit AS u "
        "ON u.id = i.unit_id WHERE NOT starts_with(i.area_code, u.area_code) "
        "AND i.area_code <> ''"
    ),
    "a registered case without a deadline": (
        "SELECT count(*) FROM incidents.incident WHERE (registered_at IS NULL) <> (due_at IS NULL) "
        "OR NOT registered_at < warn_at OR NOT warn_at < due_at"
    ),
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_nothing_contradicts_the_flow(city_engine: Engine, what: str) -> None:
    with city_engine.begin() as connection:
        assert connection.execute(text(CONTRADICTIONS[what])).scalar_one() == 0, what


def test_every_desk_has_something_on_it(city_engine: Engine) -> None:
    with city_engine.begin() as connection:
        rows = connection.execute(
            text("SELECT state, count(*) FROM incidents.incident GROUP BY state")
        )
        found = {row[0]: row[1] for row in rows}
    wanted = ("reported", "pending_dispatch", "pending_handle", "handling", "handle_finish")
    for state in (*wanted, "pending_check", "checked", "closed", "archived", "void", "suspended"):
        assert found.get(state, 0) > 0, state
    is_open = sum(found.values()) - sum(found[s] for s in ("closed", "archived", "void"))
    assert 0.005 < is_open / sum(found.values()) < 0.03


def test_the_rates_are_believable(city_engine: Engine) -> None:
    with city_engine.begin() as connection:
        closed_in_time, reworked, extended = connection.execute(
            text(
                "SELECT avg((closed_at <= due_at)::integer), avg((rework_count > 0)::integer), "
                "avg((extension_count > 0)::integer) FROM incidents.incident "
                "WHERE state = 'archived'"
            )
        ).one()
    assert 0.8 < closed_in_time < 0.97
    assert 0.005 < reworked < 0.04
    assert 0.001 < extended < 0.04
