"""Real published addresses find the building at their road and number, and its rooms."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from tests.bench.addresses import match_all, shares
from tests.builders.school_addresses import SCHOOLS, read_schools, school_truths


def test_published_addresses_are_found_and_none_is_surely_wrong(
    module_engine: Engine, real_files: Path
) -> None:
    schools = read_schools(real_files / SCHOOLS)
    assert len(schools) > 3000
    truths = school_truths(module_engine, schools, texts=120)
    found = match_all(module_engine, [truth.text for truth in truths])
    by_noise = {share.name: share for share in shares(truths, found)}
    assert all(share.wrong == 0 for share in by_noise.values())
    published = by_noise["as published"]
    assert published.building / published.asked > 0.99
    assert published.sure / published.asked > 0.95
    mixed = by_noise["mixed"]
    assert mixed.room / mixed.rooms > 0.97
