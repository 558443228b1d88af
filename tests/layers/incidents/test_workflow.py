"""The declared flow, walked at random by people of every role: what may never come about."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gisserver.settings import ROOT
from layers.core.rights import Role
from layers.core.scope import Grant, Reader
from layers.incidents.flow import Case, Pause, Step, Taken, Who
from layers.incidents.workflow import (
    BY_NAME,
    IN_HAND,
    MOST_EXTENSIONS,
    OVER,
    STATES,
    STEPS,
    open_steps,
    refusal,
    take,
    unit_fault,
)

AREA = "99010100100101"
LIMIT = timedelta(hours=36)
START = datetime(2030, 1, 1, tzinfo=UTC)
CODES = tomllib.loads((ROOT / "data/codes/tables.toml").read_text(encoding="utf-8"))

# Written by hand from the city standard's list of states, not read from the declaration.
NEXT: Mapping[str, set[str]] = {
    "reported": {"pending_register", "pending_dispatch", "verifying", "void"},
    "verifying": {"pending_register"},
    "pending_register": {"pending_dispatch", "verifying", "void"},
    "pending_dispatch": {"pending_handle", "pending_register"},
    "pending_handle": {"handling", "pending_dispatch", "suspended", "forced_close"},
    "handling": {"handle_finish", "pending_dispatch", "suspended", "forced_close"},
    "suspended": {"pending_handle", "forced_close"},
    "handle_finish": {"pending_check", "handling", "forced_close"},
    "pending_check": {"checked", "closed", "pending_handle", "forced_close"},
    "checked": {"closed", "pending_handle", "forced_close"},
    "closed": {"archived"},
    "forced_close": {"archived"},
    "archived": set(),
    "void": set(),
}
UNITS = (5, 6)
PEOPLE = (
    Reader(1, "operator", (Grant(Role.OPERATOR, "990101"),), 11, 1),
    Reader(2, "dispatcher", (Grant(Role.DISPATCHER, "990101"),), 12, 1),
    Reader(3, "handler5", (Grant(Role.UNIT, "990101"),), 13, 5),
    Reader(4, "handler6", (Grant(Role.UNIT, "990101"),), 14, 6),
    Reader(5, "worker", (Grant(Role.WORKER, AREA),), 15, 7),
    Reader(6, "stranger", (Grant(Role.SUPERVISOR, "990102"),), 16, 5),
    Reader(7, "commander", (Grant(Role.COMMANDER, "990101"),), None, None),
)


def linear_clock(
    condition: str, registered: datetime, extended_days: int, pauses: tuple[Pause, ...]
) -> tuple[datetime, datetime]:
    """A clock that runs always: what a deadline must add up to."""
    paused = sum((end - start for start, end in pauses), timedelta())
    due = registered + LIMIT + timedelta(days=extended_days) + paused
    return due - LIMIT / 4, due


def inputs_for(step: Step, draw: st.DataObject) -> dict[str, Any]:
    """Something acceptable for every need, optional ones now and then left out."""
    found: dict[str, Any] = {}
    for need in step.needs:
        if need.kind == "code":
            codes = sorted(CODES[need.codes or ""]["values"])
            found[need.name] = draw.draw(st.sampled_from(codes), label=need.name)
        elif need.kind == "unit":
            found[need.name] = draw.draw(st.sampled_from(UNITS), label="unit")
        elif need.kind == "staff":
            found[need.name] = draw.draw(st.sampled_from((None, 15, 13)), label="staff")
        elif need.kind == "days":
            found[need.name] = draw.draw(st.integers(1, 30), label="days")
        else:
            found[need.name] = "x"
    return found


class FlowMachine(RuleBasedStateMachine):
    """One case, worked on by everybody; what the incident's row would hold is in `row`."""

    @initialize()
    def report(self) -> None:
        self.now = START
        self.case = Case(1, 1, AREA, "UM-0101", "reported")
        self.row: dict[str, Any] = {}
        self.path = ["reported"]
        self.steps: list[str] = []
        self.time_in: dict[str, timedelta] = {}
        self.registrar: str | None = None

    @rule(data=st.data(), minutes=st.integers(1, 400))
    def somebody_takes_an_open_step(self, data: st.DataObject, minutes: int) -> None:
        self._pass(minutes)
        if not self._open():
            assert self.case.state in ("archived", "void"), "only these two are the end"
            return
        self._take(data, self._open())

    @rule(data=st.data(), minutes=st.integers(1, 400))
    def the_case_goes_forward(self, data: st.DataObject, minutes: int) -> None:
        self._pass(minutes)
        forward = [(step, who) for step, who in self._open() if step.is_main]
        if forward:
            self._take(data, forward)

    def _open(self) -> list[tuple[Step, Reader]]:
        return [(step, who) for who in PEOPLE for step in open_steps(self.case, who, self.now)]

    def _take(self, data: st.DataObject, choices: list[tuple[Step, Reader]]) -> None:
        # First the step, then who takes it: many may do the same.
        steps = sorted({step.name for step, _ in choices if not step.is_grave}) or [
            step.name for step, _ in choices
        ]
        name = data.draw(st.sampled_from(steps), label="step")
        who = data.draw(st.sampled_from([w for s, w in choices if s.name == name]), label="who")
        step = BY_NAME[name]
        taken = take(step, self.case, who, inputs_for(step, data), self.now, linear_clock)
        assert isinstance(taken, Taken), taken
        assert step.right in who.rights
        known = {each.name for each in fields(Case)}
        kept = {name: value for name, value in taken.values.items() if name in known}
        self.case = replace(self.case, **kept, state=taken.to_state)
        self.case = replace(self.case, row_version=self.case.row_version + 1)
        self.row |= taken.values
        self.path.append(taken.to_state)
        self.steps.append(step.name)

    @rule(data=st.data())
    def a_grave_step_is_taken(self, data: st.DataObject) -> None:
        grave = [(step, who) for step, who in self._open() if step.is_grave]
        if grave and data.draw(st.integers(0, 5), label="seldom") == 5:
            self._take(data, grave)

    @rule(data=st.data(), name=st.sampled_from(sorted(BY_NAME)), who=st.sampled_from(PEOPLE))
    def what_is_not_open_is_refused(self, data: st.DataObject, name: str, who: Reader) -> None:
        step = BY_NAME[name]
        if step in open_steps(self.case, who, self.now):
            return
        assert refusal(step, self.case, who, self.now) is not None
        found = take(step, self.case, who, inputs_for(step, data), self.now, linear_clock)
        assert not isinstance(found, Taken)

    @rule(data=st.data(), who=st.sampled_from(PEOPLE))
    def what_is_needed_must_be_given(self, data: st.DataObject, who: Reader) -> None:
        for step in open_steps(self.case, who, self.now):
            for need in (each for each in step.needs if each.is_required):
                given = inputs_for(step, data) | {need.name: None}
                found = take(step, self.case, who, given, self.now, linear_clock)
                assert not isinstance(found, Taken)
                assert [fault.field for fault in found] == [need.name]

    def _pass(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        spent = self.time_in.get(self.case.state, timedelta())
        self.time_in[self.case.state] = spent + timedelta(minutes=minutes)

    @invariant()
    def the_path_is_one_of_the_standard(self) -> None:
        for before, after in zip(self.path, self.path[1:], strict=False):
            assert before == after or after in NEXT[before]

    @invariant()
    def the_steps_taken_lead_along_the_path(self) -> None:
        for name, before, after in zip(self.steps, self.path[:-1], self.path[1:], strict=True):
            assert before in BY_NAME[name].from_states
            assert after == (BY_NAME[name].to_state or before)

    @invariant()
    def a_closed_case_has_its_facts(self) -> None:
        case, row = self.case, self.row
        if case.state in ("closed", "forced_close", "archived"):
            assert None not in (case.registered_at, case.condition, case.dispatched_at)
            assert row["closed_at"] is not None
            assert row["closing"] in CODES["closing_kind"]["values"]
            assert case.unit_id in UNITS
        if case.state in ("closed", "archived") and row["closing"] != "forced":
            assert row["handled_at"] is not None
            assert row["closing_condition"]
        if row.get("closing") == "checked":
            assert case.check_passed is True
        assert (row.get("closed_at") is not None) == (case.state in OVER)

    @invariant()
    def only_a_case_without_registration_is_void(self) -> None:
        if self.case.state == "void":
            assert self.case.registered_at is None
        if self.case.state not in ("reported", "verifying", "pending_register", "void"):
            assert self.case.registered_at is not None

    @invariant()
    def the_clock_adds_up(self) -> None:
        case = self.case
        paused = sum((end - start for start, end in case.pauses), timedelta())
        if case.paused_at is not None:
            assert case.state == "suspended"
            paused += self.now - case.paused_at
        assert paused == self.time_in.get("suspended", timedelta())
        if case.registered_at is not None and case.state != "suspended":
            finished = sum((end - start for start, end in case.pauses), timedelta())
            if not (case.state in OVER and self.row["closing"] == "forced"):
                more = timedelta(days=case.extended_days)
                assert case.due_at == case.registered_at + LIMIT + more + finished

    @invariant()
    def who_registered_stays_the_owner(self) -> None:
        if self.registrar is None:
            self.registrar = self.case.registered_by
        assert self.case.registered_by == self.registrar

    @invariant()
    def counts_are_those_of_the_steps(self) -> None:
        case, steps = self.case, self.steps
        assert case.rework_count == steps.count("rework")
        assert case.return_count == steps.count("return_to_dispatch")
        assert case.extension_count == steps.count("grant_extension") <= MOST_EXTENSIONS
        if case.state not in IN_HAND:
            assert case.extension_days is None

    @invariant()
    def a_unit_is_in_charge_from_dispatch_to_the_end(self) -> None:
        with_unit = (*IN_HAND, "suspended", "handle_finish", "pending_check", "checked")
        if self.case.state in with_unit:
            assert self.case.unit_id is not None
        if self.case.state in ("pending_dispatch", "pending_register", "reported", "void"):
            assert self.case.unit_id is None


FlowMachine.TestCase.settings = settings(max_examples=100, stateful_step_count=50, derandomize=True)
test_no_path_leads_where_the_flow_forbids = FlowMachine.TestCase


def test_the_declaration_names_states_and_codes_that_there_are() -> None:
    assert set(STATES) == set(CODES["incident_state"]["values"]) == set(NEXT)
    assert len(BY_NAME) == len(STEPS)
    for step in STEPS:
        assert set(step.from_states) <= set(STATES)
        assert step.to_state is None or step.to_state in STATES
        for need in step.needs:
            assert need.kind != "code" or need.codes in CODES
        assert len({need.name for need in step.needs}) == len(step.needs)


def test_every_return_needs_its_reason() -> None:
    backwards = ("void", "revoke", "rework", "force_close", "refuse_extension", "suspend")
    for step in STEPS:
        if step.name.startswith(("return", "handle_again")) or step.name in backwards:
            assert any(need.name == "reason" and need.is_required for need in step.needs), step.name


def test_what_units_do_is_for_the_unit_in_charge() -> None:
    assert {step.name for step in STEPS if step.right == "incidents:handle"} == {
        step.name for step in STEPS if step.who is Who.UNIT
    }


@pytest.mark.parametrize(
    ("unit", "case", "fits"),
    [("990101", AREA, True), ("990101001002", AREA, False), ("", AREA, True), (AREA, "", False)],
)
def test_a_unit_takes_what_lies_in_its_area(unit: str, case: str, fits: bool) -> None:
    assert (unit_fault(unit, case) is None) == fits


def test_who_handled_a_case_does_not_check_it() -> None:
    case = Case(1, 1, AREA, "UM-0101", "pending_check", unit_id=7, handler_id=15)
    worker = next(who for who in PEOPLE if who.login == "worker")
    assert BY_NAME["check"] not in open_steps(case, worker, START)
    assert BY_NAME["check"] in open_steps(replace(case, handler_id=13), worker, START)
