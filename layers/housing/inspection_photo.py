"""Photos of an inspection, kept beside it in the database so that both are written or neither."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, ForeignKey, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.model import Base
from layers.core.picture import Picture, PictureColumns


class InspectionPhotoRow(PictureColumns, Base):
    """One photo: a JPEG without metadata, and its thumbnail.

    Whoever may see the inspection may see its photos: the row has no area of its own.
    """

    __tablename__ = "inspection_photo"
    __table_args__ = (
        Unique("inspection_id", "sha256", name="inspection_photo_inspection_id_sha256_key"),
        {"schema": "housing"},
    )

    inspection_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("housing.inspection.id", ondelete="CASCADE")
    )


@dataclass(frozen=True)
class InspectionPhoto:
    """What is told of a photo beside its picture; width and height in pixels."""

    id: int
    inspection_id: int
    width: int
    height: int


_ADD = text(
    "INSERT INTO housing.inspection_photo (inspection_id, sha256, width, height, image, thumbnail) "
    "VALUES (:inspection_id, :sha256, :width, :height, :image, :thumbnail) "
    "ON CONFLICT (inspection_id, sha256) DO NOTHING"
)
_LIST = text(
    "SELECT p.id, p.inspection_id, p.width, p.height FROM housing.inspection_photo AS p "
    "JOIN housing.inspection AS i ON i.id = p.inspection_id WHERE i.rental_id = :rental_id "
    "ORDER BY p.id"
)


def add_inspection_photos(
    connection: Connection, inspection_id: int, pictures: Sequence[Picture]
) -> None:
    """Keeps photos of an inspection the reader has recorded; the same one twice is kept once.

    Raises: sqlalchemy.exc.ProgrammingError (42501) for an inspection of somebody else.
    """
    for picture in pictures:
        connection.execute(_ADD, {"inspection_id": inspection_id} | vars(picture))


def find_inspection_photos(connection: Connection, rental_id: int) -> list[InspectionPhoto]:
    """Photos of all inspections of a rental within the reader's scope, in order."""
    return [InspectionPhoto(*row) for row in connection.execute(_LIST, {"rental_id": rental_id})]
