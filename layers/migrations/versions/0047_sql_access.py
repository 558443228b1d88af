"""Database logins of analysts, and names of notification channels that these cannot know."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sql_access",
        sa.Column("role_name", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["organisation.account.id"],
            name=op.f("sql_access_account_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("role_name", name=op.f("sql_access_pkey")),
        sa.UniqueConstraint("account_id", name=op.f("sql_access_account_id_key")),
        schema="organisation",
    )
    channel = op.create_table(
        "notice_channel",
        sa.Column("suffix", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("suffix", name=op.f("notice_channel_pkey")),
        schema="core",
    )
    op.bulk_insert(channel, [{"suffix": secrets.token_hex(16)}])


def downgrade() -> None:
    # The views hold the tables that earlier steps drop; an upgrade makes them again.
    op.execute("DROP SCHEMA IF EXISTS analyst CASCADE")
    op.drop_table("notice_channel", schema="core")
    op.drop_table("sql_access", schema="organisation")
