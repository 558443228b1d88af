"""Figures for Prometheus: requests, how long they took, open event streams."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from layers.patrol.fixes import Outcome

BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass
class Latency:
    """Requests of one route by how long they took, in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0


class Metrics:
    """Counts since the process began; safe across threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, str, int], int] = {}
        self._latencies: dict[str, Latency] = {}
        self._fixes: dict[str, int] = {}

    def count_fixes(self, outcomes: Mapping[Outcome, int]) -> None:
        """Count what became of fixes sent, by outcome."""
        with self._lock:
            for outcome, count in outcomes.items():
                name = outcome.name.lower()
                self._fixes[name] = self._fixes.get(name, 0) + count

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; `route` is the rule, never the address with its ids."""
        with self._lock:
            key = (method, route, status)
            self._requests[key] = self._requests.get(key, 0) + 1
            latency = self._latencies.setdefault(route, Latency())
            latency.counts[bisect_left(BUCKETS, seconds)] += 1
            latency.total += seconds

    def text(self, open_streams: int) -> str:
        """Everything in Prometheus' text format 0.0.4."""
        with self._lock:
            return "\n".join(self._lines(open_streams)) + "\n"

    def _lines(self, open_streams: int) -> Iterator[str]:
        yield "# HELP wangge_requests_total Requests answered."
        yield "# TYPE wangge_requests_total counter"
        for (method, route, status), count in sorted(self._requests.items()):
            labels = f'method="{method}",route="{_quoted(route)}",status="{status}"'
            yield f"wangge_requests_total{{{labels}}} {count}"
        yield "# HELP wangge_request_seconds Time until the answer began, in seconds."
        yield "# TYPE wangge_request_seconds histogram"
        for route, latency in sorted(self._latencies.items()):
            label, sum_so_far = f'route="{_quoted(route)}"', 0
            for limit, count in zip((*BUCKETS, "+Inf"), latency.counts, strict=True):
                sum_so_far += count
                yield f'wangge_request_seconds_bucket{{{label},le="{limit}"}} {sum_so_far}'
            yield f"wangge_request_seconds_sum{{{label}}} {latency.total:.6f}"
            yield f"wangge_request_seconds_count{{{label}}} {sum_so_far}"
        yield "# HELP wangge_fixes_total Positions sent by devices, by what became of them."
        yield "# TYPE wangge_fixes_total counter"
        for name, count in sorted(self._fixes.items()):
            yield f'wangge_fixes_total{{outcome="{name}"}} {count}'
        yield "# HELP wangge_open_streams Event streams open now."
        yield "# TYPE wangge_open_streams gauge"
        yield f"wangge_open_streams {open_streams}"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
