"""Count case numbers by county and day."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_serial",
        sa.Column("county", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("county", "day", name=op.f("case_serial_pkey")),
        schema="incidents",
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION IF EXISTS incidents.give_number() CASCADE")
    op.drop_table("case_serial", schema="incidents")
