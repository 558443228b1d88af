"""One change as listeners hear of it: ids only, never a value."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from layers.catalogue import LAYERS
from layers.core.scope import Reader
from layers.people.proposal import PROPOSALS, REVIEW_RIGHTS

BULK = "bulk"

_LAYERS = {layer.name: layer for layer in LAYERS}


@dataclass(frozen=True)
class Event:
    """A row of the history: `area_before` is where the feature was when it has moved."""

    id: int
    layer: str
    feature_id: int | None
    action: str
    area: str
    area_before: str | None = None

    def message(self) -> dict[str, Any]:
        """What a browser is told."""
        if self.action == BULK:
            return {"layer": self.layer, "all": True}
        return {"layer": self.layer, "id": self.feature_id, "action": self.action}


def event_of_notice(payload: str) -> Event:
    """The event in the payload of a notification.

    Raises: ValueError, KeyError or TypeError for anything but a notice of ours.
    """
    notice = json.loads(payload)
    return Event(
        id=int(notice["event"]),
        layer=str(notice["layer"]),
        feature_id=notice.get("id"),
        action=str(notice["action"]),
        area=str(notice["area"]),
        area_before=notice.get("before"),
    )


def may_see(reader: Reader, event: Event) -> bool:
    """Whether the change concerns a row the reader may read now or could read before."""
    touched = {event.area, event.area if event.area_before is None else event.area_before}
    if event.layer == PROPOSALS:
        return any(reader.covers(right, code) for right in REVIEW_RIGHTS for code in touched)
    layer = _LAYERS.get(event.layer)
    if layer is None:
        return False
    areas = reader.areas_to_read(layer)
    if layer.scope == "public" or event.action == BULK:
        return bool(areas)
    return any(code.startswith(area) for code in touched for area in areas)
