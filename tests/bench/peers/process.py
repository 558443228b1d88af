"""Processes of a measurement: started, awaited, weighed, and ended whatever happens."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

START_SECONDS = 90.0
STOP_SECONDS = 15.0
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


class PeerError(RuntimeError):
    """A peer cannot be installed or started; the message says why."""


@contextmanager
def running(
    command: Sequence[str],
    environment: Mapping[str, str],
    folder: Path,
    answers: Callable[[], bool],
) -> Iterator[int]:
    """Process number of a server that answers; it and all it started end with the block.

    The server is told to stop also when this process is killed.

    Raises: PeerError when it does not answer, with the end of what it said.
    """
    log = folder / "server.log"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(os.environ) | dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_stop_with_parent,  # noqa: PLW1509 - one thread
        )
    try:
        _await(process, answers, log)
        yield process.pid
    finally:
        _end(process)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(root: int) -> set[int]:
    """Process numbers of a process and all its descendants."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it has just ended
            parents[int(entry.name)] = int(stat.rsplit(")", 1)[1].split()[1])
    found = {root}
    while children := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= children
    return found


def worker_mebibytes(root: int) -> float:
    """Resident set of the largest process of a family, in MiB: one worker."""
    return max(_resident(pid) for pid in family(root))


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0  # it is ending


def _stop_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _await(process: subprocess.Popen[bytes], answers: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if answers():
                return
        except OSError:
            pass
        time.sleep(0.1)
    said = log.read_text(errors="replace")[-3000:]
    raise PeerError(f"{process.args!r} does not answer:\n{said}")


def _end(process: subprocess.Popen[bytes]) -> None:
    members = family(process.pid)
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in members - {process.pid}:
        if _is_of_session(pid, process.pid):
            os.kill(pid, signal.SIGKILL)


def _is_of_session(pid: int, session: int) -> bool:
    """Whether a process that was a descendant is still there, not another of the same number."""
    try:
        return os.getsid(pid) == session
    except ProcessLookupError:
        return False
