"""Text encodings of files made in China: UTF-8 with or without BOM, UTF-16, GBK/GB18030."""

from __future__ import annotations

import codecs
from pathlib import Path

from etl.raw import UnreadableFile

_CHUNK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = ("utf-8", "gb18030")


def known_encoding(name: str) -> str:
    """The codec name to use for an encoding named by a person; GBK and GB2312 become GB18030.

    Raises UnreadableFile when there is no such encoding.
    """
    try:
        canonical = codecs.lookup(name.strip()).name
    except LookupError as error:
        raise UnreadableFile(
            f"encoding {name!r} is not known; allowed: utf-8, gbk, gb18030, big5, utf-16, …"
        ) from error
    return "gb18030" if canonical in {"gbk", "gb2312", "cp936"} else canonical


def decodes(data: bytes, encoding: str) -> bool:
    """True when the bytes are valid in the encoding."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def guess_encoding(data: bytes) -> str:
    """The first of BOM, UTF-8 and GB18030 in which all the bytes are valid, else Latin-1."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            return name
    return next((name for name in _CANDIDATES if decodes(data, name)), "latin-1")


def file_encoding(path: Path, asked: str | None) -> str:
    """The encoding to read a text file with: the asked one, checked, or the detected one.

    Reads the whole file once, in chunks. Raises UnreadableFile when the asked encoding does not
    fit, or none of the known ones does.
    """
    if asked is not None:
        name = known_encoding(asked)
        if not _file_decodes(path, name):
            raise UnreadableFile(f"{path.name}: the text is not valid {asked}; try --encoding")
        return name
    with path.open("rb") as stream:
        head = stream.read(4)
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    for name in _CANDIDATES:
        if _file_decodes(path, name):
            return name
    raise UnreadableFile(
        f"{path.name}: the text is neither UTF-8 nor GB18030; name it with --encoding"
    )


def _file_decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
