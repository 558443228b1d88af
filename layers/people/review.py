"""Handing proposals in and deciding on them; each step is one transaction with what it writes."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from layers.core.change import Change, Edit, Tools, apply_change
from layers.core.database import scope_setting
from layers.core.errors import Conflict, Fault, Forbidden, Invalid, NotFound, Stale
from layers.core.features import find_feature
from layers.core.layer import Layer
from layers.core.scope import Reader
from layers.core.sealing import Sealer, mask
from layers.core.values import checked_values
from layers.people.companion import as_edit, as_kept
from layers.people.proposal import COLUMNS, Draft, Proposal
from layers.people.review_rules import STEPS, StepName, changed_values, check_step, checked_reason

_LOCKED = text(f"SELECT {COLUMNS} FROM people.proposal WHERE id = :id FOR UPDATE")
_SEALED = text("SELECT people.sealed_of(:id)")
_INSERT = text(
    'INSERT INTO people.proposal (layer, feature_id, operation, "values", sealed, before, '
    "base_version, area_code, reason, proposed_by, replaces, also) VALUES (:layer, :feature_id, "
    ":operation, CAST(:values AS jsonb), CAST(:sealed AS jsonb), CAST(:before AS jsonb), "
    ":base_version, :area_code, :reason, :login, :replaces, CAST(:also AS jsonb)) RETURNING id"
)
_CLOSE = text("UPDATE people.proposal SET state = :state, sealed = '{}' WHERE id = :id")
_ACCEPT = text(
    "UPDATE people.proposal SET state = :state, sealed = '{}', feature_id = :feature_id, "
    "correction = CAST(:correction AS jsonb), decision = :decision, decided_by = :login, "
    "decided_at = clock_timestamp() WHERE id = :id"
)
_RETURN = text(
    "UPDATE people.proposal SET state = :state, decision = :decision, decided_by = :login, "
    "decided_at = clock_timestamp() WHERE id = :id"
)


def propose(connection: Connection, draft: Draft, reader: Reader, tools: Tools) -> int:
    """Keeps a proposal after trying it as if it were written; returns its id.

    The connection must be in a `reader_transaction`, which must roll back when this raises.

    Raises: Invalid with the faults that writing would tell; Stale; NotFound; Forbidden without
    the right to propose there; Conflict while another of one's own is open for the same row.
    """
    layer, right = draft.layer, draft.layer.propose
    if right is None or not reader.scope(right):
        raise Forbidden(f"{layer.name} needs the right {right or layer.write}")
    reason = checked_reason(STEPS["accept"], draft.reason)
    kept, companions = _replaced(connection, draft, reader, tools.sealer)
    before, area = _base(connection, draft, reader)
    values = _checked(draft, kept | dict(draft.values or {}), before, tools)
    if draft.operation != "delete":
        made = _try(connection, draft, values, companions, reader, tools)
        area = made if draft.operation == "create" else area
    bound = {
        "layer": layer.name,
        "feature_id": draft.feature_id,
        "operation": draft.operation,
        "values": _json(_masked(layer, values)),
        "sealed": _json(_ciphers(layer, values, tools.sealer)),
        "before": _json(before),
        "base_version": draft.row_version,
        "area_code": area,
        "reason": reason,
        "login": reader.login,
        "replaces": draft.replaces,
        "also": json.dumps([as_kept(each) for each in companions], ensure_ascii=False),
    }
    try:
        return int(connection.execute(_INSERT, bound).scalar_one())
    except IntegrityError as error:
        raise Conflict("a proposal of yours for this row is waiting; replace or withdraw it") from (
            error
        )


def accept(
    connection: Connection,
    proposal_id: int,
    reader: Reader,
    tools: Tools,
    *,
    correction: Mapping[str, Any] | None = None,
    row_version: int | None = None,
    decision: str | None = None,
) -> int:
    """Writes what is proposed, with `correction` in place of its values; the id of the row.

    `row_version` is the version that whoever decides has seen: what was proposed over an earlier
    one is written over that. Row, history and state of the proposal are one transaction.

    Raises: Forbidden, Conflict, NotFound; Stale when the row has moved on; Invalid.
    """
    step, proposal = STEPS["accept"], _locked(connection, proposal_id)
    check_step(step, reader, proposal)
    told = checked_reason(step, decision)
    layer, corrected = proposal.about, dict(correction or {})
    if proposal.operation == "delete" and corrected:
        raise Invalid([Fault(name, "nothing to correct: the row goes") for name in corrected])
    clean = checked_values(layer, corrected, tools.codes, partial=True)
    values = _opened(connection, proposal, tools.sealer) | corrected
    if proposal.operation == "create" and layer.area_from == "given":
        values.setdefault("area_code", proposal.area_code)
    version = row_version if row_version is not None else proposal.base_version
    edit = Edit(layer, proposal.operation, proposal.feature_id, values, row_version=version)
    edits = [edit, *(as_edit(each) for each in proposal.also)]
    row_id, *_ = apply_change(connection, Change(edits, _why(proposal, told)), reader, tools)
    bound = {
        "id": proposal_id,
        "state": step.after,
        "feature_id": row_id,
        "correction": _json(_masked(layer, clean)),
        "decision": told,
        "login": reader.login,
    }
    connection.execute(_ACCEPT, bound)
    return row_id


def give_back(connection: Connection, proposal_id: int, reader: Reader, reason: str | None) -> None:
    """Returns a proposal to who handed it in, with the reason.

    Raises: Invalid without a reason; Forbidden; Conflict; NotFound.
    """
    step, proposal = STEPS["return"], _locked(connection, proposal_id)
    check_step(step, reader, proposal)
    told = checked_reason(step, reason)
    bound = {"id": proposal_id, "state": step.after, "decision": told, "login": reader.login}
    connection.execute(_RETURN, bound)


def withdraw(connection: Connection, proposal_id: int, reader: Reader) -> None:
    """Takes one's own proposal back.

    Raises: Forbidden for another's; Conflict when it is decided; NotFound.
    """
    _close(connection, _locked(connection, proposal_id), "withdraw", reader)


def _close(connection: Connection, proposal: Proposal, name: StepName, reader: Reader) -> None:
    step = STEPS[name]
    check_step(step, reader, proposal)
    connection.execute(_CLOSE, {"id": proposal.id, "state": step.after})


def _locked(connection: Connection, proposal_id: int) -> Proposal:
    row = connection.execute(_LOCKED, {"id": proposal_id}).one_or_none()
    if row is None:
        raise NotFound(f"no proposal {proposal_id}")
    return Proposal(*row)


def _replaced(
    connection: Connection, draft: Draft, reader: Reader, sealer: Sealer
) -> tuple[dict[str, Any], Sequence[Edit]]:
    """Closes the proposal that this one is for; its sensitive values and companions go over."""
    if draft.replaces is None:
        return {}, draft.also
    earlier = _locked(connection, draft.replaces)
    check_step(STEPS["replace"], reader, earlier)
    same = (draft.layer.name, draft.operation, draft.feature_id)
    if (earlier.layer, earlier.operation, earlier.feature_id) != same:
        raise Invalid([Fault("replaces", f"proposal {earlier.id} is about something else")])
    opened = _opened(connection, earlier, sealer)
    _close(connection, earlier, "replace", reader)
    kept = {name: opened[name] for name in draft.layer.sensitive_fields if name in opened}
    return kept, draft.also or [as_edit(each) for each in earlier.also]


def _base(connection: Connection, draft: Draft, reader: Reader) -> tuple[dict[str, Any], str]:
    """The row as it is, masked, and its area; nothing for one that is to be made."""
    layer, row_id = draft.layer, draft.feature_id
    if draft.operation == "create" or row_id is None or layer.propose is None:
        return {}, ""
    found = find_feature(connection, layer, reader, row_id)
    if not reader.covers(layer.propose, found.area_code):
        raise Forbidden(f"{layer.name}/{row_id} lies outside the areas you may propose in")
    if draft.row_version != found.row_version:
        raise Stale(layer.name, row_id, draft.row_version or 0, found.row_version)
    properties = json.loads(found.feature)["properties"]
    return {name: value for name, value in properties.items() if name != "row_version"}, (
        found.area_code
    )


def _checked(
    draft: Draft, given: Mapping[str, Any], before: Mapping[str, Any], tools: Tools
) -> dict[str, Any]:
    """The values in the columns' types, as JSON has them; of an update those that differ."""
    layer = draft.layer
    if draft.operation == "delete":
        if given:
            raise Invalid([Fault(name, "nothing to say: the row goes") for name in given])
        return {}
    is_update = draft.operation == "update"
    clean = checked_values(layer, given, tools.codes, partial=is_update)
    told = {name: _as_json(value) for name, value in clean.items()}
    if is_update:
        told = changed_values(told, before, layer.sensitive_fields)
        if not told:
            raise Invalid([Fault("", "nothing to change: all is as it was")])
    return told


