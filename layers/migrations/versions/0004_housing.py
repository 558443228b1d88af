"""Create housing: compounds, buildings, entrances, dwellings, rentals."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS housing")
    op.create_geospatial_table(
        "compound",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("built_year", sa.Integer(), nullable=True),
        sa.Column("management_company", sa.Text(), nullable=True),
        sa.Column("management_phone", sa.Text(), nullable=True),
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
            sa.Computed(
                "core.bigrams(coalesce(name, '') || ' ' || coalesce(alias, '')"
                " || ' ' || coalesce(address, ''))",
                persisted=True,
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
            "built_year >= 1800 AND built_year <= 2100",
            name=op.f("compound_built_year_range_check"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("compound_pkey")),
        sa.UniqueConstraint("code", name=op.f("compound_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("compound_source_source_key_key")),
        schema="housing",
    )
    op.create_index(
        "compound_area_code_index", "compound", ["area_code"], unique=False, schema="housing"
    )
    op.create_index(
        "compound_search_bigrams_index",
        "compound",
        ["search_bigrams"],
        unique=False,
        schema="housing",
        postgresql_using="gin",
    )
    op.create_geospatial_index(
        "idx_compound_geom",
        "compound",
        ["geom"],
        unique=False,
        schema="housing",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "building",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("compound_id", sa.BigInteger(), nullable=True),
        sa.Column("usage", sa.Text(), nullable=True),
        sa.Column("structure", sa.Text(), nullable=True),
        sa.Column("levels", sa.Integer(), nullable=True),
        sa.Column("levels_below", sa.Integer(), nullable=True),
        sa.Column("height", sa.Double(), nullable=True),
        sa.Column(
            "levels_estimated", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column(
            "height_estimated", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column("built_year", sa.Integer(), nullable=True),
        sa.Column("management_company", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("house_number", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
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
            sa.Computed(
                "core.bigrams(coalesce(name, '') || ' ' || coalesce(alias, '')"
                " || ' ' || coalesce(address, ''))",
                persisted=True,
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
            "built_year >= 1800 AND built_year <= 2100",
            name=op.f("building_built_year_range_check"),
        ),
        sa.CheckConstraint(
            "height >= 0 AND height <= 1000", name=op.f("building_height_range_check")
        ),
        sa.CheckConstraint(
            "levels >= 1 AND levels <= 200", name=op.f("building_levels_range_check")
        ),
        sa.CheckConstraint(
            "levels_below >= 0 AND levels_below <= 20",
            name=op.f("building_levels_below_range_check"),
        ),
        sa.ForeignKeyConstraint(
            ["compound_id"],
            ["housing.compound.id"],
            name=op.f("building_compound_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("building_pkey")),
        sa.UniqueConstraint("code", name=op.f("building_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("building_source_source_key_key")),
        schema="housing",
    )
    op.create_index(
        "building_area_code_index", "building", ["area_code"], unique=False, schema="housing"
    )
    op.create_index(
        op.f("building_compound_id_index"),
        "building",
        ["compound_id"],
        unique=False,
        schema="housing",
    )
    op.create_index(
        "building_search_bigrams_index",
        "building",
        ["search_bigrams"],
        unique=False,
        schema="housing",
        postgresql_using="gin",
    )
    op.create_geospatial_index(
        "idx_building_geom",
        "building",
        ["geom"],
        unique=False,
        schema="housing",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "dwelling",
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("room_number", sa.Text(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=True),
        sa.Column("tenure", sa.Text(), nullable=True),
        sa.Column("ownership", sa.Text(), nullable=True),
        sa.Column("floor_area", sa.Double(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("owner_name", sa.Text(), nullable=True),
        sa.Column("owner_phone", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("owner_name_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("owner_phone_cipher", sa.LargeBinary(), nullable=True),
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
            "floor >= -20 AND floor <= 200", name=op.f("dwelling_floor_range_check")
        ),
        sa.CheckConstraint(
            "floor_area >= 0 AND floor_area <= 100000", name=op.f("dwelling_floor_area_range_check")
        ),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["housing.building.id"],
            name=op.f("dwelling_building_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("dwelling_pkey")),
        sa.UniqueConstraint("code", name=op.f("dwelling_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("dwelling_source_source_key_key")),
        schema="housing",
    )
    op.create_index(
        "dwelling_area_code_index", "dwelling", ["area_code"], unique=False, schema="housing"
    )
    op.create_index(
        op.f("dwelling_building_id_index"),
        "dwelling",
        ["building_id"],
        unique=False,
        schema="housing",
    )
    op.create_index(
        "dwelling_place_index",
        "dwelling",
        ["building_id", "unit", "floor", "room_number"],
        unique=True,
        schema="housing",
    )
    op.create_geospatial_table(
        "entrance",
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("lifts", sa.Integer(), nullable=True),
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
        sa.CheckConstraint("lifts >= 0 AND lifts <= 50", name=op.f("entrance_lifts_range_check")),
        sa.ForeignKeyConstraint(
            ["building_id"],
            ["housing.building.id"],
            name=op.f("entrance_building_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("entrance_pkey")),
        sa.UniqueConstraint("code", name=op.f("entrance_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("entrance_source_source_key_key")),
        schema="housing",
    )
    op.create_index(
        "entrance_area_code_index", "entrance", ["area_code"], unique=False, schema="housing"
    )
    op.create_index(
        op.f("entrance_building_id_index"),
        "entrance",
        ["building_id"],
        unique=False,
        schema="housing",
    )
    op.create_geospatial_index(
        "idx_entrance_geom",
        "entrance",
        ["geom"],
        unique=False,
        schema="housing",
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_table(
        "rental",
        sa.Column("dwelling_id", sa.BigInteger(), nullable=False),
        sa.Column("rental_class", sa.Text(), nullable=True),
        sa.Column("usage", sa.Text(), nullable=True),
        sa.Column("inspection_interval", sa.Integer(), nullable=True),
        sa.Column("last_inspection", sa.Date(), nullable=True),
        sa.Column("next_inspection", sa.Date(), nullable=True),
        sa.Column("hazard", sa.Text(), nullable=True),
        sa.Column("tenants", sa.Integer(), nullable=True),
        sa.Column("lessor_name", sa.Text(), nullable=True),
        sa.Column("lessor_id_number", sa.Text(), nullable=True),
        sa.Column("lessor_phone", sa.Text(), nullable=True),
        sa.Column("lessor_name_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("lessor_id_number_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("lessor_phone_cipher", sa.LargeBinary(), nullable=True),
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
            "inspection_interval >= 1 AND inspection_interval <= 366",
            name=op.f("rental_inspection_interval_range_check"),
        ),
        sa.CheckConstraint(
            "tenants >= 0 AND tenants <= 1000", name=op.f("rental_tenants_range_check")
        ),
        sa.ForeignKeyConstraint(
            ["dwelling_id"],
            ["housing.dwelling.id"],
            name=op.f("rental_dwelling_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("rental_pkey")),
        sa.UniqueConstraint("code", name=op.f("rental_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("rental_source_source_key_key")),
        schema="housing",
    )
    op.create_index(
        "rental_area_code_index", "rental", ["area_code"], unique=False, schema="housing"
    )
    op.create_index(
        op.f("rental_dwelling_id_index"), "rental", ["dwelling_id"], unique=False, schema="housing"
    )


def downgrade() -> None:
    op.drop_index(op.f("rental_dwelling_id_index"), table_name="rental", schema="housing")
    op.drop_index("rental_area_code_index", table_name="rental", schema="housing")
    op.drop_table("rental", schema="housing")
    op.drop_geospatial_index(
        "idx_entrance_geom",
        table_name="entrance",
        schema="housing",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_index(op.f("entrance_building_id_index"), table_name="entrance", schema="housing")
    op.drop_index("entrance_area_code_index", table_name="entrance", schema="housing")
    op.drop_geospatial_table("entrance", schema="housing")
    op.drop_index("dwelling_place_index", table_name="dwelling", schema="housing")
    op.drop_index(op.f("dwelling_building_id_index"), table_name="dwelling", schema="housing")
    op.drop_index("dwelling_area_code_index", table_name="dwelling", schema="housing")
    op.drop_table("dwelling", schema="housing")
    op.drop_geospatial_index(
        "idx_building_geom",
        table_name="building",
        schema="housing",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_index(
        "building_search_bigrams_index",
        table_name="building",
        schema="housing",
        postgresql_using="gin",
    )
    op.drop_index(op.f("building_compound_id_index"), table_name="building", schema="housing")
    op.drop_index("building_area_code_index", table_name="building", schema="housing")
    op.drop_geospatial_table("building", schema="housing")
    op.drop_geospatial_index(
        "idx_compound_geom",
        table_name="compound",
        schema="housing",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_index(
        "compound_search_bigrams_index",
        table_name="compound",
        schema="housing",
        postgresql_using="gin",
    )
    op.drop_index("compound_area_code_index", table_name="compound", schema="housing")
    op.drop_geospatial_table("compound", schema="housing")
