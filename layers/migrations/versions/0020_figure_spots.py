"""Keep where each building's figures count, so that an area finds them by themselves."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # An empty table is counted anew at the end of the upgrade (layers/people/people.sql).
    op.execute("DELETE FROM people.resident_figure")
    op.add_column(
        "resident_figure",
        sa.Column("spot", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        schema="people",
    )
    op.create_index(
        "idx_resident_figure_spot",
        "resident_figure",
        ["spot"],
        schema="people",
        postgresql_using="gist",
    )


def downgrade() -> None:
    op.execute("DROP VIEW IF EXISTS people.counted_residents")
    op.drop_index("idx_resident_figure_spot", "resident_figure", schema="people")
    op.drop_column("resident_figure", "spot", schema="people")
