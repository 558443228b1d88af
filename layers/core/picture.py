"""A photo ready to be kept, and the tables that keep photos beside what they prove."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Connection, Identity, LargeBinary, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from layers.core.errors import NotFound

MOST_PHOTOS: Final = 9
"""How many come with one report, step or inspection."""

_LOGIN: Final = "nullif(current_setting('wangge.login', true), '')"


@dataclass(frozen=True)
class Picture:
    """JPEG bytes without metadata, size in pixels, SHA-256 in hex."""

    image: bytes
    thumbnail: bytes
    width: int
    height: int
    sha256: str


class PictureColumns:
    """One photo: a JPEG without metadata and its thumbnail, who added it and when."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sha256: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    image: Mapped[bytes] = mapped_column(LargeBinary)
    thumbnail: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(server_default=func.now())
    added_by: Mapped[str | None] = mapped_column(server_default=text(_LOGIN))


def find_picture(
    connection: Connection, kept: type[PictureColumns], photo_id: int, *, is_small: bool
) -> tuple[bytes, str]:
    """The JPEG of a photo, or its thumbnail, and the photo's SHA-256.

    Raises: NotFound when there is no such photo within the reader's scope.
    """
    picture = kept.thumbnail if is_small else kept.image
    statement = select(picture, kept.sha256).where(kept.id == photo_id)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(f"no photo {photo_id}")
    return bytes(row[0]), row[1]
