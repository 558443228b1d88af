"""How the invented incidents were worked on: every step of every case up to the day shown.

All cases are walked through the flow at once, one step after the other; a case whose next step
would lie beyond the day shown stays where it is. So what is open is open because it is recent or
slow, and the lists, timelines and rates hang together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from etl.synth.limits import Limits
from etl.synth.shapes import Bools, Floats, Ints, Random
from etl.synth.staffing import Staffing

Reasons = Mapping[str, Sequence[str | None]]

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
PUBLIC = ("SRC05", "SRC06", "SRC10", "SRC15")
"""Sources whose reports are now and then verified on site first."""
# With these shares and a median of a third of the limit, nine of ten cases are closed in time.
VOID, VERIFIED, RETURNED, REWORKED, EXTENDED, SUSPENDED, SUPERVISED, FORCED, UNCHECKED = (
    *(0.02, 0.15, 0.03, 0.02, 0.03, 0.02, 0.05, 0.003, 0.08),
)
SLOW, SLOW_RECENT, SLOW_DAYS = 0.03, 0.4, 10.0
LONGEST = 75 * DAY
# Of what came in last, most lies on somebody's desk.
DESKS = (
    *("verify", "register", "dispatch", "receive", "grant_extension", "feed_back", "check"),
    *("close", "close_unchecked", "archive"),
)
WAITING, WAITING_DAYS = 0.7, 9.0

REASONS: Reasons = {
    "void": ("重复上报", "现场未发现问题", "描述不清且无法联系上报人"),
    "dispatch": ("请按时限处置", "请尽快到场核处", "涉及民生，请优先办理"),
    "return_to_dispatch": ("不属本单位职责", "责任主体为物业单位", "位置不在本辖区"),
    "handle": (
        "已清理完毕，恢复整洁",
        "已劝导整改，现场恢复",
        "已维修，恢复正常使用",
        "已上门处理",
    ),
    "feed_back": ("处置完毕，请核查", "已完成，照片已上传"),
    "rework": ("未清理干净", "现场问题仍存在", "照片与现场不符"),
    "ask_extension": ("需协调产权单位", "待材料到货", "天气原因无法施工"),
    "refuse_extension": ("理由不充分，请按期完成",),
    "suspend": ("权属不清，待协调会明确", "待列入年度改造计划"),
    "resume": ("条件具备，恢复办理",),
    "supervise": ("即将超期，请加快办理", "群众多次反映，重点督办"),
    "force_close": ("已列入专项整治，另案处理",),
    "check": ("核查人员到场，问题已解决", "现场照片核对无误"),
    "close_unchecked": ("咨询类事项，电话回访已解决", "照片清晰，免核查"),
}
STATES = (
    *("", "reported", "verifying", "pending_register", "pending_dispatch", "pending_handle"),
    *("handling", "suspended", "handle_finish", "pending_check", "checked", "closed"),
    *("forced_close", "archived", "void"),
)
ROLES = {"operator": "operator", "dispatcher": "dispatcher", "unit": "unit", "check": "worker"}


@dataclass
class Event:
    """One step of the cases `rows`; times are seconds since the first day."""

    rows: Ints
    at: Floats
    step: str
    before: Ints
    after: int
    unit: Ints
    staff: Ints
    role: str
    reason: list[str | None]
    inputs: list[str | None]


@dataclass
class Walk:
    """All cases on their way: where each is, when it came there, and what its row holds."""

    random: Random
    clock: Floats
    end: float
    staffing: Staffing
    grid: Ints
    state: Ints = field(init=False)
    is_going: Bools = field(init=False)
    desk: Ints = field(init=False)
    unit: Ints = field(init=False)
    handler: Ints = field(init=False)
    events: list[Event] = field(default_factory=list)
    times: dict[str, Floats] = field(default_factory=dict)
    numbers: dict[str, Ints] = field(default_factory=dict)
    words: dict[str, np.ndarray[tuple[int], np.dtype[np.object_]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        total = len(self.clock)
        self.state = np.zeros(total, dtype=np.int64)
        self.is_going = np.ones(total, dtype=bool)
        recent = (self.end - self.clock) / DAY < WAITING_DAYS
        desk = self.random.integers(0, len(DESKS), total)
        self.desk = np.where(recent & self.chance(WAITING), desk, -1)
        self.unit = np.full(total, -1)
        self.handler = np.full(total, -1)

    def chance(self, share: float | Floats) -> Bools:
        """Cases chosen at random."""
        return self.random.random(len(self.clock)) < share

    def wait(self, seconds: float | Floats) -> Floats:
        """A random time for each case, on average `seconds`, at least a minute."""
        return self.random.exponential(1.0, len(self.clock)) * seconds + MINUTE

    def take(
        self,
        step: str,
        after: str | None,
        who: str,
        chosen: Bools,
        wait: Floats,
        inputs: Sequence[str | None] | str | None = None,
    ) -> Bools:
        """The step for the cases chosen that are still going; which of them came to take it.

        A case that would take it after the end stops where it is.
        """
        at = self.clock + wait
        if step in DESKS:
            at = at + np.where(self.desk == DESKS.index(step), WAITING_DAYS * DAY, 0.0)
        going = chosen & self.is_going
        done = going & (at <= self.end)
        self.is_going &= ~going | done
        rows = np.flatnonzero(done)
        state = STATES.index(after) if after is not None else -1
        staff = self.staffing.of(who, self.random, self.unit[rows], self.grid[rows])
        self.events.append(
            Event(
                rows,
                at[rows],
                step,
                self.state[rows],
                state,
                self.unit[rows],
                staff,
                ROLES.get(who, who),
                self._reasons(step, len(rows)),
                _each(inputs, rows),
            )
        )
        if state >= 0:
            self.state[rows] = state
        self.clock[rows] = at[rows]
        if step in ("receive", "handle"):
            self.handler[rows] = np.where(staff >= 0, staff, self.handler[rows])
        return done

    def _reasons(self, step: str, count: int) -> list[str | None]:
        known = REASONS.get(step, (None,))
        return [known[n] for n in self.random.integers(0, len(known), count).tolist()]

    def stamp(self, name: str, chosen: Bools, *, once: bool = False) -> None:
        """Keep the time of the step just taken in a column."""
        held = self.times.setdefault(name, np.full(len(self.clock), np.nan))
        rows = chosen & np.isnan(held) if once else chosen
        held[rows] = self.clock[rows]

    def forget(self, name: str, chosen: Bools) -> None:
        """Empty a time again."""
        self.times[name][chosen] = np.nan

    def count(self, name: str, chosen: Bools, more: int = 1) -> None:
        """Add to a number."""
        held = self.numbers.setdefault(name, np.zeros(len(self.clock), dtype=np.int64))
        held[chosen] += more

    def say(self, name: str, chosen: Bools, word: str | None) -> None:
        """Put a word into a column."""
        held = self.words.setdefault(name, np.full(len(self.clock), None, dtype=object))
        held[chosen] = word


def _each(inputs: Sequence[str | None] | str | None, rows: Ints) -> list[str | None]:
    if isinstance(inputs, str) or inputs is None:
        return [inputs] * len(rows)
    return [inputs[row] for row in rows.tolist()]


def work_on(
    random: Random,
    staffing: Staffing,
    limits: Limits,
    *,
    reported: Floats,
    category: Sequence[str],
    source: Sequence[str],
    grid: Ints,
    end: float,
) -> Walk:
    """Walk every incident as far as it came until `end`; times are seconds since the first day."""
    walk = Walk(random, reported.copy(), end, staffing, grid)
    everyone = np.ones(len(reported), dtype=bool)
    walk.take("report", "reported", "report", everyone, np.zeros(len(reported)))
    age = (end - reported) / DAY
    pace = limits.pace * random.lognormal(-1.25, 0.62, len(reported))
    slow = walk.chance(SLOW + SLOW_RECENT * np.exp(-age / SLOW_DAYS))
    slowly = np.minimum(pace * random.uniform(4, 30, len(reported)), LONGEST)
    pace = np.where(slow, np.maximum(slowly, pace), pace)
    _register(walk, np.isin(np.array(source), PUBLIC), limits)
    _dispatch(walk, category)
    _handle(walk, limits, pace)
    _check(walk, limits)
    return walk


def _register(walk: Walk, is_public: Bools, limits: Limits) -> None:
    """Stages 1 and 2: accepted, verified now and then, registered or void."""
    everyone = np.ones(len(walk.clock), dtype=bool)
    doubtful = is_public & walk.chance(VERIFIED)
    accepted = walk.take(
        "accept",
        "pending_register",
        "operator",
        walk.chance(0.5) & ~doubtful,
        walk.wait(6 * MINUTE),
    )
    ordered = walk.take("order_verify", "verifying", "operator", doubtful, walk.wait(10 * MINUTE))
    for done in (accepted, ordered):
        walk.stamp("accepted_at", done, once=True)
    untrue = walk.chance(0.2)
    finding = np.where(untrue, '{"finding": "untrue"}', '{"finding": "true"}').tolist()
    walk.take("verify", "pending_register", "check", doubtful, walk.wait(2 * HOUR), finding)
    worthless = walk.chance(VOID) | (doubtful & untrue)
    void = walk.take("void", "void", "operator", worthless, walk.wait(8 * MINUTE))
    walk.stamp("closed_at", void)
    walk.is_going &= ~void
    done = walk.take(
        "register",
        "pending_dispatch",
        "operator",
        everyone & ~worthless,
        walk.wait(8 * MINUTE),
        limits.inputs,
    )
    walk.stamp("accepted_at", done, once=True)
    walk.stamp("registered_at", done)


def _dispatch(walk: Walk, category: Sequence[str]) -> None:
    """Stage 3: to the unit the category asks for; some first to a wrong one that returns it."""
    everyone = np.ones(len(walk.clock), dtype=bool)
    right = walk.staffing.unit_for(walk.random, category, walk.grid)
    wrong = walk.chance(RETURNED)
    walk.unit = np.where(wrong, walk.staffing.any_department(walk.random, len(right)), right)
    first = walk.take("dispatch", "pending_handle", "dispatcher", everyone, walk.wait(9 * MINUTE))
    walk.stamp("dispatched_at", first)
    walk.take("receive", "handling", "unit", wrong, walk.wait(30 * MINUTE))
    back = walk.take("return_to_dispatch", "pending_dispatch", "unit", wrong, walk.wait(HOUR))
    walk.count("return_count", back)
    walk.handler[back] = -1
    walk.unit[back] = right[back]
    walk.take("dispatch", "pending_handle", "dispatcher", back, walk.wait(20 * MINUTE))


def _handle(walk: Walk, limits: Limits, pace: Floats) -> None:
    """Stages 4 and 5, with extension, suspension and supervision on the way."""
    everyone = np.ones(len(walk.clock), dtype=bool)
    short = np.minimum(limits.pace * 0.05, 40 * MINUTE)
    received = walk.take("receive", "handling", "unit", everyone, walk.wait(short))
    walk.stamp("received_at", received)
    arrived = walk.take("arrive", None, "unit", walk.chance(0.75), walk.wait(short))
    walk.stamp("arrived_at", arrived)
    _extend(walk, limits, pace)
    held = walk.take(
        "suspend", "suspended", "commander", walk.chance(SUSPENDED), walk.wait(limits.pace * 0.2)
    )
    walk.stamp("paused_at", held)
    again = walk.take("resume", "pending_handle", "commander", held, walk.wait(25 * DAY))
    walk.times["pause_from"] = np.where(again, walk.times["paused_at"], np.nan)
    walk.stamp("pause_to", again)
    walk.forget("paused_at", again)
    walk.stamp("received_at", walk.take("receive", "handling", "unit", again, walk.wait(2 * HOUR)))
    for level, share in (
        ("ordinary", SUPERVISED),
        ("yellow", SUPERVISED / 3),
        ("red", SUPERVISED / 9),
    ):
        late = walk.chance(np.where(pace > 1.4 * limits.pace, share * 6, share / 8))
        told = walk.take(
            "supervise", None, "commander", late, walk.wait(pace * 0.3), f'{{"level": "{level}"}}'
        )
        walk.say("supervision", told, level)
    given_up = walk.take(
        "force_close", "forced_close", "commander", walk.chance(FORCED), walk.wait(9 * DAY)
    )
    walk.stamp("closed_at", given_up)
    walk.say("closing", given_up, "forced")
    working = everyone & ~given_up
    due = np.maximum(walk.times["registered_at"] + pace - walk.clock, 6 * MINUTE)
    done = walk.take("handle", "handle_finish", "unit", working, np.nan_to_num(due))
    walk.stamp("handled_at", done)
    walk.take("feed_back", "pending_check", "unit", working, walk.wait(short * 0.3))


def _extend(walk: Walk, limits: Limits, pace: Floats) -> None:
    """Asked for by those who will not make it, where the limit is long enough to know."""
    asking = walk.chance(np.where(pace > limits.pace, 0.5, 0.01)) & (limits.pace > DAY)
    asked = walk.take(
        "ask_extension", None, "unit", asking, walk.wait(limits.pace * 0.2), '{"days": 3}'
    )
    walk.count("extension_days", asked, 3)
    granted = walk.take(
        "grant_extension", None, "commander", asked & walk.chance(0.8), walk.wait(3 * HOUR)
    )
    refused = walk.take(
        "refuse_extension", None, "commander", asked & ~granted, walk.wait(3 * HOUR)
    )
    walk.count("extension_days", granted | refused, -3)
    walk.count("extension_count", granted)
    walk.count("extended_days", granted, 3)


def _check(walk: Walk, limits: Limits) -> None:
    """Stages 6 and 7: checked, reworked now and then, closed, called back and archived."""
    everyone = np.ones(len(walk.clock), dtype=bool) & (walk.state == STATES.index("pending_check"))
    short = np.minimum(limits.pace * 0.08, 2 * HOUR)
    bad = everyone & walk.chance(REWORKED)
    failed = walk.take("check", "checked", "check", bad, walk.wait(short), '{"verdict": "failed"}')
    walk.stamp("checked_at", failed)
    walk.say("check_passed", failed, "f")
    again = walk.take("rework", "pending_handle", "operator", bad, walk.wait(short))
    walk.forget("checked_at", again)
    walk.say("check_passed", again, None)
    walk.count("rework_count", again)
    walk.forget("handled_at", again)
    walk.stamp("received_at", walk.take("receive", "handling", "unit", again, walk.wait(short)))
    walk.stamp(
        "handled_at", walk.take("handle", "handle_finish", "unit", again, walk.wait(short * 3))
    )
    walk.take("feed_back", "pending_check", "unit", again, walk.wait(short * 0.5))
    plain = everyone & ~bad & walk.chance(UNCHECKED)
    closed = walk.take(
        "close_unchecked", "closed", "operator", plain, walk.wait(short), limits.closing_inputs
    )
    walk.say("closing", closed, "unchecked")
    checked = walk.take(
        "check", "checked", "check", everyone & ~plain, walk.wait(short), '{"verdict": "passed"}'
    )
    walk.stamp("checked_at", checked)
    walk.say("check_passed", checked, "t")
    done = walk.take(
        "close",
        "closed",
        "operator",
        everyone & ~plain,
        walk.wait(short * 0.5),
        limits.closing_inputs,
    )
    walk.say("closing", done, "checked")
    walk.stamp("closed_at", closed | done)
    answers = np.array(["satisfied", "unsatisfied", "unreached"])[
        np.searchsorted((0.82, 0.87, 1.0), walk.random.random(len(walk.clock)))
    ]
    ended = walk.is_going & np.isin(
        walk.state, [STATES.index("closed"), STATES.index("forced_close")]
    )
    inputs = [f'{{"satisfaction": "{answer}"}}' for answer in answers.tolist()]
    archived = walk.take("archive", "archived", "operator", ended, walk.wait(2 * DAY) + DAY, inputs)
    walk.stamp("archived_at", archived)
    for answer in ("satisfied", "unsatisfied", "unreached"):
        walk.say("satisfaction", archived & (answers == answer), answer)
