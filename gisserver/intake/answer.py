"""What a device is told of the fixes it sent, and what is counted of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from layers.patrol.devices import Sender
from layers.patrol.fixes import REASONS, Outcome, Whole

if TYPE_CHECKING:
    from gisserver.context import Services

MOST_TOLD = 100
UNKNOWN = "no such device, or its token was revoked or is over"
NO_DEVICE = -1
"""Stands for the outcome of a fix whose token is not accepted."""
# A fault of the device, which somebody has to see; being off duty is none, and a phone that is
# told "refused" would send that fix again and again before any other.
FAULTS = frozenset({Outcome.FUTURE, Outcome.BAD_PLACE, Outcome.TOO_OLD})


def count_outcomes(house: Services, sender: Sender, outcomes: Sequence[Outcome]) -> None:
    """Count what became of fixes of one device."""
    refusals = [each.name.lower() for each in outcomes if each >= Outcome.FUTURE]
    taken = sum(each < Outcome.DUPLICATE for each in outcomes)
    house.devices.count(sender.device_id, taken, refusals)
    house.metrics.count_fixes(Counter(outcomes))


def told(outcome: Whole) -> Mapping[str, Any]:
    """Counts, and why the first hundred that were not simply taken were not."""
    listed = np.flatnonzero(outcome != Outcome.TAKEN)[:MOST_TOLD]
    answer: dict[str, Any] = {
        "taken": int(((outcome >= 0) & (outcome < Outcome.DUPLICATE)).sum()),
        "duplicates": int((outcome == Outcome.DUPLICATE).sum()),
        "flagged": int((outcome == Outcome.JUMP).sum()),
        "refused": int(((outcome < 0) | (outcome > Outcome.DUPLICATE)).sum()),
    }
    if len(listed):
        answer["items"] = [_item(index, int(outcome[index])) for index in listed.tolist()]
    return answer


def _item(index: int, outcome: int) -> dict[str, Any]:
    if outcome == NO_DEVICE:
        return {"index": index, "outcome": "unknown_device", "field": "id", "reason": UNKNOWN}
    found = Outcome(outcome)
    field, reason = REASONS[found]
    return {"index": index, "outcome": found.name.lower(), "field": field, "reason": reason}
