"""Case numbers: county, day and serial, given by the database (`incidents.sql`)."""

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from layers.core.model import Base


class CaseSerial(Base):
    """The last serial given in a county on a day (local)."""

    __tablename__ = "case_serial"
    __table_args__ = ({"schema": "incidents"},)

    county: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
