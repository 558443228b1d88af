"""Work wanted by many at once is done once."""

import threading

import pytest

from gisserver.counts import Kept
from gisserver.single_flight import SingleFlight


def test_all_who_wait_get_what_the_first_has_made() -> None:
    flights: SingleFlight[object] = SingleFlight()
    made: list[object] = []
    begun, gate = threading.Event(), threading.Event()
    results: list[object] = []

    def make() -> object:
        begun.set()
        gate.wait(10)
        made.append(object())
        return made[-1]

    threads = [
        threading.Thread(target=lambda: results.append(flights.run("k", make))) for _ in range(8)
    ]
    threads[0].start()
    assert begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join()
    assert len(results) == 8
    assert set(map(id, results)) == set(map(id, made))


def test_a_failure_reaches_everybody_and_the_next_tries_again() -> None:
    flights: SingleFlight[int] = SingleFlight()

    def fail() -> int:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        flights.run("k", fail)
    assert flights.run("k", lambda: 1) == 1


def test_a_figure_is_made_anew_for_another_version_only() -> None:
    kept = Kept()
    numbers = iter(range(10))
    asked = [kept.get(("k",), version, lambda: next(numbers)) for version in (1, 1, 2, 2)]
    assert asked == [0, 0, 1, 1]
