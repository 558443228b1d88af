"""Keep how many live in each building, so that questions of an area read no person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COUNTS = (
    "residents",
    "households",
    "elsewhere",
    "men",
    "women",
    "registered",
    "floating",
    "overseas",
    "unregistered",
)
BORN = ("men_born", "women_born", "others_born")


def upgrade() -> None:
    dates = postgresql.ARRAY(sa.Date())
    op.create_table(
        "resident_figure",
        sa.Column("building_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("area_code", sa.Text(collation="C"), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        *(sa.Column(name, dates, nullable=False) for name in BORN),
        sa.PrimaryKeyConstraint("building_id", name=op.f("resident_figure_pkey")),
        schema="people",
    )


def downgrade() -> None:
    op.execute("DROP VIEW IF EXISTS people.counted_residents")
    op.drop_table("resident_figure", schema="people")
