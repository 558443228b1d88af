"""Find audit lines by who looked and by what was looked at."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("audit_login_index", "audit", ["login", "action", "at"], schema="core")
    op.create_index("audit_feature_index", "audit", ["layer", "feature_id", "id"], schema="core")


def downgrade() -> None:
    op.execute("DROP FUNCTION IF EXISTS core.looks_spent(text, interval, integer)")
    op.execute("DROP FUNCTION IF EXISTS core.lock_quota()")
    op.drop_index("audit_feature_index", "audit", schema="core")
    op.drop_index("audit_login_index", "audit", schema="core")
