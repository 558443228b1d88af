"""A community of a test's own: copies of one that is built once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from layers.core.database import connect_engine
from tests.builders.community import build_community
from tests.harness import Databases


@pytest.fixture(scope="session")
def community_template(databases: Databases, template_url: str) -> Iterator[str]:
    """A database with the community in it; copied, never used."""
    with databases.fresh(template_url) as url:
        engine = connect_engine(url)
        try:
            build_community(engine)
        finally:
            engine.dispose()
        yield url


@pytest.fixture
def community_url(databases: Databases, community_template: str) -> Iterator[str]:
    """A database of one test's own with the community in it."""
    with databases.fresh(community_template) as url:
        yield url


@pytest.fixture
def community(community_url: str) -> Iterator[Engine]:
    """Engine, as table owner, of one test's own community."""
    engine = connect_engine(community_url)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture(scope="module")
def shared_community(databases: Databases, community_template: str) -> Iterator[Engine]:
    """Engine, as table owner, of a community for tests that roll back what they do."""
    with databases.fresh(community_template) as url:
        engine = connect_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()
