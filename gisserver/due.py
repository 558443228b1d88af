"""What happens by itself when its day has come: approved plans of grids come into force."""

from __future__ import annotations

import logging
import threading

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from layers.catalogue import LAYERS
from layers.organisation.decision import put_due_plans_in_force

PAUSE_SECONDS = 60.0

log = logging.getLogger("wangge.due")


class Due:
    """Looks once a minute; of several processes the first does the work, the others find none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="wangge-due", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what it has begun is finished first."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                for plan in put_due_plans_in_force(self._engine, LAYERS):
                    log.info("grid plan %s is in force", plan)
            except SQLAlchemyError as error:
                log.warning("due plans wait: %s", error)
            self._stopping.wait(PAUSE_SECONDS)
