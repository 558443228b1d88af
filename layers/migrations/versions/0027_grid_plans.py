"""Create plans of grids with pieces, operations, lineage and rehomed rows; assignments of staff."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

CODE = sa.Text(collation="C")


def feature_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("area_code", CODE, server_default=sa.text("''"), nullable=False),
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
    ]


def feature_indexes(table: str, schema: str) -> None:
    for columns in (("code",), ("source", "source_key")):
        op.create_index(
            f"{table}_{'_'.join(columns)}_key",
            table,
            columns,
            unique=True,
            schema=schema,
            postgresql_where=sa.text(f"{columns[-1]} IS NOT NULL"),
        )
    op.create_index(f"{table}_area_code_index", table, ["area_code"], schema=schema)


def exclude(table: str, name: str, columns: str, where: str = "") -> None:
    """Rows alike in the columns never overlap in time."""
    alike = ", ".join(f"{column} WITH =" for column in columns.split(", "))
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist "
        f"({alike}, daterange(valid_from, valid_to) WITH &&){where}"
    )


def upgrade() -> None:
    op.drop_index("grid_code_key", "grid", schema="territory")
    op.create_index(
        "grid_code_key",
        "grid",
        ["code"],
        unique=True,
        schema="territory",
        postgresql_where=sa.text("code IS NOT NULL AND valid_to IS NULL"),
    )
    exclude("territory.grid", "grid_code_versions_excl", "code")
    create_plans()
    create_pieces()
    create_lineage()
    create_assignments()


def create_plans() -> None:
    op.create_table(
        "plan",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("outcome", postgresql.JSONB(), nullable=True),
        *feature_columns(),
        sa.CheckConstraint(r"area_code ~ '^\d{12}$'", name=op.f("plan_community_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("plan_pkey")),
        schema="territory",
    )
    feature_indexes("plan", "territory")
    op.create_index(
        "plan_open_key",
        "plan",
        ["area_code"],
        unique=True,
        schema="territory",
        postgresql_where=sa.text("state IN ('draft', 'submitted', 'approved')"),
    )


def create_pieces() -> None:
    op.create_table(
        "plan_operation",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("arguments", postgresql.JSONB(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("plan_id", "number", name=op.f("plan_operation_pkey")),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["territory.plan.id"],
            name=op.f("plan_operation_plan_id_fkey"),
            ondelete="CASCADE",
        ),
        schema="territory",
    )
    op.create_geospatial_table(
        "plan_grid",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("born", sa.Integer(), nullable=False),
        sa.Column("died", sa.Integer(), nullable=True),
        sa.Column("base_id", sa.BigInteger(), nullable=True),
        sa.Column("base_version", sa.Integer(), nullable=True),
        sa.Column("parents", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("code", CODE, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
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
        sa.PrimaryKeyConstraint("plan_id", "key", "born", name=op.f("plan_grid_pkey")),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["territory.plan.id"],
            name=op.f("plan_grid_plan_id_fkey"),
            ondelete="CASCADE",
        ),
        schema="territory",
    )
    op.create_geospatial_index(
        "idx_plan_grid_geom",
        "plan_grid",
        ["geom"],
        schema="territory",
        postgresql_using="gist",
        postgresql_ops={},
    )


def create_lineage() -> None:
    references = [("plan_id", "plan"), ("old_id", "grid"), ("new_id", "grid")]
    op.create_table(
        "grid_lineage",
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name, _ in references),
        sa.Column("area", sa.Float(), nullable=False),
        sa.Column("area_share", sa.Float(), nullable=False),
        sa.Column("buildings", sa.Integer(), nullable=False),
        sa.Column("dwellings", sa.Integer(), nullable=False),
        sa.Column("residents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("old_id", "new_id", name=op.f("grid_lineage_pkey")),
        *(
            sa.ForeignKeyConstraint(
                [name],
                [f"territory.{target}.id"],
                name=op.f(f"grid_lineage_{name}_fkey"),
                ondelete="CASCADE",
            )
            for name, target in references
        ),
        schema="territory",
    )
    op.create_index("grid_lineage_new_index", "grid_lineage", ["new_id"], schema="territory")
    op.create_table(
        "rehomed",
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("feature_id", sa.BigInteger(), nullable=False),
        sa.Column("from_code", CODE, nullable=False),
        sa.Column("to_code", CODE, nullable=False),
        sa.Column("read_right", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("plan_id", "layer", "feature_id", name=op.f("rehomed_pkey")),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["territory.plan.id"],
            name=op.f("rehomed_plan_id_fkey"),
            ondelete="CASCADE",
        ),
        schema="territory",
    )
    op.create_index("rehomed_from_index", "rehomed", ["from_code", "layer"], schema="territory")
    op.create_index("rehomed_feature_index", "rehomed", ["layer", "feature_id"], schema="territory")


def create_assignments() -> None:
    op.create_table(
        "assignment",
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        *feature_columns(),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("assignment_valid_to_after_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("assignment_pkey")),
        sa.ForeignKeyConstraint(
            ["grid_id"],
            ["territory.grid.id"],
            name=op.f("assignment_grid_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["organisation.staff.id"],
            name=op.f("assignment_staff_id_fkey"),
            ondelete="RESTRICT",
        ),
        schema="organisation",
    )
    feature_indexes("assignment", "organisation")
    for column in ("grid_id", "staff_id"):
        op.create_index(
            op.f(f"assignment_{column}_index"), "assignment", [column], schema="organisation"
        )
    exclude(
        "organisation.assignment",
        "assignment_role_once_excl",
        "grid_id, role",
        " WHERE (role IN ('chief', 'worker'))",
    )
    exclude("organisation.assignment", "assignment_staff_id_once_excl", "grid_id, staff_id")


def downgrade() -> None:
    op.drop_table("assignment", schema="organisation")
    for table in ("rehomed", "grid_lineage", "plan_operation"):
        op.drop_table(table, schema="territory")
    op.drop_geospatial_table("plan_grid", schema="territory")
    op.drop_table("plan", schema="territory")
    op.drop_constraint("grid_code_versions_excl", "grid", schema="territory")
    op.drop_index("grid_code_key", "grid", schema="territory")
    op.create_index(
        "grid_code_key",
        "grid",
        ["code"],
        unique=True,
        schema="territory",
        postgresql_where=sa.text("code IS NOT NULL"),
    )
