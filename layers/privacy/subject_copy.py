"""A subject's own copy (查阅副本): all that is held about one person, open, as tables to read.

It is whole wherever the person has lived: it stands for the person's own right to see it (Personal
Information Protection Law, article 45). It names no other person and no member of staff.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from layers.core.errors import Fault, Forbidden, Invalid, NotFound
from layers.core.features import find_feature
from layers.core.history import differences
from layers.core.layer import Layer
from layers.core.model import field_kind
from layers.core.quotas import spend
from layers.core.reveal import LONGEST_REASON, REASON_CHARACTERS
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.core.sealing import Sealer
from layers.people.care import CARE_RECORDS, CARE_VISITS
from layers.people.elderly import ELDERLY_SERVICES
from layers.people.person import PERSONS
from layers.people.residence import RESIDENCES
from layers.privacy.look_list import KIND_OF
from layers.privacy.subject_words import (
    ACTIONS,
    BASIS,
    FIELD_HEADS,
    HISTORY_HEADS,
    LOOK_HEADS,
    LOOKS,
    OPERATIONS,
    PLACE,
    PROPOSAL_HEADS,
    PROVIDER,
    RENTAL_HEADS,
    SHEETS,
    STATES,
    YES_NO,
    Pair,
)

_COPY = text("SELECT privacy.subject_copy(:id, :who, :login, :reason)")
_CODES = text("SELECT table_name, code, name_zh, coalesce(name_en, name_zh) FROM core.code")
_LAYERS: Mapping[str, Layer] = {
    layer.name: layer
    for layer in (PERSONS, RESIDENCES, CARE_RECORDS, CARE_VISITS, ELDERLY_SERVICES)
}
_REFERENCES = {"person_id", "dwelling_id", "merged_into", "record_id", "provider_id"}
_NOT_TOLD = frozenset({"updated_at", "updated_by", "visited_by", *_REFERENCES})


class Sheet(NamedTuple):
    """One table of the copy in one language; a missing value is None."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


def subject_copy(
    connection: Connection,
    reader: Reader,
    person_id: int,
    reason: str,
    sealer: Sealer,
    *,
    language: int = 0,
) -> list[Sheet]:
    """The tables of a person's copy, in Chinese (0) or English (1); counted and logged as a look.

    The connection must be in a `reader_transaction` of the reader.

    Raises: Invalid for a reason under 4 characters; Forbidden without the right to reveal there;
    NotFound when the person is not the reader's to see; QuotaSpent.
    """
    told = reason.strip()
    if not REASON_CHARACTERS <= len(told) <= LONGEST_REASON:
        raise Invalid(
            [Fault("reason", f"{REASON_CHARACTERS} to {LONGEST_REASON} characters needed")]
        )
    person = find_feature(connection, PERSONS, reader, person_id)
    if not reader.covers(Right.PEOPLE_REVEAL, person.area_code):
        raise Forbidden(f"a copy needs the right {Right.PEOPLE_REVEAL} there")
    spend(connection, reader, "reveal")
    values = {"id": person_id, "who": reader.account_id, "login": reader.login, "reason": told}
    held = connection.execute(_COPY, values).scalar_one()
    if held is None:
        raise NotFound(f"no feature {person_id} in {PERSONS.name}")
    codes = {(row[0], row[1]): row[2 + language] for row in connection.execute(_CODES)}
    return list(_Writer(held, sealer, codes, language).sheets())


