"""The cheapest ways from places along a network: Dijkstra's algorithm, from several at once.

E. W. Dijkstra, A note on two problems in connexion with graphs, Numerische Mathematik 1, 1959. Of
several starts each is entered with its own cost, and each node knows which of them it comes from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf

import numpy as np

from layers.analysis.roads.network import Bools, Floats, Ints, Network

Start = tuple[int, float]
"""A node and what has been spent before it."""


@dataclass(frozen=True)
class Spread:
    """Of each node: its cost (infinite: not reached), the number of its start, how it is reached.

    `link` is that by which it is reached and `before` the node at its other end, -1 at a start.
    """

    cost: Floats
    start: Ints
    link: Ints
    before: Ints

    def way(self, node: int) -> Iterator[tuple[int, int]]:
        """Links from a reached node back to its start, each with the node on this side of it."""
        while self.link[node] >= 0:
            yield int(self.link[node]), node
            node = int(self.before[node])


class Ways:
    """A network with the cost of each link, ready to be gone from any start.

    `backward` goes against the direction of travel: costs are then those of going to the starts.
    """

    def __init__(self, network: Network, cost: Floats, *, backward: bool = False) -> None:
        self._arcs: list[list[tuple[int, float, int]]] = [[] for _ in range(network.nodes)]
        columns = (network.tail, network.head, cost, network.one_way)
        links = zip(*(column.tolist() for column in columns), strict=True)
        for number, (tail, head, spent, is_one_way) in enumerate(links):
            if not (is_one_way and backward):
                self._arcs[tail].append((head, spent, number))
            if not is_one_way or backward:
                self._arcs[head].append((tail, spent, number))

    def spread(self, starts: Sequence[Start], limit: float = inf) -> Spread:
        """The cheapest way to every node that costs no more than the limit."""
        count = len(self._arcs)
        cost, start = [inf] * count, [-1] * count
        link, before = [-1] * count, [-1] * count
        waiting: list[tuple[float, int]] = []
        for number, (node, spent) in enumerate(starts):
            if spent <= limit and spent < cost[node]:
                cost[node], start[node] = spent, number
                heappush(waiting, (spent, node))
        while waiting:
            spent, node = heappop(waiting)
            if spent > cost[node]:
                continue
            for other, more, number in self._arcs[node]:
                total = spent + more
                if total < cost[other] and total <= limit:
                    cost[other], start[other] = total, start[node]
                    link[other], before[other] = number, node
                    heappush(waiting, (total, other))
        return Spread(np.array(cost), np.array(start), np.array(link), np.array(before))


def unreached(
    network: Network, per_metre: Floats, spread: Spread, limit: float, *, backward: bool = False
) -> tuple[Floats, Floats]:
    """The gap of each link that is not reached within the limit: metres along it, from and to.

    A link that is reached as a whole has an empty gap at one place. `per_metre` is the cost of a
    metre of each link, by which the link's cost was made.
    """
    length = network.length
    ahead = _gone(spread.cost[network.tail], per_metre, length, limit)
    back = _gone(spread.cost[network.head], per_metre, length, limit)
    closed: Bools = network.one_way
    if backward:
        ahead = np.where(closed, 0.0, ahead)
    else:
        back = np.where(closed, 0.0, back)
    low, high = ahead, length - back
    met = low >= high
    return np.where(met, length, low), np.where(met, length, high)


def _gone(cost: Floats, per_metre: Floats, length: Floats, limit: float) -> Floats:
    """How far one gets into links from nodes of that cost."""
    return np.asarray(np.clip((limit - cost) / per_metre, 0.0, length))
