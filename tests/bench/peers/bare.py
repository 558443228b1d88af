"""The database alone: the same statements by the driver, eight processes, nothing above them."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from contextlib import closing
from multiprocessing.queues import SimpleQueue
from typing import Any

from tests.bench.peers.load import CLIENTS, PATIENCE, Load, LoadError
from tests.bench.peers.plain import Place
from tests.bench.peers.statements import Statement

_FORK = multiprocessing.get_context("fork")


def ask_bare(
    place: Place,
    asked: Sequence[Sequence[Statement]],
    *,
    seconds: float = 0.0,
    least: int = 0,
    clients: int = CLIENTS,
) -> Load:
    """As `load.ask`, of the database itself; each answer is read to its end.

    Raises: LoadError when a client fails.
    """
    turn = _FORK.Value("l", 0)
    together = _FORK.Barrier(clients)
    answers: SimpleQueue[Any] = _FORK.SimpleQueue()

    def client() -> None:
        times: list[float] = []
        received = 0
        with closing(place.connect()) as connection, connection.cursor() as cursor:
            together.wait(PATIENCE)
            began = time.perf_counter()
            while True:
                with turn.get_lock():
                    number = turn.value
                    if number >= least and time.perf_counter() >= began + seconds:
                        break
                    turn.value += 1
                sent = time.perf_counter()
                for statement, values in asked[number % len(asked)]:
                    cursor.execute(statement, values or None)
                    received += sum(len(str(row[0])) for row in cursor.fetchall())
                times.append(time.perf_counter() - sent)
        answers.put((began, time.perf_counter(), times, received))

    processes = [_FORK.Process(target=client, daemon=True) for _ in range(clients)]
    for process in processes:
        process.start()
    try:
        found = [answers.get() for _ in _awaited(processes, answers)]
    finally:
        for process in processes:
            process.kill()
            process.join()
    return Load(
        sum(len(times) for _, _, times, _ in found),
        max(end for _, end, _, _ in found) - min(began for began, *_ in found),
        sum(size for *_, size in found),
        tuple(each for _, _, times, _ in found for each in times),
    )


def _awaited(processes: Sequence[Any], answers: SimpleQueue[Any]) -> Any:
    """As many turns as there are processes, each once an answer is there."""
    for _ in processes:
        while answers.empty():
            if any(process.exitcode not in (None, 0) for process in processes):
                raise LoadError("a client of the bare SQL failed")
            time.sleep(0.01)
        yield None
