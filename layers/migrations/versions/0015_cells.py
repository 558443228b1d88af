"""Keep where each place is counted, and read incidents of a time from the index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

COUNTED = {
    "housing": ("building",),
    "incidents": ("incident",),
    "places": ("camera", "component", "facility", "key_site", "organisation"),
}
INDEX = "incident_reported_at_index"


def upgrade() -> None:
    for schema, tables in COUNTED.items():
        for table in tables:
            cell = sa.Computed("core.cell(geom)", persisted=True)
            op.add_column(table, sa.Column("cell", sa.BigInteger(), cell), schema=schema)
    op.drop_index(INDEX, "incident", schema="incidents")
    op.create_index(
        INDEX,
        "incident",
        ["reported_at"],
        schema="incidents",
        postgresql_include=["cell", "category", "area_code"],
    )


def downgrade() -> None:
    op.drop_index(INDEX, "incident", schema="incidents")
    op.create_index(INDEX, "incident", ["reported_at"], schema="incidents")
    for schema, tables in COUNTED.items():
        for table in tables:
            op.drop_column(table, "cell", schema=schema)
