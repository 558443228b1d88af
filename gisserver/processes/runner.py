"""Doing jobs: threads that take what waits in the database, and say that they are at it."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Mapping
from typing import Any

from flask import Flask
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gisserver.auth.identity import identity_of_account, identity_of_token_id
from gisserver.errors import problem_of
from gisserver.processes.catalogue import process_named
from gisserver.processes.declaration import Asker, Process, Result, Work
from gisserver.processes.execution import Execution, kept_execution
from layers.core.database import reader_transaction, scope_setting
from layers.core.errors import Forbidden
from layers.core.job import (
    NO_BACKEND,
    Taken,
    finish_job,
    forget_jobs,
    keep_alive,
    take_job,
    tell_job,
)
from layers.core.scope import Reader
from layers.core.values import Codes

PAUSE_SECONDS = 5.0
ALIVE_SECONDS = 10.0
FORGET_SECONDS = 3600.0
LONGEST_STATEMENT_MS = 600_000
TOLD_EVERY_SECONDS = 0.5

log = logging.getLogger("wangge.jobs")


class Dismissed(Exception):
    """The job being done was dismissed."""


def run_now(process: Process, execution: Execution, connection: Connection, asker: Asker) -> Result:
    """Asks and answers in a reader's transaction, while somebody waits."""
    question = process.read(execution.inputs, asker)
    work = Work(connection, asker, lambda progress, message: None)
    return process.run(work, question, execution.media_type)


class JobRunner:
    """`workers` threads of this process, each at one job; no worker, no jobs done here."""

    def __init__(self, engine: Engine, codes: Codes, workers: int) -> None:
        self._engine = engine
        self._codes = codes
        self._workers = workers
        self._stopping = threading.Event()
        self._woken = threading.Semaphore(0)
        self._running: set[uuid.UUID] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._app: Flask | None = None

    def start(self, app: Flask) -> None:
        """Begin to take jobs; they are answered in the words of the app's errors."""
        self._app = app
        for number in range(self._workers):
            self._begin(self._take, f"wangge-job-{number}")
        if self._workers:
            self._begin(self._keep, "wangge-job-keeper")

    def stop(self) -> None:
        """Take no more; jobs being done go on until the process ends, then another takes them."""
        self._stopping.set()
        for _ in self._threads:
            self._woken.release()
        for thread in self._threads:
            thread.join(timeout=1.0)

    def wake(self) -> None:
        """A job was added: look at once."""
        self._woken.release()

    def _begin(self, run: Any, name: str) -> None:
        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def do_next(self) -> bool:
        """Does the job that waits longest, here and now; False when none waits."""
        taken = take_job(self._engine)
        if taken is not None:
            self._do(taken)
        return taken is not None

    def _take(self) -> None:
        while not self._stopping.is_set():
            try:
                was_one = self.do_next()
            except SQLAlchemyError as error:
                log.warning("jobs wait: %s", type(error).__name__)
                was_one = False
            if not was_one:
                self._woken.acquire(timeout=PAUSE_SECONDS)

    def _keep(self) -> None:
        forgotten = -FORGET_SECONDS
        while not self._stopping.wait(ALIVE_SECONDS):
            with self._lock:
                running = tuple(self._running)
            try:
                if running:
                    keep_alive(self._engine, running)
                if time.monotonic() - forgotten >= FORGET_SECONDS:
                    forget_jobs(self._engine)
                    forgotten = time.monotonic()
            except SQLAlchemyError as error:
                log.warning("jobs are not kept alive: %s", type(error).__name__)

    def _do(self, taken: Taken) -> None:
        with self._lock:
            self._running.add(taken.id)
        try:
            self._end(taken)
        finally:
            with self._lock:
                self._running.discard(taken.id)

    def _end(self, taken: Taken) -> None:
        try:
            result = self._result(taken)
        except Dismissed:
            return
        except Exception as error:  # noqa: BLE001 (a job ends with what went wrong, whatever it is)
            finish_job(self._engine, taken.id, problem=self._problem(taken, error))
            return
        finish_job(self._engine, taken.id, media_type=result.media_type, content=result.content)

    def _result(self, taken: Taken) -> Result:
        execution = kept_execution(taken.asked)
        reader = self._reader(taken)
        process = process_named(taken.process, reader)
        asker = Asker(reader, self._codes)
        with reader_transaction(self._engine, reader) as connection:
            connection.execute(text(f"SET LOCAL statement_timeout = {LONGEST_STATEMENT_MS}"))
            backend = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            scope = scope_setting(reader)
            if not tell_job(self._engine, taken.id, 0, "", backend=backend, scope=scope):
                raise Dismissed
            work = Work(connection, asker, _Told(self._engine, taken.id))
            question = process.read(execution.inputs, asker)
            result = process.run(work, question, execution.media_type)
            # From here on the connection may work for somebody else.
            if not tell_job(self._engine, taken.id, 99, "", backend=NO_BACKEND):
                raise Dismissed
            return result

    def _reader(self, taken: Taken) -> Reader:
        """Who asked, with the rights held now."""
        with self._engine.begin() as connection:
            if taken.token_id is None:
                identity = identity_of_account(connection, taken.account_id)
            else:
                identity = identity_of_token_id(connection, taken.token_id)
        if identity is None:
            raise Forbidden("the account or token that asked is no longer valid")
        return identity.reader

    def _problem(self, taken: Taken, error: Exception) -> Mapping[str, Any]:
        is_cancelled = (
            isinstance(error, DBAPIError) and getattr(error.orig, "pgcode", "") == "57014"
        )
        if is_cancelled:
            log.info("job %s was cancelled or took too long", taken.id)
        assert self._app is not None
        with self._app.test_request_context(f"/ogc/processes/{taken.process}/execution"):
            return problem_of(error)


class _Told:
    """Says how far a job is, not more often than people read.

    Raises: Dismissed when nobody wants it any more.
    """

    def __init__(self, engine: Engine, job_id: uuid.UUID) -> None:
        self._engine = engine
        self._job_id = job_id
        self._last = 0.0

    def __call__(self, progress: int, message: str) -> None:
        now = time.monotonic()
        if now - self._last < TOLD_EVERY_SECONDS:
            return
        self._last = now
        if not tell_job(self._engine, self._job_id, min(progress, 99), message):
            raise Dismissed
