"""The crossroads, once a module."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from tests.builders.crossroads import build_crossroads


@pytest.fixture(scope="module")
def crossroads(module_engine: Engine) -> Engine:
    """A database that holds the crossroads."""
    build_crossroads(module_engine)
    return module_engine