def _try(
    connection: Connection,
    draft: Draft,
    values: Mapping[str, Any],
    companions: Sequence[Edit],
    reader: Reader,
    tools: Tools,
) -> str:
    """Writes and takes it back, so that a proposal has the faults that writing has; its area."""
    layer, right = draft.layer, draft.layer.propose
    assert right is not None
    writer = reader.as_if(layer.write, right)
    edit = Edit(layer, draft.operation, draft.feature_id, values, row_version=draft.row_version)
    point = connection.begin_nested()
    try:
        connection.execute(
            text("SELECT set_config('wangge.scope', :scope, true)"),
            {"scope": scope_setting(writer)},
        )
        row_id, *_ = apply_change(connection, Change([edit, *companions]), writer, tools)
        area = text(f"SELECT area_code FROM {layer.qualified_table} WHERE id = :id")
        return str(connection.execute(area, {"id": row_id}).scalar_one_or_none() or "")
    finally:
        point.rollback()


def _opened(connection: Connection, proposal: Proposal, sealer: Sealer) -> dict[str, Any]:
    """The values as they were handed in, to be written; never told to anybody."""
    sealed = connection.execute(_SEALED, {"id": proposal.id}).scalar_one_or_none() or {}
    opened = {
        name: sealer.open(f"{proposal.layer}.{name}", bytes.fromhex(cipher))
        for name, cipher in sealed.items()
    }
    return dict(proposal.values) | opened


def _masked(layer: Layer, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: mask(layer.fields[name].mask or "hidden", value)
        if value and name in layer.sensitive_fields
        else _as_json(value)
        for name, value in values.items()
    }


def _ciphers(layer: Layer, values: Mapping[str, Any], sealer: Sealer) -> dict[str, str]:
    return {
        name: sealer.seal(f"{layer.name}.{name}", values[name]).hex()
        for name in layer.sensitive_fields
        if values.get(name)
    }


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False)


def _why(proposal: Proposal, decision: str | None) -> str:
    """Why a row changed, for its history, whose actor is who accepted it."""
    reasons = "；".join(filter(None, (proposal.reason, decision)))
    return f"{proposal.proposed_by} 提交（#{proposal.id}）" + (f"：{reasons}" if reasons else "")
