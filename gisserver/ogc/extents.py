"""Extents of layers within a reader's scope, kept until the layer changes."""

from collections.abc import Iterable
from datetime import datetime
from threading import Lock

from gisserver.context import reader_connection, services
from gisserver.single_flight import SingleFlight
from layers.core.features import BoundingBox, find_extent, find_times
from layers.core.layer import Layer
from layers.core.scope import Reader

KEPT = 512
_Key = tuple[str, int, tuple[str, ...]]


def joint_extent(boxes: Iterable[BoundingBox | None]) -> BoundingBox | None:
    """The box around all of them; None when there is nothing anywhere."""
    found = [box for box in boxes if box is not None]
    if not found:
        return None
    wests, souths, easts, norths = zip(*found, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


class Extents:
    """Remembers the extent of (layer, version, scope); the oldest goes when there are too many.

    What many ask for at once after a change is looked for once.
    """

    def __init__(self) -> None:
        self._known: dict[_Key, BoundingBox | None] = {}
        self._times: dict[_Key, tuple[datetime, datetime] | None] = {}
        self._lock = Lock()
        self._flights: SingleFlight[dict[Layer, BoundingBox | None]] = SingleFlight()

    def extents(self, reader: Reader, layers: tuple[Layer, ...]) -> dict[str, BoundingBox | None]:
        """West, south, east, north (CRS84) of each layer with geometry, by name."""
        keys = {
            layer: (
                layer.name,
                services().versions.current(layer.name),
                reader.areas_to_read(layer),
            )
            for layer in layers
            if layer.geometry_kind is not None
        }
        with self._lock:
            known = {layer: self._known[key] for layer, key in keys.items() if key in self._known}
        missing = tuple(layer for layer in keys if layer not in known)
        if missing:
            asked = tuple(keys[layer] for layer in missing)
            known |= self._flights.run(asked, lambda: self._find(reader, missing, asked))
        return {layer.name: known[layer] for layer in keys}

    def times(self, reader: Reader, layer: Layer) -> tuple[datetime, datetime] | None:
        """First and last time of what the reader sees of a layer that has one."""
        if layer.time_field is None:
            return None
        key = (
            layer.name,
            services().versions.current(layer.name),
            reader.areas_to_read(layer),
        )
        with self._lock:
            if key in self._times:
                return self._times[key]
        with reader_connection() as connection:
            found = find_times(connection, layer, reader)
        with self._lock:
            self._times[key] = found
            while len(self._times) > KEPT:
                self._times.pop(next(iter(self._times)))
        return found

    def _find(
        self, reader: Reader, layers: tuple[Layer, ...], keys: tuple[_Key, ...]
    ) -> dict[Layer, BoundingBox | None]:
        with reader_connection() as connection:
            found = {layer: find_extent(connection, layer, reader) for layer in layers}
        with self._lock:
            for layer, key in zip(layers, keys, strict=True):
                self._known[key] = found[layer]
            while len(self._known) > KEPT:
                self._known.pop(next(iter(self._known)))
        return found
