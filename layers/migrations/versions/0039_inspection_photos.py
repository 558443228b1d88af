"""Keep photos with the inspection they were taken at."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_LOGIN = "nullif(current_setting('wangge.login', true), '')"


def upgrade() -> None:
    op.create_table(
        "inspection_photo",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("inspection_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
        sa.Column(
            "added_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("added_by", sa.Text(), server_default=sa.text(_LOGIN), nullable=True),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["housing.inspection.id"],
            name=op.f("inspection_photo_inspection_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("inspection_photo_pkey")),
        sa.UniqueConstraint(
            "inspection_id", "sha256", name="inspection_photo_inspection_id_sha256_key"
        ),
        schema="housing",
    )


def downgrade() -> None:
    op.drop_table("inspection_photo", schema="housing")
