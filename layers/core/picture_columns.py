"""The columns of a table that keeps photos beside what they show."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

_LOGIN = "nullif(current_setting('wangge.login', true), '')"


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
