"""Find audit lines by kind and by whom they are about; say when a person was de-identified."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS privacy")
    op.create_index("audit_action_index", "audit", ["action", "id"], schema="core")
    op.create_index(
        "audit_person_index",
        "audit",
        [sa.text("(detail -> 'person')")],
        schema="core",
        postgresql_where=sa.text("detail ? 'person'"),
    )
    op.add_column("person", sa.Column("deidentified_on", sa.Date()), schema="people")


def downgrade() -> None:
    op.drop_column("person", "deidentified_on", schema="people")
    op.drop_index("audit_person_index", "audit", schema="core")
    op.drop_index("audit_action_index", "audit", schema="core")
    op.execute("DROP FUNCTION IF EXISTS core.broken_audit()")
    op.execute("DROP FUNCTION IF EXISTS core.check_audit(bigint, integer)")
    op.execute("DROP FUNCTION IF EXISTS core.refusal_told(text, text, interval)")
    op.execute("DROP SCHEMA IF EXISTS privacy CASCADE")
