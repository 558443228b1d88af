"""Accounts, their grants, browser sessions and personal tokens. Not layers: never served."""

from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ForeignKey,
    Identity,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.model import Base

SCHEMA = "organisation"


class Account(Base):
    """Somebody who may sign in; the password is an argon2id hash."""

    __tablename__ = "account"
    __table_args__ = ({"schema": SCHEMA},)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    staff_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.staff.id", ondelete="SET NULL")
    )
    failed_sign_ins: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AccountGrant(Base):
    """A role in an area: `area_code` is a prefix, the empty string means everywhere."""

    __tablename__ = "account_grant"
    __table_args__ = (
        UniqueConstraint("account_id", "role", "area_code"),
        {"schema": SCHEMA},
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.account.id", ondelete="CASCADE")
    )
    role: Mapped[str]
    area_code: Mapped[str] = mapped_column(Text(collation="C"))


class Session(Base):
    """A browser's sign-in; only the hash of the cookie is kept."""

    __tablename__ = "session"
    __table_args__ = ({"schema": SCHEMA},)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.account.id", ondelete="CASCADE")
    )
    csrf: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]


class SqlAccess(Base):
    """A database login of its own with which an account reads the schema `analyst`."""

    __tablename__ = "sql_access"
    __table_args__ = ({"schema": SCHEMA},)

    role_name: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.account.id", ondelete="CASCADE"), unique=True
    )
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]


class Token(Base):
    """A personal token for GIS clients; only its hash is kept. No areas: all of its account.

    No layers: all that its account may see.
    """

    __tablename__ = "token"
    __table_args__ = ({"schema": SCHEMA},)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey(f"{SCHEMA}.account.id", ondelete="CASCADE")
    )
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    areas: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    layers: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    is_read_only: Mapped[bool] = mapped_column(server_default=text("false"))
