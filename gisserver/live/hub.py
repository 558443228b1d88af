"""Hands each event to the readers who may see it, through a bounded queue per reader."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gisserver.live.event import Event, may_see
from layers.core.rights import Right
from layers.core.scope import Reader

MOST_STREAMS = 200
MOST_WAITING = 256
ROOM_SECONDS = 1.0


class TooManyStreams(Exception):
    """Every stream this process can hold is taken."""


ObjectKey = tuple[int, int]


@dataclass(frozen=True)
class Move:
    """One object that moved from one area to another; `row` is None when it is gone."""

    key: ObjectKey
    area: str
    area_before: str
    row: list[Any] | None


@dataclass(frozen=True)
class Taken:
    """What was waiting for a reader; `last_id` is the id up to which nothing else is missing.

    `must_check` asks to look whether the reader is still signed in with the same grants, `is_over`
    to end the stream. `moves` are the newest rows of objects that moved, None for those gone.
    """

    events: tuple[Event, ...]
    has_gap: bool
    must_check: bool
    is_over: bool
    last_id: int
    moves: Mapping[ObjectKey, list[Any] | None] = field(default_factory=dict)


class Subscription:
    """What waits for one reader. A reader too slow for the queue is told that there is a gap."""

    def __init__(
        self,
        reader: Reader,
        last_id: int,
        most_waiting: int = MOST_WAITING,
        *,
        positions: bool = False,
    ) -> None:
        self.reader = reader
        self.positions = positions
        self._moves: dict[ObjectKey, list[Any] | None] = {}
        self._most_waiting = most_waiting
        self._waiting: deque[Event] = deque()
        self._has_gap = False
        self._must_check = False
        self._is_over = False
        self._last_id = last_id
        self._changed = threading.Condition()

    def offer(self, event: Event) -> None:
        """Keep an event for the reader; when the queue is full, keep none of it."""
        with self._changed:
            self._last_id = event.id
            if not may_see(self.reader, event):
                return
            if len(self._waiting) >= self._most_waiting:
                self._waiting.clear()
                self._has_gap = True
            if not self._has_gap:
                self._waiting.append(event)
            self._changed.notify()

    def offer_moves(self, moves: Mapping[ObjectKey, list[Any] | None]) -> None:
        """Keep where objects are now; what was kept of the same objects is no longer true."""
        with self._changed:
            self._moves.update(moves)
            self._changed.notify()

    def miss(self, last_id: int) -> None:
        """Tell the reader that events up to `last_id` are lost to it."""
        with self._changed:
            self._waiting.clear()
            self._has_gap = True
            self._last_id = last_id
            self._changed.notify()

    def check(self) -> None:
        """Ask for a look at the reader's account."""
        with self._changed:
            self._must_check = True
            self._changed.notify()

    def end(self) -> None:
        """Have the stream end."""
        with self._changed:
            self._is_over = True
            self._changed.notify()

    def take(self, seconds: float) -> Taken:
        """Everything that waits, at the latest after `seconds`, then possibly nothing."""
        with self._changed:
            self._changed.wait_for(self._is_due, seconds)
            taken = Taken(
                events=tuple(self._waiting),
                has_gap=self._has_gap,
                must_check=self._must_check,
                is_over=self._is_over,
                last_id=self._last_id,
                moves=self._moves,
            )
            self._moves = {}
            self._waiting.clear()
            self._has_gap = self._must_check = False
            return taken

    def _is_due(self) -> bool:
        is_told = bool(self._waiting or self._moves)
        return is_told or self._has_gap or self._must_check or self._is_over


class Hub:
    """The streams of this process. Events arrive in the order of their ids, one by one."""

    def __init__(self, most_streams: int = MOST_STREAMS) -> None:
        self._most_streams = most_streams
        self._lock = threading.Lock()
        self._has_room = threading.Condition(self._lock)
        self._subscriptions: set[Subscription] = set()
        self._last_id = 0

    @property
    def open_streams(self) -> int:
        """Streams open now."""
        return len(self._subscriptions)

    @property
    def last_id(self) -> int:
        """Id of the newest event handed on."""
        return self._last_id

    @property
    def shows_positions(self) -> bool:
        """Whether any stream wants to know who moves."""
        with self._lock:
            return any(each.positions for each in self._subscriptions)

    def subscribe(self, reader: Reader, *, positions: bool = False) -> tuple[Subscription, int]:
        """A subscription to every event after the returned id, with `positions` to moves too.

        A browser that has gone shows only when it is written to; when every place is taken, all
        are written to, which frees the places of those who have gone.

        Raises: TooManyStreams.
        """
        with self._lock:
            if self._is_full():
                for each in self._subscriptions:
                    each.check()
                self._has_room.wait_for(lambda: not self._is_full(), ROOM_SECONDS)
            if self._is_full():
                raise TooManyStreams(f"all {self._most_streams} event streams are in use")
            subscription = Subscription(reader, self._last_id, positions=positions)
            self._subscriptions.add(subscription)
            return subscription, self._last_id

    def unsubscribe(self, subscription: Subscription) -> None:
        """Forget a subscription; once or more often."""
        with self._lock:
            self._subscriptions.discard(subscription)
            self._has_room.notify()

    def _is_full(self) -> bool:
        return len(self._subscriptions) >= self._most_streams

    def publish(self, events: Iterable[Event]) -> None:
        """Hand events on; those already handed on are passed over."""
        with self._lock:
            for event in events:
                if event.id > self._last_id:
                    self._last_id = event.id
                    for subscription in self._subscriptions:
                        subscription.offer(event)

    def move(self, moves: Iterable[Move]) -> None:
        """Hand moves on to the streams that want them, each within its reader's areas.

        What leaves the areas of a reader is gone for that reader.
        """
        moves = list(moves)
        told: dict[tuple[str, ...], dict[ObjectKey, list[Any] | None]] = {}
        with self._lock:
            for subscription in self._subscriptions:
                if subscription.positions:
                    areas = subscription.reader.scope(Right.PATROL_READ)
                    if areas not in told:
                        told[areas] = _within(areas, moves)
                    if told[areas]:
                        subscription.offer_moves(told[areas])

    def skip_to(self, last_id: int) -> None:
        """Go on after `last_id`; readers who are connected are told that they missed something."""
        with self._lock:
            self._last_id = last_id
            for subscription in self._subscriptions:
                subscription.miss(last_id)

    def check_accounts(self) -> None:
        """Have every stream look whether its reader is still who it was."""
        with self._lock:
            for subscription in self._subscriptions:
                subscription.check()

    def end_streams(self) -> None:
        """End every stream; browsers connect again and go on where they were."""
        with self._lock:
            for subscription in self._subscriptions:
                subscription.end()


def _within(areas: tuple[str, ...], moves: Iterable[Move]) -> dict[ObjectKey, list[Any] | None]:
    found: dict[ObjectKey, list[Any] | None] = {}
    for move in moves:
        if move.row is not None and move.area.startswith(areas):
            found[move.key] = move.row
        elif move.area_before.startswith(areas):
            found[move.key] = None
    return found
