"""Links from a collection to its schemas, by the names of the standards and of their drafts."""

SCHEMA_TYPE = "application/schema+json"
TITLES = {
    "schema": {"zh": "字段", "en": "Schema"},
    "queryables": {"zh": "可查询字段", "en": "Queryables"},
    "sortables": {"zh": "可排序字段", "en": "Sortables"},
}
REGISTERED = "http://www.opengis.net/def/rel/ogc/1.0"


def schema_links(collection: str, url: str) -> list[dict[str, object]]:
    """The links that pygeoapi does not write itself, as its configuration takes them."""
    pairs = [("sortables", f"{REGISTERED}/sortables")]
    pairs += [(name, f"[ogc-rel:{name}]") for name in TITLES]
    return [
        {
            "rel": relation,
            "type": SCHEMA_TYPE,
            "title": TITLES[name],
            "href": f"{url}/collections/{collection}/{name}",
        }
        for name, relation in pairs
    ]


def schema_headers(collection: str, url: str) -> list[tuple[str, str]]:
    """`Link` headers of an answer that can be filtered and sorted."""
    return [
        ("Link", f'<{url}/collections/{collection}/{name}>; rel="{REGISTERED}/{name}"')
        for name in ("queryables", "sortables")
    ]
