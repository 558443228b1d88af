"""Areas and a read-only mark of personal tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "token",
        sa.Column("areas", sa.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'")),
        schema="organisation",
    )
    op.add_column(
        "token",
        sa.Column("is_read_only", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        schema="organisation",
    )


def downgrade() -> None:
    op.drop_column("token", "is_read_only", schema="organisation")
    op.drop_column("token", "areas", schema="organisation")
