"""Values of OpenStreetMap tags as numbers and words. Every function gives None for no value."""

from __future__ import annotations

import re
from collections.abc import Mapping

Tags = Mapping[str, str]

_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_METRES = re.compile(r"(\d+(?:[.,]\d+)?)\s*(m|metres?|meters?|米|公尺)?")
_FEET = re.compile(r"(?:(\d+(?:\.\d+)?)\s*(?:'|ft|feet))?\s*(?:(\d+(?:\.\d+)?)\s*(?:\"|in))?")
_YEAR = re.compile(r"(1[89]\d\d|20\d\d)")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_COMPASS = "N NNE NE ENE E ESE SE SSE S SSW SW WSW W WNW NW NNW".split()
_FOOT = 0.3048


def name_of(tags: Tags) -> str | None:
    """The name on the spot, else the Chinese, English, official or brand name."""
    keys = ("name", "name:zh", "name:zh-Hans", "official_name", "name:en", "brand", "operator")
    return next((tags[key].strip() for key in keys if tags.get(key, "").strip()), None)


def alias_of(tags: Tags) -> str | None:
    """Other names, the English one included, joined by 、 and without the name itself."""
    keys = ("alt_name", "short_name", "old_name", "name:en")
    names = dict.fromkeys(tags[key].strip() for key in keys if tags.get(key, "").strip())
    return "、".join(name for name in names if name != name_of(tags)) or None


def whole_number(text: str | None) -> int | None:
    """The largest number in texts such as "6", "6;7" or "5.5", rounded down."""
    numbers = [float(found.replace(",", ".")) for found in _NUMBER.findall(text or "")]
    return int(max(numbers)) if numbers else None


def metres(text: str | None) -> float | None:
    """Metres of "12", "12 m", "12,5m", "40'" or "7 ft"; None when it says neither."""
    compact = (text or "").strip().lower()
    if not compact:
        return None
    metric = _METRES.fullmatch(compact)
    if metric:
        return float(metric.group(1).replace(",", "."))
    imperial = _FEET.fullmatch(compact)
    if imperial is None or not any(imperial.groups()):
        return None
    feet, inches = imperial.groups()
    return round((float(feet or 0) + float(inches or 0) / 12) * _FOOT, 2)


def heading(text: str | None) -> tuple[float | None, float | None]:
    """Degrees clockwise from north, and the width if the text is a range ("90-180").

    Understands degrees, compass points ("NNE") and the first of several ("90;270").
    """
    first = (text or "").split(";")[0].strip().upper()
    if first in _COMPASS:
        return _COMPASS.index(first) * 22.5, None
    swept = re.fullmatch(r"(\d+(?:\.\d+)?)\s*[-–]\s*(\d+(?:\.\d+)?)", first)
    if swept:
        start, end = float(swept.group(1)), float(swept.group(2))
        width = (end - start) % 360
        return (start + width / 2) % 360, width or None
    plain = re.fullmatch(r"-?\d+(\.\d+)?", first)
    return (float(first) % 360 if plain else None), None


def year(text: str | None) -> int | None:
    """The first year between 1800 and 2099 in a date such as "1987-05" or "C19 (1870)"."""
    found = _YEAR.search(text or "")
    return int(found.group()) if found else None


def yes(text: str | None) -> bool | None:
    """True for yes, true, 1 and -1 (one way against the line's direction); False for no, 0."""
    lowered = (text or "").lower()
    if lowered in {"yes", "true", "1", "-1", "reverse"}:
        return True
    return False if lowered in {"no", "false", "0"} else None


def address_of(tags: Tags) -> str | None:
    """The full address, joined without spaces for Chinese, as "street number" otherwise."""
    if tags.get("addr:full"):
        return tags["addr:full"]
    street = tags.get("addr:street") or tags.get("addr:place")
    number = tags.get("addr:housenumber")
    if not street and not number:
        return None
    if street and _HAN.search(street):
        keys = ("addr:province", "addr:city", "addr:district", "addr:subdistrict")
        suffix = "号" if number and re.fullmatch(r"[\d\-]+", number) else ""
        return "".join(tags.get(key, "") for key in keys) + street + (number or "") + suffix
    return " ".join(part for part in (street, number) if part)
