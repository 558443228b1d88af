"""Figures kept with the version of the layer they were counted in, the same for all readers."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from gisserver.context import services
from gisserver.single_flight import SingleFlight
from layers.core.database import owner_transaction
from layers.core.features import count_by_area, count_within
from layers.core.layer import Layer
from layers.core.scope import Reader

MOST_KEPT = 4000


class Kept:
    """Figures, each with the version of its layer; the least used go first. Safe across threads."""

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self._figures: OrderedDict[tuple[Any, ...], tuple[Hashable, Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._flights: SingleFlight[Any] = SingleFlight()

    def get(self, key: tuple[Any, ...], version: Hashable, make: Callable[[], Any]) -> Any:
        """The figure of that version kept under the key, else made now, once for all who ask."""
        found = self._find(key, version)
        if found is not None:
            return found[1]

        def make_and_keep() -> Any:
            # Somebody may have made it between the look above and this turn.
            found = self._find(key, version)
            if found is not None:
                return found[1]
            made = make()
            self._keep(key, version, made)
            return made

        return self._flights.run((key, version), make_and_keep)

    def _find(self, key: tuple[Any, ...], version: Hashable) -> tuple[Hashable, Any] | None:
        with self._lock:
            found = self._figures.get(key)
            if found is None or found[0] != version:
                return None
            self._figures.move_to_end(key)
            return found

    def _keep(self, key: tuple[Any, ...], version: Hashable, made: Any) -> None:
        with self._lock:
            self._figures[key] = (version, made)
            while len(self._figures) > MOST_KEPT:
                self._figures.popitem(last=False)


def kept(
    key: tuple[Any, ...],
    layers: Layer | tuple[Layer, ...],
    make: Callable[[], Any],
    moment: Hashable = None,
) -> Any:
    """A figure about layers, made anew only after one of them has changed, or the moment has."""
    names = tuple(each.name for each in (layers if isinstance(layers, tuple) else (layers,)))
    versions = tuple(services().versions.current(name) for name in names)
    return services().counts.get((*key, names), (versions, moment), make)


def rows_by_area(layer: Layer, *, former: bool = False) -> dict[str, int]:
    """Rows of a layer by area code, wherever they lie: narrow them to the reader's areas.

    Those that hold now, or with `former` all.
    """

    def count() -> dict[str, int]:
        with owner_transaction(services().engine) as connection:
            return count_by_area(connection, layer, former=former)

    counted: dict[str, int] = kept(("counts", former), layer, count)
    return counted


def all_rows_within(layer: Layer, reader: Reader) -> int:
    """How many rows of a layer a reader may see, those that held before among them.

    Raises: Forbidden when the reader holds the layer's read right nowhere.
    """
    scope = reader.areas_to_read(layer)
    counted: int = kept(
        ("counts within", scope),
        layer,
        lambda: count_within(rows_by_area(layer, former=True), layer, reader),
    )
    return counted
