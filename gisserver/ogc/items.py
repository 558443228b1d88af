"""`/items`: what may be asked, and the answer passed through from the database.

Paging is by keyset: the `next` link continues after the last id, so a feature is met once even
while others are added or removed. `offset` is understood for clients that count pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlencode

from flask import Request
from sqlalchemy import and_

from gisserver import parameters
from gisserver.errors import BadRequest
from gisserver.ogc.boxes import box_asked
from gisserver.ogc.media_types import GEOJSON
from gisserver.ogc.narrowing import NARROWING, equality_names, narrowed
from gisserver.ogc.reference_systems import system_named
from layers.core.errors import NotFound
from layers.core.features import Page, Query
from layers.core.layer import Layer
from layers.core.sorting import write_place

PAGING = ("f", "lang", "limit", "offset", "after", "bbox", "bbox-crs", "crs", "datetime")
RESERVED = (*PAGING, *NARROWING)


@dataclass(frozen=True)
class Asked:
    """A request for items: the query and the parameters as they came."""

    query: Query
    parameters: Mapping[str, str]

    @staticmethod
    def feature_id(text: str) -> int:
        """The id of a feature.

        Raises: NotFound when the text is no id.
        """
        if not (text.isascii() and text.isdigit()) or len(text) > 18:
            raise NotFound(f"no feature {text!r}: ids are whole numbers")
        return int(text)


def parse_items_request(layer: Layer, asked: Request, default_limit: int, max_limit: int) -> Asked:
    """The query that the request's parameters ask for.

    Raises: BadRequest for a parameter that is unknown or not supported, or a value that cannot
    be read, saying which are allowed.
    """
    given = parameters.take_parameters(asked, (*RESERVED, *equality_names(layer)))
    return read_items_question(layer, given, default_limit, max_limit)


def read_items_question(
    layer: Layer, given: Mapping[str, str], default_limit: int, max_limit: int
) -> Asked:
    """The same of parameters whose names are known; raises BadRequest or Invalid."""
    since, until = parameters.interval(given) or (None, None)
    if (since or until) and layer.time_field is None:
        raise BadRequest(f"datetime: {layer.name} has no time")
    box, beyond_degrees = box_asked(layer, given)
    narrow = narrowed(layer, given)
    wheres = [each for each in (narrow["where"], beyond_degrees) if each is not None]
    query = Query(
        bbox=box,
        equals={name: value for name, value in given.items() if name not in RESERVED},
        since=since,
        until=until,
        after=None if "sortby" in given else _whole(given, "after", 0) or None,
        offset=_whole(given, "offset", 0),
        limit=min(_whole(given, "limit", default_limit, 1), max_limit),
        system=system_named(layer, "crs", given.get("crs")),
        **{**narrow, "where": and_(*wheres) if wheres else None},
    )
    return Asked(query, given)


def _whole(given: Mapping[str, str], name: str, default: int, least: int = 0) -> int:
    return parameters.integer(given, name, default, minimum=least, maximum=parameters.LARGEST_ID)


def collection_text(page: Page, matched: int | None, link_texts: Sequence[str]) -> str:
    """A GeoJSON FeatureCollection with links, its features passed through as they are."""
    total = "" if matched is None else f'"numberMatched":{matched},'
    links = ",".join(link_texts)
    moment = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return (
        f'{{"type":"FeatureCollection",{total}'
        f'"numberReturned":{page.count},"timeStamp":"{moment}","links":[{links}],'
        f'"features":[{page.text}]}}'
    )


def following_place(page: Page) -> str:
    """The `after` with which a page that is not the last goes on."""
    return str(page.next_after) if page.place is None else write_place(page.place)


def page_links(layer: Layer, asked: Asked, page: Page, base: str) -> list[str]:
    """The links of a page, as JSON texts."""
    told = _told(asked.parameters)
    links = _links(layer, "items", told, base)
    if page.next_after is not None:
        passed = _told(asked.parameters, without=("offset", "after"))
        place = urlencode({"after": following_place(page)})
        address = f"{base}/collections/{layer.name}/items"
        links.append(_link("next", GEOJSON, address, f"{passed}&{place}" if passed else place))
    return links


def linked_item(
    layer: Layer, feature: str, feature_id: int, given: Mapping[str, str], base: str
) -> str:
    """The text of one feature with its links, which a client needs that was handed only it."""
    links = _links(layer, f"items/{feature_id}", _told(given), base)
    return f'{feature[:-1]},"links":[{",".join(links)}]}}'


def _told(given: Mapping[str, str], without: Sequence[str] = ()) -> str:
    """Parameters as an address has them, but for the form, which each link names itself."""
    left = tuple(pair for pair in given.items() if pair[0] != "f" and pair[0] not in without)
    return _encoded(left)


@lru_cache(maxsize=128)
def _encoded(pairs: tuple[tuple[str, str], ...]) -> str:
    return urlencode(pairs)


def _links(layer: Layer, path: str, told: str, base: str) -> list[str]:
    address = f"{base}/collections/{layer.name}"
    return [
        _link("self", GEOJSON, f"{address}/{path}", told),
        _link(
            "alternate", "text/html", f"{address}/{path}", f"{told}&f=html" if told else "f=html"
        ),
        _link("collection", "application/json", address),
    ]


def _link(rel: str, media_type: str, address: str, parameters: str = "") -> str:
    href = f"{address}?{parameters}" if parameters else address
    return f'{{"rel":"{rel}","type":"{media_type}","href":"{href}"}}'
