"""Create hot zones and the incidents counted in each."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

SCHEMA = "analysis"
AT_LEAST = {
    "number": 1,
    "incidents": 0,
    "incidents_before": 0,
    "residents": 5,
    "rate": 0,
    "ground": 0,
    "reach": 1,
    "least": 2,
}


def _moment(name: str, default: str | None = None) -> sa.Column[object]:
    server_default = sa.text(default) if default else None
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=server_default, nullable=False
    )


def upgrade() -> None:
    op.create_geospatial_table(
        "hot_zone",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("incidents", sa.Integer(), nullable=False),
        sa.Column("incidents_before", sa.Integer(), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=True),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.Column("top_category", sa.Text(), nullable=True),
        sa.Column("ground", sa.Float(), nullable=False),
        _moment("since"),
        _moment("until"),
        sa.Column("reach", sa.Float(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        _moment("found_at", "now()"),
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
            "search_text",
            sa.Text(),
            sa.Computed("core.fold(coalesce(name, ''))", persisted=True),
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
        _moment("updated_at", "now()"),
        sa.Column("updated_by", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_key", sa.Text(), nullable=True),
        *(
            sa.CheckConstraint(f"{name} >= {least}", name=op.f(f"hot_zone_{name}_range_check"))
            for name, least in AT_LEAST.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("hot_zone_pkey")),
        schema=SCHEMA,
    )
    _create_indexes()
    op.create_table(
        "hot_zone_incident",
        sa.Column("hot_zone_id", sa.BigInteger(), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("is_before", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hot_zone_id"],
            ["analysis.hot_zone.id"],
            name=op.f("hot_zone_incident_hot_zone_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incidents.incident.id"],
            name=op.f("hot_zone_incident_incident_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("hot_zone_id", "incident_id", name=op.f("hot_zone_incident_pkey")),
        schema=SCHEMA,
    )
    op.create_index(
        "hot_zone_incident_incident_id_index", "hot_zone_incident", ["incident_id"], schema=SCHEMA
    )


def _create_indexes() -> None:
    op.create_geospatial_index(
        "idx_hot_zone_geom",
        "hot_zone",
        ["geom"],
        unique=False,
        schema=SCHEMA,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_index("hot_zone_area_code_index", "hot_zone", ["area_code"], schema=SCHEMA)
    op.create_index(
        "hot_zone_search_bigrams_index",
        "hot_zone",
        ["search_bigrams"],
        schema=SCHEMA,
        postgresql_using="gin",
    )
    for columns in (("code",), ("source", "source_key")):
        op.create_index(
            f"hot_zone_{'_'.join(columns)}_key",
            "hot_zone",
            columns,
            unique=True,
            schema=SCHEMA,
            postgresql_where=sa.text(f"{columns[-1]} IS NOT NULL"),
        )


def downgrade() -> None:
    op.drop_table("hot_zone_incident", schema=SCHEMA)
    op.drop_geospatial_table("hot_zone", schema=SCHEMA)
