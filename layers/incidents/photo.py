"""Photos of a case, kept beside it in the database so that both are written or neither."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Connection, ForeignKey, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.model import Base
from layers.core.picture import Picture, PictureColumns


class PhotoRow(PictureColumns, Base):
    """One photo: a JPEG without metadata, its thumbnail, and the state the case was in.

    Whoever may see the incident may see its photos: the row has no area of its own.
    """

    __tablename__ = "photo"
    __table_args__ = (
        Unique("incident_id", "sha256", name="photo_incident_id_sha256_key"),
        {"schema": "incidents"},
    )

    incident_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("incidents.incident.id", ondelete="CASCADE")
    )
    reporter_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("incidents.reporter.id", ondelete="SET NULL"), index=True
    )
    step_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("incidents.step.id", ondelete="SET NULL"), index=True
    )
    state: Mapped[str]


@dataclass(frozen=True)
class KeptPhoto:
    """What is told of a photo beside its picture.

    `state` is that of the case when it was added, `step_id` the step it came with.
    """

    id: int
    width: int
    height: int
    state: str
    step_id: int | None
    added_at: datetime
    added_by: str | None


_ADD = text(
    "INSERT INTO incidents.photo "
    "(incident_id, reporter_id, step_id, state, sha256, width, height, image, thumbnail) "
    "SELECT id, :reporter_id, :step_id, state, :sha256, :width, :height, :image, :thumbnail "
    "FROM incidents.incident WHERE id = :incident_id "
    "ON CONFLICT (incident_id, sha256) DO NOTHING"
)
_LIST = text(
    "SELECT id, width, height, state, step_id, added_at, added_by FROM incidents.photo "
    "WHERE incident_id = :incident_id ORDER BY id"
)


def add_photos(
    connection: Connection,
    incident_id: int,
    pictures: Sequence[Picture],
    *,
    reporter_id: int | None = None,
    step_id: int | None = None,
) -> None:
    """Keeps photos of a case the reader may see and work on; one it has already is left alone.

    `reporter_id` and `step_id` are the report and the step they came with.

    Raises: sqlalchemy.exc.ProgrammingError (42501) without a right to work on the case.
    """
    for picture in pictures:
        owner = {"incident_id": incident_id, "reporter_id": reporter_id, "step_id": step_id}
        connection.execute(_ADD, owner | vars(picture))


def find_photos(connection: Connection, incident_id: int) -> list[KeptPhoto]:
    """Photos of a case within the reader's scope, in the order in which they came."""
    rows = connection.execute(_LIST, {"incident_id": incident_id})
    return [KeptPhoto(*row) for row in rows]
