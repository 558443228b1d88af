"""Create analysis: what is asked of the other rooms and kept."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS analysis")


def downgrade() -> None:
    op.execute("DROP SCHEMA analysis")
