"""Create incidents: incidents."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS incidents")
    op.create_geospatial_table(
        "incident",
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("report_source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'reported'"), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("people_affected", sa.Integer(), nullable=True),
        sa.Column("scale", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "reported_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
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
        sa.CheckConstraint(
            "people_affected >= 0 AND people_affected <= 1e+06",
            name=op.f("incident_people_affected_range_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_pkey")),
        sa.UniqueConstraint("code", name=op.f("incident_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("incident_source_source_key_key")),
        schema="incidents",
    )
    op.create_geospatial_index(
        "idx_incident_geom",
        "incident",
        ["geom"],
        unique=False,
        schema="incidents",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "incident_area_code_index", "incident", ["area_code"], unique=False, schema="incidents"
    )
    op.create_index(
        "incident_reported_at_index", "incident", ["reported_at"], unique=False, schema="incidents"
    )


def downgrade() -> None:
    op.drop_index("incident_reported_at_index", table_name="incident", schema="incidents")
    op.drop_index("incident_area_code_index", table_name="incident", schema="incidents")
    op.drop_geospatial_index(
        "idx_incident_geom",
        table_name="incident",
        schema="incidents",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_geospatial_table("incident", schema="incidents")
