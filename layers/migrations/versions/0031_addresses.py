"""Find houses by road and number; keep other names of places and matches to be looked at."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

SCHEMA = "housing"


def upgrade() -> None:
    op.create_index(
        "building_street_number_index", "building", ["street", "house_number"], schema=SCHEMA
    )
    op.create_index("building_name_index", "building", ["name"], schema=SCHEMA)
    op.create_index("building_alias_index", "building", ["alias"], schema=SCHEMA)
    op.create_index("compound_name_index", "compound", ["name"], schema=SCHEMA)
    op.create_table(
        "address_alias",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(collation="C"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('street', 'compound', 'building')", name=op.f("address_alias_kind_check")
        ),
        sa.CheckConstraint(
            "reason IN ('former', 'nickname', 'short')", name=op.f("address_alias_reason_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("address_alias_pkey")),
        schema=SCHEMA,
    )
    op.create_index(
        "address_alias_place_index",
        "address_alias",
        ["alias", "kind", "name", "area_code"],
        unique=True,
        schema=SCHEMA,
    )
    op.create_table(
        "address_review",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("candidates", postgresql.JSONB(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'pending'"), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=True),
        sa.Column("dwelling_id", sa.BigInteger(), nullable=True),
        sa.Column("area_code", sa.Text(collation="C"), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'accepted', 'rejected')", name=op.f("address_review_state_check")
        ),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["housing.building.id"],
            name=op.f("address_review_building_id_fkey"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["dwelling_id"],
            ["housing.dwelling.id"],
            name=op.f("address_review_dwelling_id_fkey"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("address_review_pkey")),
        schema=SCHEMA,
    )
    op.create_index(
        "address_review_pending_index",
        "address_review",
        ["text", "area_code"],
        unique=True,
        schema=SCHEMA,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "address_review_area_index", "address_review", ["area_code", "state", "id"], schema=SCHEMA
    )
    for column in ("building_id", "dwelling_id"):
        op.create_index(
            op.f(f"address_review_{column}_index"), "address_review", [column], schema=SCHEMA
        )


def downgrade() -> None:
    op.drop_table("address_review", schema=SCHEMA)
    op.drop_table("address_alias", schema=SCHEMA)
    op.drop_index("building_alias_index", "building", schema=SCHEMA)
    op.drop_index("building_name_index", "building", schema=SCHEMA)
    op.drop_index("compound_name_index", "compound", schema=SCHEMA)
    op.drop_index("building_street_number_index", "building", schema=SCHEMA)
