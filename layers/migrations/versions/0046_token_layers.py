"""Layers of personal tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "token",
        sa.Column("layers", sa.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'")),
        schema="organisation",
    )


def downgrade() -> None:
    op.drop_column("token", "layers", schema="organisation")
