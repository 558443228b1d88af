"""Standard addresses: cutting, matching and the queue of the unsure ones."""

from __future__ import annotations

from gisserver.api.addresses import MOST_TEXTS
from gisserver.api.document.operation import AREA, LIMIT, ONE, READ, WRITE, Operation, Parameter
from gisserver.api.document.shapes import (
    NUMBER,
    TEXT,
    WHOLE,
    Schema,
    many,
    or_null,
    record,
    ref,
    thing,
)
from layers.housing.address import PARTS
from layers.housing.address_alias import KINDS, LONGEST_NAME, REASONS
from layers.housing.address_match import Candidate
from layers.housing.address_review import ACCEPTED, LONGEST_SOURCE, REJECTED, STATES, Review
from layers.housing.address_text import LONGEST

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "post",
        "/api/addresses/match",
        "matchAddresses",
        "addresses",
        "Parts of each text with their scores, and the building and room it means",
        body="AddressTexts",
        answer="AddressMatch[]",
        problems=READ,
    ),
    Operation(
        "get",
        "/api/addresses/queue",
        "addressQueue",
        "addresses",
        "Addresses whose house was not sure, by id, and how many are in each state",
        (
            Parameter("state", description=f"{', '.join(STATES)}; pending unless given"),
            AREA,
            Parameter("after", "integer", "`next` of the page before", minimum=0),
            LIMIT,
        ),
        answer="AddressQueue",
        problems=READ,
    ),
    Operation(
        "post",
        "/api/addresses/queue",
        "queueAddresses",
        "addresses",
        "Match texts of one source and queue the unsure ones; each text waits once",
        body="AddressSource",
        answer="AddressCounts",
        problems=READ,
    ),
    Operation(
        "post",
        "/api/addresses/queue/{review_id}",
        "decideAddress",
        "addresses",
        "Accept a queued address as a building or room, or reject it",
        body="AddressDecision",
        answer="AddressReview",
        problems=WRITE,
    ),
    Operation(
        "get",
        "/api/addresses/aliases",
        "addressAliases",
        "addresses",
        "Old names, nicknames and short forms of roads, compounds and buildings",
        (Parameter("name", description="Those of the place of this name"),),
        answer="AddressAlias[]",
        problems=READ,
    ),
    Operation(
        "post",
        "/api/addresses/aliases",
        "addAddressAlias",
        "addresses",
        "Add an old name, nickname or short form, used in one area",
        body="NewAddressAlias",
        answer="AddressAlias",
        status=201,
        problems=(*READ, 409),
    ),
    Operation(
        "delete",
        "/api/addresses/aliases/{alias_id}",
        "removeAddressAlias",
        "addresses",
        "Remove an old name, nickname or short form",
        status=204,
        problems=ONE,
    ),
)

_TEXTS = many(TEXT | {"maxLength": LONGEST}) | {"minItems": 1, "maxItems": MOST_TEXTS}
_ALIAS: dict[str, Schema] = {
    "kind": TEXT | {"enum": list(KINDS)},
    "alias": TEXT | {"maxLength": LONGEST_NAME},
    "name": TEXT | {"maxLength": LONGEST_NAME},
    "reason": TEXT | {"enum": list(REASONS)},
    "area_code": TEXT,
}
_CANDIDATES = many(ref("AddressCandidate"))

SCHEMAS: dict[str, Schema] = {
    "AddressTexts": thing(texts=_TEXTS),
    "AddressSource": thing(texts=_TEXTS, source=TEXT | {"maxLength": LONGEST_SOURCE}),
    "AddressPart": thing(value=TEXT, score=NUMBER | {"minimum": 0, "maximum": 1}),
    "Address": thing(**{name: or_null(ref("AddressPart")) for name in PARTS}),
    "AddressCandidate": record(Candidate),
    "AddressMatch": thing(
        text=TEXT,
        address=ref("Address"),
        canonical=TEXT,
        building_id=or_null(WHOLE),
        dwelling_id=or_null(WHOLE),
        score=NUMBER,
        verdict=TEXT | {"enum": ["sure", "unsure", "none"]},
        candidates=_CANDIDATES,
    ),
    "AddressCounts": thing(queued=WHOLE, sure=WHOLE, unsure=WHOLE, none=WHOLE),
    "AddressReview": record(
        Review,
        without=("candidates", "state"),
        candidates=_CANDIDATES,
        state=TEXT | {"enum": list(STATES)},
    ),
    "AddressAlias": thing(id=WHOLE, **_ALIAS),
    "NewAddressAlias": thing(**_ALIAS),
    "AddressQueue": thing(
        items=many(ref("AddressReview")),
        next=or_null(WHOLE),
        counts=thing(**dict.fromkeys(STATES, WHOLE)),
    ),
    "AddressDecision": thing(
        {"building_id": or_null(WHOLE), "dwelling_id": or_null(WHOLE)},
        state=TEXT | {"enum": [ACCEPTED, REJECTED]},
    ),
}
