"""What the search box finds: rooms and houses an address names, and features of every layer."""

from collections.abc import Sequence
from dataclasses import dataclass

from layers.core.database import Asks
from layers.core.layer import Layer
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.search import Frequencies, Hit, search_layers
from layers.housing.named_home import NamedHome, find_named_homes, names_room


@dataclass(frozen=True)
class Found:
    """Houses and rooms best first; features by layer, the best layer first."""

    homes: Sequence[NamedHome] = ()
    layers: Sequence[tuple[Layer, Sequence[Hit]]] = ()


def search_box(
    asks: Asks,
    layers: Sequence[Layer],
    reader: Reader,
    query: str,
    frequencies: Frequencies,
    limit: int = 8,
) -> Found:
    """Rooms when the query names one that there is; else features that hold it.

    When nothing holds it, it is taken for an address written in another way.
    """
    may_match = query.strip() != "" and bool(reader.scope(Right.BASE_READ))
    is_room = may_match and names_room(query)
    homes = find_named_homes(asks, reader, query) if is_room else ()
    if homes:
        return Found(homes)
    found = search_layers(asks, layers, reader, query, frequencies, limit)
    if not found and may_match and not is_room:
        homes = find_named_homes(asks, reader, query)
    return Found(homes, found)
