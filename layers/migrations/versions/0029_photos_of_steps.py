"""Tell with which step of its case a photo came."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("photo", sa.Column("step_id", sa.BigInteger()), schema="incidents")
    op.create_foreign_key(
        op.f("photo_step_id_fkey"),
        "photo",
        "step",
        ["step_id"],
        ["id"],
        source_schema="incidents",
        referent_schema="incidents",
        ondelete="SET NULL",
    )
    op.create_index(op.f("photo_step_id_index"), "photo", ["step_id"], schema="incidents")


def downgrade() -> None:
    op.drop_column("photo", "step_id", schema="incidents")
