"""JSON for what OGC has no word for; one blueprint a room, registered in this order."""

from flask import Blueprint

from gisserver.api import (
    audit,
    buildings,
    cases,
    codes,
    duty,
    exports,
    features,
    house,
    locate,
    openapi,
    persons,
    questions,
    rates,
    reveal,
    search,
    session,
    summary,
    totals,
    walls,
    work_lists,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    session.blueprint,
    codes.blueprint,
    summary.blueprint,
    totals.blueprint,
    rates.blueprint,
    walls.blueprint,
    search.blueprint,
    house.blueprint,
    buildings.blueprint,
    persons.blueprint,
    reveal.blueprint,
    locate.blueprint,
    duty.blueprint,
    features.blueprint,
    cases.blueprint,
    work_lists.blueprint,
    questions.blueprint,
    exports.blueprint,
    audit.blueprint,
    openapi.blueprint,
)
