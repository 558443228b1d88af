"""Create territory: areas, grids, roads, waters, greens."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS territory")
    op.create_geospatial_table(
        "area",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("urban_rural", sa.Text(), nullable=True),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
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
        sa.PrimaryKeyConstraint("id", name=op.f("area_pkey")),
        sa.UniqueConstraint("code", name=op.f("area_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("area_source_source_key_key")),
        schema="territory",
    )
    op.create_index("area_area_code_index", "area", ["area_code"], unique=False, schema="territory")
    op.create_index(
        "area_parent_code_index", "area", ["parent_code"], unique=False, schema="territory"
    )
    op.create_index(
        "area_search_bigrams_index",
        "area",
        ["search_bigrams"],
        unique=False,
        schema="territory",
        postgresql_using="gin",
    )
    op.create_geospatial_index(
        "idx_area_geom",
        "area",
        ["geom"],
        unique=False,
        schema="territory",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "green",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
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
        sa.PrimaryKeyConstraint("id", name=op.f("green_pkey")),
        sa.UniqueConstraint("code", name=op.f("green_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("green_source_source_key_key")),
        schema="territory",
    )
    op.create_index(
        "green_area_code_index", "green", ["area_code"], unique=False, schema="territory"
    )
    op.create_geospatial_index(
        "idx_green_geom",
        "green",
        ["geom"],
        unique=False,
        schema="territory",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "grid",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("land_use", sa.Text(), nullable=True),
        sa.Column("households_target", sa.Integer(), nullable=True),
        sa.Column("responsible", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
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
            "households_target >= 0 AND households_target <= 100000",
            name=op.f("grid_households_target_range_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("grid_pkey")),
        sa.UniqueConstraint("code", name=op.f("grid_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("grid_source_source_key_key")),
        schema="territory",
    )
    op.create_index("grid_area_code_index", "grid", ["area_code"], unique=False, schema="territory")
    op.create_index("grid_kind_index", "grid", ["kind"], unique=False, schema="territory")
    op.create_index(
        "grid_search_bigrams_index",
        "grid",
        ["search_bigrams"],
        unique=False,
        schema="territory",
        postgresql_using="gin",
    )
    op.create_geospatial_index(
        "idx_grid_geom",
        "grid",
        ["geom"],
        unique=False,
        schema="territory",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "road",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("road_class", sa.Text(), nullable=False),
        sa.Column("lanes", sa.Integer(), nullable=True),
        sa.Column("width", sa.Double(), nullable=True),
        sa.Column("oneway", sa.Boolean(), nullable=True),
        sa.Column("surface", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTILINESTRING",
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
        sa.CheckConstraint("lanes >= 1 AND lanes <= 20", name=op.f("road_lanes_range_check")),
        sa.CheckConstraint("width >= 0 AND width <= 200", name=op.f("road_width_range_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("road_pkey")),
        sa.UniqueConstraint("code", name=op.f("road_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("road_source_source_key_key")),
        schema="territory",
    )
    op.create_geospatial_index(
        "idx_road_geom",
        "road",
        ["geom"],
        unique=False,
        schema="territory",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index("road_area_code_index", "road", ["area_code"], unique=False, schema="territory")
    op.create_index(
        "road_search_bigrams_index",
        "road",
        ["search_bigrams"],
        unique=False,
        schema="territory",
        postgresql_using="gin",
    )
    op.create_geospatial_table(
        "water",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column(
            "geom",
            Geometry(
                geometry_type="MULTIPOLYGON",
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
        sa.PrimaryKeyConstraint("id", name=op.f("water_pkey")),
        sa.UniqueConstraint("code", name=op.f("water_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("water_source_source_key_key")),
        schema="territory",
    )
    op.create_geospatial_index(
        "idx_water_geom",
        "water",
        ["geom"],
        unique=False,
        schema="territory",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index(
        "water_area_code_index", "water", ["area_code"], unique=False, schema="territory"
    )


def downgrade() -> None:
    op.drop_index("water_area_code_index", table_name="water", schema="territory")
    op.drop_geospatial_index(
        "idx_water_geom",
        table_name="water",
        schema="territory",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_geospatial_table("water", schema="territory")
    op.drop_index(
        "road_search_bigrams_index", table_name="road", schema="territory", postgresql_using="gin"
    )
    op.drop_index("road_area_code_index", table_name="road", schema="territory")
    op.drop_geospatial_index(
        "idx_road_geom",
        table_name="road",
        schema="territory",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_geospatial_table("road", schema="territory")
    op.drop_geospatial_index(
        "idx_grid_geom",
        table_name="grid",
        schema="territory",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_index(
        "grid_search_bigrams_index", table_name="grid", schema="territory", postgresql_using="gin"
    )
    op.drop_index("grid_kind_index", table_name="grid", schema="territory")
    op.drop_index("grid_area_code_index", table_name="grid", schema="territory")
    op.drop_geospatial_table("grid", schema="territory")
    op.drop_geospatial_index(
        "idx_green_geom",
        table_name="green",
        schema="territory",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_index("green_area_code_index", table_name="green", schema="territory")
    op.drop_geospatial_table("green", schema="territory")
    op.drop_geospatial_index(
        "idx_area_geom",
        table_name="area",
        schema="territory",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_index(
        "area_search_bigrams_index", table_name="area", schema="territory", postgresql_using="gin"
    )
    op.drop_index("area_parent_code_index", table_name="area", schema="territory")
    op.drop_index("area_area_code_index", table_name="area", schema="territory")
    op.drop_geospatial_table("area", schema="territory")