class _Writer:
    """Turns what is held into tables: sealed values opened, codes by name, days as days."""

    def __init__(
        self,
        held: Mapping[str, Any],
        sealer: Sealer,
        codes: Mapping[tuple[str, str], str],
        language: int,
    ) -> None:
        self._held, self._sealer, self._codes, self._at = held, sealer, codes, language

    def sheets(self) -> Iterator[Sheet]:
        rows = [
            (self._title(PERSONS, name), self._value(PERSONS, name, row))
            for row in self._held["persons"]
            for name in _told_fields(PERSONS)
            if row[name] is not None
        ]
        yield self._sheet("person", FIELD_HEADS, rows)
        yield self._of_layer("residences", RESIDENCES, (PLACE,), ("place",))
        yield self._sheet(
            "rentals",
            RENTAL_HEADS,
            [
                (
                    row["place"],
                    self._code("rental_class", row["rental_class"]),
                    self._code("rental_use", row["usage"]),
                    _day(row["valid_from"]),
                    _day(row["valid_to"]),
                )
                for row in self._rows("rentals")
            ],
        )
        if self._rows("care_records"):
            yield self._of_layer("care_records", CARE_RECORDS, (), ())
        if self._rows("care_visits"):
            yield self._of_layer("care_visits", CARE_VISITS, (), ())
        if self._rows("elderly_services"):
            yield self._of_layer("elderly_services", ELDERLY_SERVICES, (PROVIDER,), ("provider",))
        yield self._sheet("proposals", PROPOSAL_HEADS, list(self._proposals()))
        yield self._sheet("history", HISTORY_HEADS, list(self._history()))
        yield self._sheet("looks", LOOK_HEADS, list(self._looks()))
        yield self._sheet("basis", FIELD_HEADS, [(a[self._at], b[self._at]) for a, b in BASIS])

    def _rows(self, name: str) -> Sequence[Mapping[str, Any]]:
        return self._held[name] or ()

    def _sheet(self, name: str, heads: Sequence[Pair], rows: Sequence[Sequence[Any]]) -> Sheet:
        return Sheet(SHEETS[name][self._at], [head[self._at] for head in heads], rows)

    def _of_layer(
        self, name: str, layer: Layer, more: Sequence[Pair], extra: Sequence[str]
    ) -> Sheet:
        fields = _told_fields(layer)
        heads = [*more, *(layer.fields[field].title for field in fields)]
        rows = [
            [*(row[each] for each in extra), *(self._value(layer, field, row) for field in fields)]
            for row in self._rows(name)
        ]
        return self._sheet(name, heads, rows)

    def _title(self, layer: Layer, name: str) -> str:
        return layer.fields[name].title[self._at] if name in layer.fields else name

    def _value(self, layer: Layer, name: str, row: Mapping[str, Any]) -> Any:
        cipher = row.get(f"{name}_cipher")
        return self._shown(layer, name, row.get(name), cipher)

    def _shown(self, layer: Layer, name: str, value: Any, cipher: str | None) -> Any:
        if cipher is not None:
            return self._sealer.open(f"{layer.name}.{name}", bytes.fromhex(cipher[2:]))
        if value is None or name not in layer.fields:
            return value
        if (table := layer.fields[name].codes) is not None:
            return self._code(table, value)
        if isinstance(value, bool):
            return YES_NO[value][self._at]
        kind = field_kind(layer.column(name))
        if kind == "datetime":
            return datetime.fromisoformat(value)
        return _day(value) if kind == "date" else value

    def _code(self, table: str, value: str | None) -> str | None:
        return None if value is None else self._codes.get((table, value), value)

    def _proposals(self) -> Iterator[Sequence[Any]]:
        for row in self._rows("proposals"):
            layer = _LAYERS[row["layer"]]
            for name, value in row["values"].items():
                if name in _NOT_TOLD:
                    continue
                sealed = row["sealed"].get(name)
                cipher = f"\\x{sealed}" if sealed else None
                yield (
                    _moment(row["proposed_at"]),
                    OPERATIONS[row["operation"]][self._at],
                    self._title(layer, name),
                    self._shown(layer, name, value, cipher),
                    STATES[row["state"]][self._at],
                    _moment(row["decided_at"]),
                    row["reason"],
                )

    def _history(self) -> Iterator[Sequence[Any]]:
        entries = self._rows("history")
        for place, entry in enumerate(entries):
            layer = _LAYERS[entry["layer"]]
            if entry["action"] != "update":
                yield (
                    _moment(entry["at"]),
                    layer.title[self._at],
                    ACTIONS[entry["action"]][self._at],
                    *(None,) * 3,
                )
                continue
            # What a sealed field became is what it was before its next change, or is now.
            later = self._ciphers_after(entries, place)
            for name, before, after in differences(layer, entry["before"], entry["after"]):
                if name in _NOT_TOLD:
                    continue
                was = (entry["sealed"] or {}).get(f"{name}_cipher")
                yield (
                    _moment(entry["at"]),
                    layer.title[self._at],
                    ACTIONS["update"][self._at],
                    self._title(layer, name),
                    self._shown(layer, name, before, was),
                    self._shown(layer, name, after, later.get(f"{name}_cipher")),
                )

    def _ciphers_after(self, entries: Sequence[Mapping[str, Any]], place: int) -> Mapping[str, Any]:
        entry = entries[place]
        key = (entry["layer"], entry["feature_id"])
        for later in entries[place + 1 :]:
            if (later["layer"], later["feature_id"]) == key and later["sealed"] is not None:
                found: Mapping[str, Any] = later["sealed"]
                return found
        rows = self._rows(entry["layer"])
        return next((row for row in rows if row["id"] == entry["feature_id"]), {})

    def _looks(self) -> Iterator[Sequence[Any]]:
        for row in self._rows("looks"):
            kind, name = KIND_OF.get(row["action"]), row["field"]
            if kind is None:
                continue
            yield (
                _moment(row["at"]),
                row["unit"],
                LOOKS[kind][self._at],
                self._title(PERSONS, name) if name else None,
                row["reason"],
            )


def _told_fields(layer: Layer) -> list[str]:
    return [name for name in layer.fields if name not in _NOT_TOLD]


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
