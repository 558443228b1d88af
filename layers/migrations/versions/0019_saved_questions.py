"""Keep spatial questions under a name, to be asked again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("shared_area", sa.Text(collation="C"), nullable=True),
        sa.Column("question", postgresql.JSONB(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("saved_question_pkey")),
        sa.UniqueConstraint("owner", "name", name=op.f("saved_question_owner_name_key")),
        schema="analysis",
    )


def downgrade() -> None:
    op.drop_table("saved_question", schema="analysis")
