"""How large a synthetic city is: its plan in cells and the number of rows of each layer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """One scale. Lengths in metres; `shares` is the part of the ordinary cells a use takes."""

    name: str
    region_name: str
    columns: int
    row_groups: tuple[int, ...]
    """Cells from south to north; a river flows between two groups."""
    canal_columns: tuple[int, ...]
    ring_columns: tuple[int, ...]
    ring_rows: tuple[int, ...]
    cell: float
    river_half: float
    bank: float
    river_sway: float
    river_length: float
    bend: float
    bend_length: float
    roundness: float
    centres: int
    lakes: int
    shares: tuple[tuple[str, float], ...]
    towns: int
    communities: int
    grids: int
    buildings: int
    persons: int
    components: int
    cameras: int
    incidents: int
    staff: int
    vehicles: int
    organisations: int
    walkers: int
    """Workers whose day of positions is drawn."""
    position_step: int
    """Seconds between two positions of one worker."""


DEMO = Size(
    name="demo",
    region_name="澄湖区",
    columns=11,
    row_groups=(4, 5),
    canal_columns=(7,),
    ring_columns=(),
    ring_rows=(),
    cell=186.0,
    river_half=36.0,
    bank=62.0,
    river_sway=135.0,
    river_length=1700.0,
    bend=62.0,
    bend_length=1900.0,
    roundness=3.0,
    centres=1,
    lakes=1,
    shares=(
        ("mall", 0.03),
        ("office", 0.045),
        ("government", 0.012),
        ("lanes", 0.075),
        ("factory", 0.16),
        ("logistics", 0.025),
        ("village", 0.165),
        ("market", 0.02),
        ("hospital", 0.012),
        ("school", 0.075),
        ("park", 0.075),
        ("site", 0.03),
        ("villas", 0.065),
        ("towers", 0.048),
        ("slabs", 0.065),
        ("old", 0.108),
    ),
    towns=3,
    communities=12,
    grids=60,
    buildings=1600,
    persons=25_000,
    components=2_400,
    cameras=320,
    incidents=4_000,
    staff=96,
    vehicles=14,
    organisations=420,
    walkers=60,
    position_step=30,
)

DISTRICT = Size(
    name="district",
    region_name="澄湖区",
    columns=76,
    row_groups=(26, 28, 18),
    canal_columns=(13, 31, 49, 64),
    ring_columns=(18, 58),
    ring_rows=(14, 60),
    cell=222.0,
    river_half=62.0,
    bank=84.0,
    river_sway=300.0,
    river_length=6200.0,
    bend=210.0,
    bend_length=7600.0,
    roundness=3.0,
    centres=13,
    lakes=11,
    shares=(
        ("mall", 0.011),
        ("office", 0.016),
        ("government", 0.004),
        ("lanes", 0.025),
        ("factory", 0.112),
        ("logistics", 0.022),
        ("village", 0.145),
        ("market", 0.008),
        ("hospital", 0.005),
        ("school", 0.05),
        ("park", 0.05),
        ("site", 0.02),
        ("villas", 0.04),
        ("rural", 0.3),
        ("towers", 0.042),
        ("slabs", 0.055),
        ("old", 0.095),
    ),
    towns=13,
    communities=516,
    grids=5_000,
    buildings=150_000,
    persons=2_330_000,
    components=105_000,
    cameras=20_000,
    incidents=150_000,
    staff=3_000,
    vehicles=680,
    organisations=36_000,
    walkers=3_000,
    position_step=60,
)

SIZES = {size.name: size for size in (DEMO, DISTRICT)}
