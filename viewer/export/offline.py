"""Makes one page of a map that needs no network: scripts inside, our frame around.

Leaflet and jQuery come from `viewer/dist/share/`, where the viewer's build puts them; deck.gl is in
pydeck itself.
"""

from __future__ import annotations

import base64
import html
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from viewer.export.picture import Picture, TooLarge, text_of

SHARE = Path(__file__).resolve().parent.parent / "dist" / "share"
LARGEST_BYTES = 20 * 1024 * 1024
_OUTSIDE = re.compile(
    r"<script[^>]*\bsrc=[\"']?https?://[^>]*>\s*</script>|<link[^>]*\bhref=[\"']?https?://[^>]*>"
)
_COUNTED = ("个要素", "features")
_STYLE = (Path(__file__).parent / "frame.css").read_text("utf-8")


class NotBuilt(RuntimeError):
    """The scripts that go into the page are not there yet."""


def standing_alone(page: str, picture: Picture, *, head: str = "") -> str:
    """The page without a single address outside, with title, legend, credits and watermark.

    Raises: TooLarge when it weighs more than `LARGEST_BYTES`.
    """
    bare = _OUTSIDE.sub("", page)
    title = f"<title>{html.escape(picture.title)}</title>"
    first = f"<head>{title}{head}<style>{_STYLE}</style>"
    whole = bare.replace("<head>", first, 1)
    end = whole.rindex("</body>")
    whole = whole[:end] + frame_of(picture) + whole[end:]
    size = len(whole.encode())
    if size > LARGEST_BYTES:
        raise TooLarge(
            f"the file would weigh {size / 2**20:.0f} MB, at most {LARGEST_BYTES // 2**20} MB; "
            "narrow the question or export a GeoPackage"
        )
    return whole


@lru_cache(maxsize=1)
def leaflet_head(share: Path = SHARE) -> str:
    """Leaflet with its style and icons, and jQuery, as text to stand in a page's head.

    Raises: NotBuilt when the viewer has not been built.
    """
    try:
        scripts = [(share / name).read_text("utf-8") for name in ("leaflet.js", "jquery.js")]
        style = (share / "leaflet.css").read_text("utf-8")
    except FileNotFoundError as error:
        raise NotBuilt(f"{error.filename} is not there; run ./wangge up to build it") from error
    style = re.sub(
        r"url\(images/([\w.-]+)\)", lambda found: f"url({_icon(share / found[1])})", style
    )
    # What ends a script inside a script would end ours.
    safe = (script.replace("</script", "<\\/script") for script in scripts)
    return f"<style>{style}</style>" + "".join(f"<script>{script}</script>" for script in safe)


def _icon(file: Path) -> str:
    return "data:image/png;base64," + base64.b64encode(file.read_bytes()).decode()


def frame_of(picture: Picture) -> str:
    """What stands over the map: title and count, legend, watermark."""
    count = f"{len(picture.items):,} {_COUNTED[picture.language]}"
    made = text_of(picture.made_at, picture.language)
    return (
        '<div class="share-head"><h1>'
        f"{html.escape(picture.title)}</h1><p>{count} · {made}</p></div>"
        f"{_legend(picture)}{_watermark(picture)}"
    )


def _legend(picture: Picture) -> str:
    lines, language = picture.legend, picture.language
    if not lines:
        return ""
    heading = f"<b>{html.escape(picture.classed_by)}</b>" if picture.classed_by else ""
    rows = "".join(
        f'<li><i class="{html.escape(each.shape)}" style="--colour:{html.escape(each.color)}"></i>'
        f"{html.escape(each.title[language])}</li>"
        for each in lines
    )
    return f'<ul class="share-legend">{heading}{rows}</ul>'


def _watermark(picture: Picture) -> str:
    """Account and time all over the page, readable and in nobody's way."""
    if not picture.watermark:
        return ""
    words = html.escape(f"{picture.watermark} · {text_of(picture.made_at)}")
    drawn = (
        "<svg xmlns='http://www.w3.org/2000/svg' width='320' height='180'><text x='12' y='120' "
        "transform='rotate(-22 12 120)' font-family='sans-serif' font-size='14' fill='#1b2432' "
        f"fill-opacity='0.16'>{words}</text></svg>"
    )
    return (
        f'<div class="share-watermark" data-watermark="{words}" '
        f'style="background-image:url(&quot;data:image/svg+xml,{quote(drawn)}&quot;)"></div>'
    )
