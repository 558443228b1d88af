"""The seven-step flow of city management as data, and the pure functions that read it.

信息收集 → 案卷建立 → 任务派遣 → 任务处理 → 处理反馈 → 核查结案 → 综合评价.

`STEPS` says what may be done in which state, by whom, what has to be given and what it sets;
buttons, forms, checks and the database's own rule (`incidents.step_rule()`) all come from it. The
manner follows the Yuncheng city standard (after GB/T 30428.2): voiding only before registration,
reasons on every return, an unsatisfactory result back to the same unit with all data kept.
Verifying (核实) is before registration, checking (核查) after handling, as the national metrics
have it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from layers.core.errors import Fault
from layers.core.rights import ROLES, Right, Role
from layers.core.scope import Reader
from layers.incidents.flow import (
    Case,
    Clock,
    Effect,
    Given,
    Need,
    Put,
    Refusal,
    Rule,
    Step,
    Taken,
    Title,
    Who,
)

MOST_EXTENSIONS = 2
LONGEST_TEXT = 500

STAGES: Mapping[int, Title] = {
    1: ("信息收集", "Collect"),
    2: ("案卷建立", "Register"),
    3: ("任务派遣", "Dispatch"),
    4: ("任务处理", "Handle"),
    5: ("处理反馈", "Feed back"),
    6: ("核查结案", "Check and close"),
    7: ("综合评价", "Evaluate"),
}

STATES: Mapping[str, int] = {
    "reported": 1,
    "verifying": 1,
    "pending_register": 2,
    "pending_dispatch": 3,
    "pending_handle": 4,
    "handling": 4,
    "suspended": 4,
    "handle_finish": 5,
    "pending_check": 6,
    "checked": 6,
    "closed": 6,
    "forced_close": 6,
    "archived": 7,
    "void": 2,
}
"""Stage of each state; what states are called stands in the code table `incident_state`."""

OVER = ("closed", "forced_close", "archived", "void")
"""States in which nothing is left to do but to evaluate."""
UNHANDLED = ("pending_dispatch", "pending_handle", "handling", "suspended")
"""Registered and not yet handled: where the time limit runs."""
IN_HAND = ("pending_handle", "handling")


NOT_REGISTERED = Rule("a registered case is not voided", lambda c, _: c.registered_at is None)
NOT_ARRIVED = Rule("arrival is recorded already", lambda c, _: c.arrived_at is None)
PASSED = Rule("the check did not pass", lambda c, _: c.check_passed is True)
SUPERVISED = Rule("the case is not supervised", lambda c, _: c.supervision is not None)
ASKED = Rule("no extension is asked for", lambda c, _: c.extension_days is not None)
NOT_ASKED = Rule("an extension is asked for already", lambda c, _: c.extension_days is None)
WITHIN_LIMIT = Rule(
    "the limit has passed; an extension is asked for before it",
    lambda c, now: c.due_at is None or now < c.due_at,
)
EXTENSIONS_LEFT = Rule(
    f"extended {MOST_EXTENSIONS} times already",
    lambda c, _: c.extension_count < MOST_EXTENSIONS,
)

REASON = Need("reason", "text", ("理由", "Reason"))
NOTE = Need("reason", "text", ("说明", "Note"), is_required=False)
CONDITION = Need("condition", "condition", ("立案条件", "Registration condition"))
UNIT = Need("unit", "unit", ("责任单位", "Unit in charge"))
HANDLER = Need("staff", "staff", ("责任人", "Person in charge"), is_required=False)
DAYS = Need("days", "days", ("延长天数", "Days more"), minimum=1, maximum=30)
CLOSING = Need("closing_condition", "closing", ("结案条件", "Closing condition"))


def _choice(name: str, zh: str, en: str, codes: str, *, is_required: bool = True) -> Need:
    return Need(name, "code", (zh, en), codes=codes, is_required=is_required)


def _reason_if(name: str, value: str) -> Need:
    return Need("reason", "text", NOTE.title, is_required=False, only_if=(name, value))


_REGISTER, _DISPATCH = Right.INCIDENTS_REGISTER, Right.INCIDENTS_DISPATCH
_HANDLE, _CHECK = Right.INCIDENTS_HANDLE, Right.INCIDENTS_CHECK
_SUPERVISE = Right.INCIDENTS_SUPERVISE
_NO_UNIT: Mapping[str, Effect] = {
    "unit_id": Put.NONE,
    "handler_id": Put.NONE,
    "extension_days": Put.NONE,
}
_CLOSED: Mapping[str, Effect] = {
    "closed_at": Put.NOW,
    "closing_condition": Given("closing_condition"),
}

STEPS: tuple[Step, ...] = (
    # Stages 1 and 2: taking in, verifying, registering.
    Step(
        "accept",
        ("受理", "Accept"),
        ("reported",),
        "pending_register",
        _REGISTER,
        needs=(NOTE,),
        sets={"accepted_at": Put.ONCE},
    ),
    Step(
        "order_verify",
        ("下发核实", "Order verification"),
        ("reported", "pending_register"),
        "verifying",
        _REGISTER,
        rules=(NOT_REGISTERED,),
        needs=(NOTE,),
        sets={"accepted_at": Put.ONCE},
    ),
    Step(
        "verify",
        ("核实", "Verify"),
        ("verifying",),
        "pending_register",
        _CHECK,
        needs=(
            _choice("finding", "核实结论", "Finding", "verification_finding"),
            _reason_if("finding", "untrue"),
        ),
        is_main=True,
        takes_photos=True,
    ),
    Step(
        "register",
        ("立案", "Register"),
        ("reported", "pending_register"),
        "pending_dispatch",
        _REGISTER,
        needs=(CONDITION, NOTE),
        sets={
            "accepted_at": Put.ONCE,
            "registered_at": Put.ONCE,
            "registered_by": Put.LOGIN,
            "condition": Given("condition"),
        },
        resets_clock=True,
        is_main=True,
    ),
    Step(
        "void",
        ("作废", "Void"),
        ("reported", "pending_register"),
        "void",
        _REGISTER,
        rules=(NOT_REGISTERED,),
        needs=(REASON,),
        sets={"closed_at": Put.NOW},
        is_grave=True,
    ),
    # Stage 3: dispatching.
    Step(
        "dispatch",
        ("派遣", "Dispatch"),
        ("pending_dispatch",),
        "pending_handle",
        _DISPATCH,
        needs=(UNIT, HANDLER, Need("reason", "text", ("派遣意见", "Instruction"), False)),
        sets={
            "unit_id": Given("unit"),
            "handler_id": Given("staff"),
            "dispatched_at": Put.ONCE,
            "received_at": Put.NONE,
            "arrived_at": Put.NONE,
        },
        is_main=True,
    ),
    Step(
        "return_to_register",
        ("退回受理", "Return to registration"),
        ("pending_dispatch",),
        "pending_register",
        _DISPATCH,
        needs=(REASON,),
    ),
    Step(
        "revoke",
        ("撤回派遣", "Revoke dispatch"),
        ("pending_handle",),
        "pending_dispatch",
        _DISPATCH,
        needs=(REASON,),
        sets=_NO_UNIT,
    ),
    # Stages 4 and 5: handling and feeding back, by the unit in charge only.
    Step(
        "receive",
        ("接收", "Receive"),
        ("pending_handle",),
        "handling",
        _HANDLE,
        who=Who.UNIT,
        sets={"received_at": Put.NOW, "handler_id": Put.STAFF},
        is_main=True,
    ),
    Step(
        "arrive",
        ("到达现场", "Arrive on site"),
        ("handling",),
        None,
        _HANDLE,
        who=Who.UNIT,
        rules=(NOT_ARRIVED,),
        sets={"arrived_at": Put.NOW},
        takes_photos=True,
    ),
    Step(
        "handle",
        ("处置完成", "Handled"),
        ("handling",),
        "handle_finish",
        _HANDLE,
        who=Who.UNIT,
        needs=(Need("reason", "text", ("处置结果", "What was done")),),
        sets={"handled_at": Put.NOW, "handler_id": Put.STAFF, "extension_days": Put.NONE},
        is_main=True,
        takes_photos=True,
    ),
    Step(
        "return_to_dispatch",
        ("退单", "Return to dispatch"),
        IN_HAND,
        "pending_dispatch",
        _HANDLE,
        who=Who.UNIT,
        needs=(REASON,),
        sets={**_NO_UNIT, "return_count": Put.ONE_MORE},
    ),
    Step(
        "feed_back",
        ("反馈", "Feed back"),
        ("handle_finish",),
        "pending_check",
        _HANDLE,
        who=Who.UNIT,
        needs=(NOTE,),
        is_main=True,
    ),
    Step(
        "handle_again",
        ("重新处置", "Handle again"),
        ("handle_finish",),
        "handling",
        _HANDLE,
        who=Who.UNIT,
        needs=(REASON,),
        sets={"handled_at": Put.NONE},
    ),
    # Extension, suspension, supervision: asked for by the unit, decided by the duty officer.
    Step(
        "ask_extension",
        ("申请延期", "Ask for extension"),
        IN_HAND,
        None,
        _HANDLE,
        who=Who.UNIT,
        rules=(NOT_ASKED, EXTENSIONS_LEFT, WITHIN_LIMIT),
        needs=(DAYS, REASON),
        sets={"extension_days": Given("days")},
    ),
    Step(
        "grant_extension",
        ("同意延期", "Grant extension"),
        IN_HAND,
        None,
        _SUPERVISE,
        rules=(ASKED,),
        needs=(NOTE,),
        sets={"extension_count": Put.ONE_MORE, "extension_days": Put.NONE},
        resets_clock=True,
        is_main=True,
    ),
    Step(
        "refuse_extension",
        ("不同意延期", "Refuse extension"),
        IN_HAND,
        None,
        _SUPERVISE,
        rules=(ASKED,),
        needs=(REASON,),
        sets={"extension_days": Put.NONE},
    ),
    Step(
        "suspend",
        ("挂账", "Suspend"),
        IN_HAND,
        "suspended",
        _SUPERVISE,
        needs=(REASON,),
        sets={"paused_at": Put.NOW, "extension_days": Put.NONE},
    ),
    Step(
        "resume",
        ("恢复办理", "Resume"),
        ("suspended",),
        "pending_handle",
        _SUPERVISE,
        needs=(NOTE,),
        sets={"paused_at": Put.NONE},
        resets_clock=True,
        is_main=True,
    ),
    Step(
        "supervise",
        ("督办", "Supervise"),
        (*UNHANDLED, "handle_finish", "pending_check", "checked"),
        None,
        _SUPERVISE,
        needs=(_choice("level", "督办级别", "Level", "supervision"), REASON),
        sets={"supervision": Given("level")},
    ),
    Step(
        "end_supervision",
        ("取消督办", "End supervision"),
        (*UNHANDLED, "handle_finish", "pending_check", "checked"),
        None,
        _SUPERVISE,
        rules=(SUPERVISED,),
        needs=(REASON,),
        sets={"supervision": Put.NONE},
    ),
    # Stage 6: checking and closing. Who handled a case does not check it.
    Step(
        "check",
        ("核查", "Check"),
        ("pending_check",),
        "checked",
        _CHECK,
        who=Who.OTHERS,
        needs=(
            _choice("verdict", "核查结论", "Verdict", "check_verdict"),
            _reason_if("verdict", "failed"),
        ),
        sets={"checked_at": Put.NOW, "check_passed": Given("verdict")},
        is_main=True,
        takes_photos=True,
    ),
    Step(
        "rework",
        ("返工", "Rework"),
        ("pending_check", "checked"),
        "pending_handle",
        _REGISTER,
        needs=(REASON,),
        sets={
            "rework_count": Put.ONE_MORE,
            "handled_at": Put.NONE,
            "checked_at": Put.NONE,
            "check_passed": Put.NONE,
        },
    ),
    Step(
        "close",
        ("结案", "Close"),
        ("checked",),
        "closed",
        _REGISTER,
        rules=(PASSED,),
        needs=(CLOSING, NOTE),
        sets={**_CLOSED, "closing": "checked"},
        is_main=True,
    ),
    Step(
        "close_unchecked",
        ("免核查结案", "Close without check"),
        ("pending_check",),
        "closed",
        _REGISTER,
        needs=(CLOSING, REASON),
        sets={**_CLOSED, "closing": "unchecked"},
        is_grave=True,
    ),
    Step(
        "force_close",
        ("强制结案", "Force close"),
        ("pending_handle", "handling", "suspended", "handle_finish", "pending_check", "checked"),
        "forced_close",
        _SUPERVISE,
        needs=(REASON,),
        sets={
            "closed_at": Put.NOW,
            "closing": "forced",
            "paused_at": Put.NONE,
            "extension_days": Put.NONE,
        },
        is_grave=True,
    ),
    # Stage 7: evaluating.
    Step(
        "archive",
        ("归档", "Archive"),
        ("closed", "forced_close"),
        "archived",
        _REGISTER,
        needs=(
            _choice("satisfaction", "回访满意度", "Call-back", "satisfaction", is_required=False),
            NOTE,
        ),
        sets={"archived_at": Put.NOW, "satisfaction": Given("satisfaction")},
        is_main=True,
    ),
)

BY_NAME: Mapping[str, Step] = {step.name: step for step in STEPS}
REPORT: Title = ("上报", "Report")
"""The step with which every case begins; the database records it with the incident."""


def refusal(step: Step, case: Case, reader: Reader, now: datetime) -> Refusal | None:
    """Why the step is not open to the reader now; None when it is."""
    if case.state not in step.from_states:
        return Refusal(f"{step.name} is not open in the state {case.state}")
    if not reader.covers(step.right, case.area_code):
        needed = f"{step.name} needs the right {step.right} in {case.area_code!r}"
        return Refusal(needed, is_forbidden=True)
    if step.who is Who.UNIT and not is_in_charge(case, reader):
        return Refusal(f"{step.name} is for the unit in charge only", is_forbidden=True)
    if step.who is Who.OTHERS and reader.staff_id and reader.staff_id == case.handler_id:
        return Refusal(f"{step.name} is not for who handled the case", is_forbidden=True)
    return next((Refusal(rule.reason) for rule in step.rules if not rule.holds(case, now)), None)


def is_in_charge(case: Case, reader: Reader) -> bool:
    """Whether the reader acts for the unit the case is dispatched to, or is named for it."""
    of_unit = reader.unit_id is not None and reader.unit_id == case.unit_id
    return of_unit or (reader.staff_id is not None and reader.staff_id == case.handler_id)


def open_steps(case: Case, reader: Reader, now: datetime) -> tuple[Step, ...]:
    """The steps the reader may take now, those that bring the case forward first."""
    found = [step for step in STEPS if refusal(step, case, reader, now) is None]
    return tuple(sorted(found, key=lambda step: (not step.is_main, step.is_grave)))


def input_faults(step: Step, inputs: Mapping[str, Any]) -> Iterator[Fault]:
    """What is missing, too much or of no known name among the inputs; values are checked apart."""
    needs = {need.name: need for need in step.needs}
    for name in inputs:
        if name not in needs:
            yield Fault(name, f"{step.name} takes no {name}; it takes: {', '.join(needs) or '-'}")
    for need in step.needs:
        value = inputs.get(need.name)
        is_wanted = need.is_required or (
            need.only_if is not None and inputs.get(need.only_if[0]) == need.only_if[1]
        )
        if value is None and is_wanted:
            yield Fault(need.name, "required")


def take(
    step: Step, case: Case, reader: Reader, inputs: Mapping[str, Any], now: datetime, clock: Clock
) -> Taken | list[Fault]:
    """What taking the step would do, or every reason why it cannot be taken.

    `inputs` hold values by need, converted and looked up.
    """
    refused = refusal(step, case, reader, now)
    if refused is not None:
        return [Fault("step", refused.reason)]
    faults = list(input_faults(step, inputs))
    if faults:
        return faults
    values = {
        column: _value(effect, getattr(case, column, None), reader, inputs, now)
        for column, effect in step.sets.items()
    }
    if step.name == "grant_extension":
        values["extended_days"] = case.extended_days + (case.extension_days or 0)
    if step.name == "check":
        values["check_passed"] = inputs["verdict"] == "passed"
    if case.paused_at is not None and "paused_at" in values:
        values["pauses"] = (*case.pauses, (case.paused_at, now))
    if step.resets_clock:
        values["warn_at"], values["due_at"] = _deadline(case, values, clock)
    return Taken(step, acting_role(step, case, reader), step.leads_to(case.state), values)


def _deadline(case: Case, values: Mapping[str, Any], clock: Clock) -> tuple[datetime, datetime]:
    """The limit counts from the first registration, whatever happened since."""
    return clock(
        values.get("condition", case.condition),
        values.get("registered_at", case.registered_at),
        values.get("extended_days", case.extended_days),
        values.get("pauses", case.pauses),
    )


def _value(
    effect: Effect, present: Any, reader: Reader, inputs: Mapping[str, Any], now: datetime
) -> Any:
    match effect:
        case Given(need):
            return inputs.get(need)
        case Put.NOW:
            return now
        case Put.ONCE:
            return present or now
        case Put.NONE:
            return None
        case Put.ONE_MORE:
            return present + 1
        case Put.STAFF:
            return reader.staff_id or present
        case Put.LOGIN:
            return present or reader.login
        case _:
            return effect


def acting_role(step: Step, case: Case, reader: Reader) -> Role:
    """The role under which the reader takes the step: the first granted that carries its right."""
    return next(
        grant.role
        for grant in reader.grants
        if step.right in ROLES[grant.role] and case.area_code.startswith(grant.area_code)
    )


def unit_fault(unit_area: str, case_area: str) -> Fault | None:
    """Why a unit cannot take the case: it serves an area in which the case does not lie."""
    if case_area.startswith(unit_area):
        return None
    return Fault("unit", f"the unit serves {unit_area}, the case lies in {case_area}")


def step_rule_statement() -> str:
    """SQL that tells the database the flow: step, from, to, right."""
    rows = ", ".join(
        f"('{step.name}', '{state}', '{step.leads_to(state)}', '{step.right.value}')"
        for step in STEPS
        for state in step.from_states
    )
    return (
        "CREATE OR REPLACE FUNCTION incidents.step_rule() "
        "RETURNS TABLE (step text, from_state text, to_state text, needed_right text) "
        f"LANGUAGE sql IMMUTABLE AS $$ VALUES {rows} $$"
    )
