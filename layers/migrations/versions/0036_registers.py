"""Complete the registers: who is overseas or left behind, beds, merged persons, joint proposals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

PERSON = (
    ("guardian_name", sa.Text()),
    ("guardian_name_cipher", sa.LargeBinary()),
    ("guardian_phone", sa.Text()),
    ("guardian_phone_cipher", sa.LargeBinary()),
    ("visit_purpose", sa.Text()),
    ("departure_date", sa.Date()),
    ("not_registered_since", sa.Date()),
    ("merged_into", sa.BigInteger()),
)
RESIDENCE = ("rented_room", "bed", "leaving_reason")
HEADS = "valid_to IS NULL AND relation IN ('0', '02', '03')"
IN_ORDER = "valid_to >= valid_from"


def upgrade() -> None:
    for name, kind in PERSON:
        op.add_column("person", sa.Column(name, kind, nullable=True), schema="people")
    op.create_foreign_key(
        op.f("person_merged_into_fkey"),
        "person",
        "person",
        ["merged_into"],
        ["id"],
        source_schema="people",
        referent_schema="people",
        ondelete="RESTRICT",
    )
    op.create_index(op.f("person_merged_into_index"), "person", ["merged_into"], schema="people")
    op.create_check_constraint(
        op.f("person_departure_after_check"),
        "person",
        "departure_date >= arrival_date",
        schema="people",
    )
    for name in RESIDENCE:
        op.add_column("residence", sa.Column(name, sa.Text(), nullable=True), schema="people")
    for table, schema in (("residence", "people"), ("rental", "housing")):
        op.create_check_constraint(
            op.f(f"{table}_valid_to_after_check"), table, IN_ORDER, schema=schema
        )
    op.create_index(
        "residence_householder_key",
        "residence",
        ["dwelling_id", sa.text("coalesce(household, '')")],
        unique=True,
        schema="people",
        postgresql_where=sa.text(HEADS),
    )
    op.create_index(
        "residence_bed_key",
        "residence",
        ["dwelling_id", sa.text("coalesce(rented_room, '')"), "bed"],
        unique=True,
        schema="people",
        postgresql_where=sa.text("valid_to IS NULL AND bed IS NOT NULL"),
    )
    _create_inspections()
    op.add_column("compound", sa.Column("company_id", sa.BigInteger()), schema="housing")
    op.create_foreign_key(
        op.f("compound_company_id_fkey"),
        "compound",
        "organisation",
        ["company_id"],
        ["id"],
        source_schema="housing",
        referent_schema="places",
        ondelete="SET NULL",
    )
    op.create_index(op.f("compound_company_id_index"), "compound", ["company_id"], schema="housing")
    op.add_column(
        "proposal",
        sa.Column("also", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        schema="people",
    )


def _create_inspections() -> None:
    op.create_table(
        "inspection",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("rental_id", sa.BigInteger(), nullable=False),
        sa.Column("inspected_on", sa.Date(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("hazard", sa.Text(), nullable=True),
        sa.Column("rectify_by", sa.Date(), nullable=True),
        sa.Column("rectified_on", sa.Date(), nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("inspector", sa.Text(), nullable=True),
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
            "rectify_by >= inspected_on", name=op.f("inspection_rectify_by_after_check")
        ),
        sa.CheckConstraint(
            "rectified_on >= inspected_on", name=op.f("inspection_rectified_on_after_check")
        ),
        sa.ForeignKeyConstraint(
            ["rental_id"],
            ["housing.rental.id"],
            name=op.f("inspection_rental_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("inspection_pkey")),
        schema="housing",
    )
    for columns in (("code",), ("source", "source_key")):
        op.create_index(
            f"inspection_{'_'.join(columns)}_key",
            "inspection",
            columns,
            unique=True,
            schema="housing",
            postgresql_where=sa.text(f"{columns[-1]} IS NOT NULL"),
        )
    op.create_index("inspection_area_code_index", "inspection", ["area_code"], schema="housing")
    op.create_index(
        "inspection_rental_id_index",
        "inspection",
        ["rental_id", "inspected_on"],
        schema="housing",
    )


def downgrade() -> None:
    op.drop_column("proposal", "also", schema="people")
    op.drop_column("compound", "company_id", schema="housing")
    op.drop_table("inspection", schema="housing")
    op.drop_index("residence_bed_key", "residence", schema="people")
    op.drop_index("residence_householder_key", "residence", schema="people")
    for table, schema in (("rental", "housing"), ("residence", "people")):
        op.drop_constraint(op.f(f"{table}_valid_to_after_check"), table, schema=schema)
    for name in RESIDENCE:
        op.drop_column("residence", name, schema="people")
    op.drop_constraint(op.f("person_departure_after_check"), "person", schema="people")
    for name, _ in reversed(PERSON):
        op.drop_column("person", name, schema="people")
