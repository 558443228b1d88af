"""Erases or de-identifies what is past its term: rows, their history, what was proposed of them.

What is de-identified keeps what statistics need: sex, birth date, register, area and the days of
its residences. All other columns of a person are cleared, also those that are added later.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

from layers.core.audit import write_line
from layers.core.bulk import begin_bulk
from layers.core.features import scope_sql
from layers.core.layer import Layer
from layers.core.sealing import HIDDEN
from layers.incidents.reporter import REPORTERS
from layers.people.care import CARE_RECORDS, CARE_VISITS
from layers.people.elderly import ELDERLY_SERVICES
from layers.people.person import PERSONS
from layers.people.residence import RESIDENCES
from layers.privacy.retention_rules import Rule, rules

_ROW: Final = ("id", "area_code", "row_version", "updated_at", "updated_by", "source")
_COUNTED: Final = ("sex", "birth_date", "register", "valid_from", "valid_to", "merged_into")
_KEPT: Final = frozenset((*_ROW, *_COUNTED, "deidentified_on"))
_REPORTED: Final = ("name", "phone")
_ACTOR: Final = "retention"
_DUE: Final = "pg_temp.retention_due"


class Due(NamedTuple):
    """What a rule would touch, or has touched; `oldest` is the earliest day a term began."""

    rule: Rule
    rows: int
    oldest: date | None


def due_by_rule(connection: Connection, areas: Sequence[str] = ("",)) -> list[Due]:
    """What each rule would touch today in the areas (prefixes); nothing is changed.

    The connection must be the owner's: figures only, for who may not see the rows.
    """
    scope, bounds = scope_sql("due.area_code", areas, "area")
    found = []
    for rule in rules():
        statement = f"SELECT count(*), min(since) FROM ({rule.due_sql}) AS due WHERE {scope}"
        values: dict[str, Any] = {"months": rule.months, **bounds}
        rows, oldest = connection.exec_driver_sql(statement, values).one()
        found.append(Due(rule, rows, oldest))
    return found


def apply_rule(connection: Connection, rule: Rule, *, login: str = "system") -> Due:
    """Does what the rule says to all that is due, and writes one line of the log when there is any.

    The connection must be in an `owner_transaction`: each rule is one transaction.
    """
    begin_bulk(connection)
    if rule.name == "audit":
        due, more = _erase_audit(connection, rule)
    else:
        due, more = _collect(connection, rule), {}
        if due.rows:
            _APPLY[rule.name](connection)
    if due.rows:
        detail = {
            "rule": rule.name,
            "action": rule.action,
            "rows": due.rows,
            "oldest": str(due.oldest),
            "months": rule.months,
            **more,
        }
        action = "audit_dropped" if rule.name == "audit" else "retention"
        write_line(
            connection, action, account_id=None, login=login, reason=rule.basis, detail=detail
        )
    return due


def _collect(connection: Connection, rule: Rule) -> Due:
    """Keeps what is due in a table of this transaction."""
    run = connection.exec_driver_sql
    run("DROP TABLE IF EXISTS pg_temp.retention_due")
    run(
        f"CREATE TEMPORARY TABLE retention_due ON COMMIT DROP AS {rule.due_sql}",
        {"months": rule.months},
    )
    run("ANALYZE retention_due")
    return Due(rule, *run(f"SELECT count(*), min(since) FROM {_DUE}").one())


def _deidentify_persons(connection: Connection) -> None:
    run = connection.exec_driver_sql
    cleared = [each.name for each in PERSONS.table.columns if each.name not in _KEPT]
    written = [
        f"\"name\" = '{HIDDEN}'" if name == "name" else f'"{name}" = NULL'
        for name in cleared
        if PERSONS.table.columns[name].computed is None
    ]
    run(
        f"UPDATE people.person AS p SET {', '.join(written)}, deidentified_on = core.today(), "
        f"row_version = row_version + 1, updated_at = now(), updated_by = '{_ACTOR}' "
        f"FROM {_DUE} AS d WHERE d.id = p.id"
    )
    _clear_history(connection, PERSONS, cleared)
    # What a service was for may tell who asked for it, and a reason may name who moved.
    run(
        "UPDATE people.elderly_service AS e SET wish = NULL, remark = NULL, "
        f"row_version = row_version + 1, updated_at = now(), updated_by = '{_ACTOR}' "
        f"FROM {_DUE} AS d WHERE d.id = e.person_id AND coalesce(e.wish, e.remark) IS NOT NULL"
    )
    run(
        "UPDATE core.history AS h SET before = before - %(told)s::text[], "
        "after = after - %(told)s::text[], reason = NULL "
        f"FROM {_DUE} AS d WHERE h.layer = ANY(%(layers)s) "
        "AND (coalesce(h.after, h.before) ->> 'person_id')::bigint = d.id",
        {"told": ["wish", "remark"], "layers": [ELDERLY_SERVICES.name, RESIDENCES.name]},
    )
    _tell(connection, ELDERLY_SERVICES)
    run(
        'UPDATE people.proposal AS q SET "values" = q."values" - %(cleared)s::text[], '
        "before = before - %(cleared)s::text[], correction = correction - %(cleared)s::text[], "
        "sealed = '{}', reason = NULL, decision = NULL "
        f"FROM {_DUE} AS d WHERE q.layer = 'persons' AND q.feature_id = d.id",
        {"cleared": cleared},
    )
    run(
        "UPDATE people.proposal AS q SET reason = NULL, decision = NULL "
        f"WHERE q.layer = %(layer)s AND (q.\"values\" -> 'person_id' IN "
        f"(SELECT to_jsonb(id) FROM {_DUE}) OR q.feature_id IN "
        f"(SELECT r.id FROM people.residence AS r JOIN {_DUE} AS d ON d.id = r.person_id))",
        {"layer": RESIDENCES.name},
    )


def _deidentify_reporters(connection: Connection) -> None:
    connection.exec_driver_sql(
        "UPDATE incidents.reporter AS t SET name = NULL, name_cipher = NULL, phone = NULL, "
        "phone_cipher = NULL, row_version = row_version + 1, updated_at = now(), "
        f"updated_by = '{_ACTOR}' FROM {_DUE} AS d WHERE d.id = t.id"
    )
    _clear_history(connection, REPORTERS, _REPORTED)


def _erase_proposals(connection: Connection) -> None:
    connection.exec_driver_sql(
        f"DELETE FROM people.proposal AS q USING {_DUE} AS d WHERE d.id = q.id"
    )


def _erase_care(connection: Connection) -> None:
    run = connection.exec_driver_sql
    # Visits go along by their key; what the history says of them is found by their record.
    run(f"DELETE FROM people.care_record AS c USING {_DUE} AS d WHERE d.id = c.id")
    of_record = "(coalesce(h.after, h.before) ->> 'record_id')::bigint"
    for layer, owner in ((CARE_RECORDS, "h.feature_id"), (CARE_VISITS, of_record)):
        run(
            "UPDATE core.history AS h SET before = NULL, after = NULL, sealed = NULL, "
            f"reason = NULL FROM {_DUE} AS d WHERE h.layer = %(layer)s AND {owner} = d.id",
            {"layer": layer.name},
        )
        _tell(connection, layer)


def _erase_audit(connection: Connection, rule: Rule) -> tuple[Due, Mapping[str, Any]]:
    """Only the oldest lines, up to the last that is due; the chain goes on from its hash."""
    run = connection.exec_driver_sql
    # A line is written and chained one after the other, so ids and moments grow together.
    rows, oldest, last = run(
        f"SELECT count(*), min(since), max(id) FROM ({rule.due_sql}) AS due",
        {"months": rule.months},
    ).one()
    of_last = {"last": last}
    link = run("SELECT encode(hash, 'hex') FROM core.audit WHERE id = %(last)s", of_last)
    more = {"last": last, "hash": link.scalar_one_or_none()}
    run("DELETE FROM core.audit WHERE id <= %(last)s", of_last)
    return Due(rule, rows, oldest), more


def _clear_history(connection: Connection, layer: Layer, names: Sequence[str]) -> None:
    connection.exec_driver_sql(
        "UPDATE core.history AS h SET before = before - %(names)s::text[], "
        "after = after - %(names)s::text[], sealed = NULL, reason = NULL "
        f"FROM {_DUE} AS d WHERE h.layer = %(layer)s AND h.feature_id = d.id",
        {"names": list(names), "layer": layer.name},
    )
    _tell(connection, layer)


def _tell(connection: Connection, layer: Layer) -> None:
    connection.execute(
        text("SELECT core.record_bulk(:layer, :right, :everywhere, 'retention')"),
        {
            "layer": layer.name,
            "right": layer.read.value,
            "everywhere": layer.scope == "public",
        },
    )


_APPLY: Mapping[str, Callable[[Connection], None]] = {
    "persons_gone": _deidentify_persons,
    "reporters_closed": _deidentify_reporters,
    "proposals_refused": _erase_proposals,
    "care_ended": _erase_care,
}
