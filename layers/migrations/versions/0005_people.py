"""Create people: persons, residences, care records."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS people")
    op.create_table(
        "person",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("former_name", sa.Text(), nullable=True),
        sa.Column("document_type", sa.Text(), nullable=True),
        sa.Column("id_number", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("sex", sa.Text(), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("left_behind", sa.Text(), nullable=True),
        sa.Column("registered_area", sa.Text(), nullable=True),
        sa.Column("registered_address", sa.Text(), nullable=True),
        sa.Column("inflow_reason", sa.Text(), nullable=True),
        sa.Column("permit_type", sa.Text(), nullable=True),
        sa.Column("permit_expires", sa.Date(), nullable=True),
        sa.Column("nationality", sa.Text(), nullable=True),
        sa.Column("arrival_date", sa.Date(), nullable=True),
        sa.Column("not_registered_reason", sa.Text(), nullable=True),
        sa.Column("name_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("name_index", sa.LargeBinary(), nullable=True),
        sa.Column("former_name_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=True),
        sa.Column("phone_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("registered_address_cipher", sa.LargeBinary(), nullable=True),
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
        sa.PrimaryKeyConstraint("id", name=op.f("person_pkey")),
        sa.UniqueConstraint("code", name=op.f("person_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("person_source_source_key_key")),
        schema="people",
    )
    op.create_index(
        "person_area_code_index", "person", ["area_code"], unique=False, schema="people"
    )
    op.create_index(
        "person_id_number_blind_index", "person", ["id_number_index"], unique=False, schema="people"
    )
    op.create_index(
        "person_name_blind_index", "person", ["name_index"], unique=False, schema="people"
    )
    op.create_index(
        "person_phone_blind_index", "person", ["phone_index"], unique=False, schema="people"
    )
    op.create_table(
        "care_record",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("care_group", sa.Text(), nullable=False),
        sa.Column("lawful_basis", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("responsible", sa.Text(), nullable=False),
        sa.Column("review_date", sa.Date(), nullable=False),
        sa.Column("visit_interval", sa.Integer(), nullable=True),
        sa.Column("last_visit", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("note_cipher", sa.LargeBinary(), nullable=True),
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
            "visit_interval >= 1 AND visit_interval <= 366",
            name=op.f("care_record_visit_interval_range_check"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.person.id"],
            name=op.f("care_record_person_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("care_record_pkey")),
        sa.UniqueConstraint("code", name=op.f("care_record_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("care_record_source_source_key_key")),
        schema="people",
    )
    op.create_index(
        "care_record_area_code_index", "care_record", ["area_code"], unique=False, schema="people"
    )
    op.create_index(
        op.f("care_record_person_id_index"),
        "care_record",
        ["person_id"],
        unique=False,
        schema="people",
    )
    op.create_table(
        "residence",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("dwelling_id", sa.BigInteger(), nullable=False),
        sa.Column("building_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_home", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("household", sa.Text(), nullable=True),
        sa.Column("relation", sa.Text(), nullable=True),
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
            ["dwelling_id"],
            ["housing.dwelling.id"],
            name=op.f("residence_dwelling_id_fkey"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.person.id"],
            name=op.f("residence_person_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("residence_pkey")),
        sa.UniqueConstraint("code", name=op.f("residence_code_key")),
        sa.UniqueConstraint("source", "source_key", name=op.f("residence_source_source_key_key")),
        schema="people",
    )
    op.create_index(
        "residence_area_code_index", "residence", ["area_code"], unique=False, schema="people"
    )
    op.create_index(
        "residence_building_index",
        "residence",
        ["building_id", "dwelling_id"],
        unique=False,
        schema="people",
    )
    op.create_index(
        op.f("residence_dwelling_id_index"),
        "residence",
        ["dwelling_id"],
        unique=False,
        schema="people",
    )
    op.create_index(
        op.f("residence_person_id_index"), "residence", ["person_id"], unique=False, schema="people"
    )


def downgrade() -> None:
    op.drop_index(op.f("residence_person_id_index"), table_name="residence", schema="people")
    op.drop_index(op.f("residence_dwelling_id_index"), table_name="residence", schema="people")
    op.drop_index("residence_building_index", table_name="residence", schema="people")
    op.drop_index("residence_area_code_index", table_name="residence", schema="people")
    op.drop_table("residence", schema="people")
    op.drop_index(op.f("care_record_person_id_index"), table_name="care_record", schema="people")
    op.drop_index("care_record_area_code_index", table_name="care_record", schema="people")
    op.drop_table("care_record", schema="people")
    op.drop_index("person_phone_blind_index", table_name="person", schema="people")
    op.drop_index("person_name_blind_index", table_name="person", schema="people")
    op.drop_index("person_id_number_blind_index", table_name="person", schema="people")
    op.drop_index("person_area_code_index", table_name="person", schema="people")
    op.drop_table("person", schema="people")
