"""Create finished tracks: one row for each object and day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_track",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.BigInteger(), nullable=False),
        sa.Column("visited", sa.BigInteger(), nullable=False),
        sa.Column("fixes", sa.Integer(), nullable=False),
        sa.Column("metres", sa.Double(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.Column("stops", postgresql.JSONB(), nullable=False),
        sa.Column("gaps", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint(
            "object_kind IN ('staff', 'vehicle')", name=op.f("day_track_object_kind_check")
        ),
        sa.PrimaryKeyConstraint("day", "object_kind", "object_id", name=op.f("day_track_pkey")),
        schema="patrol",
    )


def downgrade() -> None:
    op.drop_table("day_track", schema="patrol")
