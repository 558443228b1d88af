"""Number cells anew: their two halves are 21 bits wide, so that PostgreSQL hashes them apart."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

COUNTED = {
    "housing": ("building",),
    "incidents": ("incident",),
    "places": ("camera", "component", "facility", "key_site", "organisation"),
}
INDEX = "incident_reported_at_index"


def upgrade() -> None:
    # A stored column is computed when it is added; the function is the new one by now.
    op.drop_index(INDEX, "incident", schema="incidents")
    for schema, tables in COUNTED.items():
        for table in tables:
            op.drop_column(table, "cell", schema=schema)
            cell = sa.Computed("core.cell(geom)", persisted=True)
            op.add_column(table, sa.Column("cell", sa.BigInteger(), cell), schema=schema)
    op.create_index(
        INDEX,
        "incident",
        ["reported_at"],
        schema="incidents",
        postgresql_include=["cell", "category", "area_code"],
    )


def downgrade() -> None:
    """The numbers stay as they are."""
