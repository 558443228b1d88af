"""Create places: key sites, facilities, components, cameras, organisations."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS places")
    op.create_geospatial_table(
        "camera",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("mount_height", sa.Double(), nullable=True),
        sa.Column("heading", sa.Double(), nullable=True),
        sa.Column("field_of_view", sa.Double(), nullable=True),
        sa.Column("range", sa.Double(), nullable=True),
        sa.Column("indoor", sa.Boolean(), nullable=True),
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
        sa.CheckConstraint(
            "field_of_view >= 1 AND field_of_view <= 360",
            name=op.f("camera_field_of_view_range_check"),
        ),
        sa.CheckConstraint(
            "heading >= 0 AND heading <= 360", name=op.f("camera_heading_range_check")
        ),
        sa.CheckConstraint(
            "mount_height >= 0 AND mount_height <= 500",
            name=op.f("camera_mount_height_range_check"),
        ),
        sa.CheckConstraint("range >= 0 AND range <= 5000", name=op.f("camera_range_range_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("camera_pkey")),
        sa.UniqueConstraint("code", name=op.f("camera_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("camera_source_source_key_key")),
        schema="places",
    )
    op.create_index(
        "camera_area_code_index", "camera", ["area_code"], unique=False, schema="places"
    )
    op.create_index(
        "camera_search_bigrams_index",
        "camera",
        ["search_bigrams"],
        unique=False,
        schema="places",
        postgresql_using="gin",
    )
    op.create_geospatial_index(
        "idx_camera_geom",
        "camera",
        ["geom"],
        unique=False,
        schema="places",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "component",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("maintainer", sa.Text(), nullable=True),
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
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("component_pkey")),
        sa.UniqueConstraint("code", name=op.f("component_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("component_source_source_key_key")),
        schema="places",
    )
    op.create_index(
        "component_area_code_index", "component", ["area_code"], unique=False, schema="places"
    )
    op.create_geospatial_index(
        "idx_component_geom",
        "component",
        ["geom"],
        unique=False,
        schema="places",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "facility",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
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
        sa.Column(
            "search_bigrams",
            postgresql.ARRAY(sa.Text()),
            sa.Computed(
                "core.bigrams(coalesce(name, '') || ' ' || coalesce(address, ''))", persisted=True
            ),
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
        sa.CheckConstraint(
            "capacity >= 0 AND capacity <= 1e+07", name=op.f("facility_capacity_range_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("facility_pkey")),
        sa.UniqueConstraint("code", name=op.f("facility_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("facility_source_source_key_key")),
        schema="places",
    )
    op.create_index(
        "facility_area_code_index", "facility", ["area_code"], unique=False, schema="places"
    )
    op.create_index(
        "facility_search_bigrams_index",
        "facility",
        ["search_bigrams"],
        unique=False,
        schema="places",
        postgresql_using="gin",
    )
    op.create_geospatial_index(
        "idx_facility_geom",
        "facility",
        ["geom"],
        unique=False,
        schema="places",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "key_site",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("trade", sa.Text(), nullable=True),
        sa.Column("credit_code", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("responsible", sa.Text(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("hazard", sa.Text(), nullable=True),
        sa.Column("attention", sa.Text(), nullable=True),
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
        sa.Column(
            "search_bigrams",
            postgresql.ARRAY(sa.Text()),
            sa.Computed(
                "core.bigrams(coalesce(name, '') || ' ' || coalesce(address, ''))", persisted=True
            ),
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
        sa.CheckConstraint(
            "capacity >= 0 AND capacity <= 1e+06", name=op.f("key_site_capacity_range_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("key_site_pkey")),
        sa.UniqueConstraint("code", name=op.f("key_site_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("key_site_source_source_key_key")),
        schema="places",
    )
    op.create_geospatial_index(
        "idx_key_site_geom",
        "key_site",
        ["geom"],
        unique=False,
        schema="places",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "key_site_area_code_index", "key_site", ["area_code"], unique=False, schema="places"
    )
    op.create_index(
        "key_site_search_bigrams_index",
        "key_site",
        ["search_bigrams"],
        unique=False,
        schema="places",
        postgresql_using="gin",
    )
    op.create_geospatial_table(
        "organisation",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credit_code", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("industry", sa.Text(), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("hazard", sa.Text(), nullable=True),
        sa.Column("attention", sa.Text(), nullable=True),
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
            sa.Computed(
                "core.bigrams(coalesce(name, '') || ' ' || coalesce(address, ''))", persisted=True
            ),
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
        sa.CheckConstraint(
            "employees >= 0 AND employees <= 1e+06", name=op.f("organisation_employees_range_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("organisation_pkey")),
        sa.UniqueConstraint("code", name=op.f("organisation_code_key")),
        sa.UniqueConstraint(
            "source", "source_key", name=op.f("organisation_source_source_key_key")
        ),
        schema="places",
    )
    op.create_geospatial_index(
        "idx_organisation_geom",
        "organisation",
        ["geom"],
        unique=False,
        schema="places",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "organisation_area_code_index", "organisation", ["area_code"], unique=False, schema="places"
    )
    op.create_index(
        "organisation_search_bigrams_index",
        "organisation",
        ["search_bigrams"],
        unique=False,
        schema="places",
        postgresql_using="gin",
    )


def downgrade() -> None:
    op.drop_index(
        "organisation_search_bigrams_index",
        table_name="organisation",
        schema="places",
        postgresql_using="gin",
    )
    op.drop_index("organisation_area_code_index", table_name="organisation", schema="places")
    op.drop_geospatial_index(
        "idx_organisation_geom",
        table_name="organisation",
        schema="places",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_geospatial_table("organisation", schema="places")
    op.drop_index(
        "key_site_search_bigrams_index",
        table_name="key_site",
        schema="places",
        postgresql_using="gin",
    )
    op.drop_index("key_site_area_code_index", table_name="key_site", schema="places")
    op.drop_geospatial_index(
        "idx_key_site_geom",
        table_name="key_site",
        schema="places",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_geospatial_table("key_site", schema="places")
    op.drop_geospatial_index(
        "idx_facility_geom",
        table_name="facility",
        schema="places",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_index(
        "facility_search_bigrams_index",
        table_name="facility",
        schema="places",
        postgresql_using="gin",
    )
    op.drop_index("facility_area_code_index", table_name="facility", schema="places")
    op.drop_geospatial_table("facility", schema="places")
    op.drop_geospatial_index(
        "idx_component_geom",
        table_name="component",
        schema="places",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_index("component_area_code_index", table_name="component", schema="places")
    op.drop_geospatial_table("component", schema="places")
    op.drop_geospatial_index(
        "idx_camera_geom",
        table_name="camera",
        schema="places",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_index(
        "camera_search_bigrams_index", table_name="camera", schema="places", postgresql_using="gin"
    )
    op.drop_index("camera_area_code_index", table_name="camera", schema="places")
    op.drop_geospatial_table("camera", schema="places")
