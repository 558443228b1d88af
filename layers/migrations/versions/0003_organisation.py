"""Create organisation: units, staff, accounts."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS organisation")
    op.create_geospatial_table(
        "unit",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("function", sa.Text(), nullable=True),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "search_bigrams",
            postgresql.ARRAY(sa.Text()),
            sa.Computed("core.bigrams(coalesce(name, ''))", persisted=True),
            nullable=True,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "area_code", sa.Text(collation="C"), server_default=sa.text("''"), nullable=False
        ),
        sa.Column("row_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("unit_pkey")),
        sa.UniqueConstraint("code", name=op.f("unit_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("unit_source_source_key_key")),
        schema="organisation",
    )
    op.create_geospatial_index(
        "idx_unit_geom",
        "unit",
        ["geom"],
        unique=False,
        schema="organisation",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "unit_area_code_index", "unit", ["area_code"], unique=False, schema="organisation"
    )
    op.create_index(
        "unit_search_bigrams_index",
        "unit",
        ["search_bigrams"],
        unique=False,
        schema="organisation",
        postgresql_using="gin",
    )
    op.create_table(
        "staff",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("duties", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column(
            "search_bigrams",
            postgresql.ARRAY(sa.Text()),
            sa.Computed("core.bigrams(coalesce(name, ''))", persisted=True),
            nullable=True,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column(
            "area_code", sa.Text(collation="C"), server_default=sa.text("''"), nullable=False
        ),
        sa.Column("row_version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["organisation.unit.id"],
            name=op.f("staff_unit_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_pkey")),
        sa.UniqueConstraint("code", name=op.f("staff_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("staff_source_source_key_key")),
        schema="organisation",
    )
    op.create_index(
        "staff_area_code_index", "staff", ["area_code"], unique=False, schema="organisation"
    )
    op.create_index(
        "staff_search_bigrams_index",
        "staff",
        ["search_bigrams"],
        unique=False,
        schema="organisation",
        postgresql_using="gin",
    )
    op.create_index(
        op.f("staff_unit_id_index"), "staff", ["unit_id"], unique=False, schema="organisation"
    )
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("failed_sign_ins", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["organisation.staff.id"],
            name=op.f("account_staff_id_fkey"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("account_pkey")),
        sa.UniqueConstraint("login", name=op.f("account_login_key")),
        schema="organisation",
    )
    op.create_table(
        "account_grant",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(collation="C"), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["organisation.account.id"],
            name=op.f("account_grant_account_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("account_grant_pkey")),
        sa.UniqueConstraint(
            "account_id",
            "role",
            "area_code",
            name=op.f("account_grant_account_id_role_area_code_key"),
        ),
        schema="organisation",
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
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
            name=op.f("session_account_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("session_pkey")),
        schema="organisation",
    )
    op.create_table(
        "token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["organisation.account.id"],
            name=op.f("token_account_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("token_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("token_token_hash_key")),
        schema="organisation",
    )


def downgrade() -> None:
    op.drop_table("token", schema="organisation")
    op.drop_table("session", schema="organisation")
    op.drop_table("account_grant", schema="organisation")
    op.drop_table("account", schema="organisation")
    op.drop_index(op.f("staff_unit_id_index"), table_name="staff", schema="organisation")
    op.drop_index(
        "staff_search_bigrams_index",
        table_name="staff",
        schema="organisation",
        postgresql_using="gin",
    )
    op.drop_index("staff_area_code_index", table_name="staff", schema="organisation")
    op.drop_table("staff", schema="organisation")
    op.drop_index(
        "unit_search_bigrams_index",
        table_name="unit",
        schema="organisation",
        postgresql_using="gin",
    )
    op.drop_index("unit_area_code_index", table_name="unit", schema="organisation")
    op.drop_geospatial_index(
        "idx_unit_geom",
        table_name="unit",
        schema="organisation",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_geospatial_table("unit", schema="organisation")
