"""What is past its term, for auditors: figures by rule. Only the command line erases."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from gisserver.context import require, services
from gisserver.parameters import take_parameters
from layers.core.database import STATEMENT_TIMEOUT_MS, owner_transaction
from layers.core.rights import Right
from layers.privacy.retention import Due, due_by_rule
from layers.privacy.retention_rules import LEAST_MONTHS

blueprint = Blueprint("retention", __name__, url_prefix="/api/privacy")


@blueprint.get("/retention")
def figures() -> Response:
    """What each rule would touch today in the reader's areas."""
    take_parameters(request)
    reader = require(Right.AUDIT_READ)
    # An auditor sees none of these rows, only how many there are.
    with owner_transaction(services().engine) as connection:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {STATEMENT_TIMEOUT_MS}")
        found = due_by_rule(connection, reader.scope(Right.AUDIT_READ))
    return jsonify({"rules": [_rule(each) for each in found]})


def _rule(due: Due) -> dict[str, object]:
    return {
        "name": due.rule.name,
        "action": due.rule.action,
        "months": due.rule.months,
        "least_months": LEAST_MONTHS[due.rule.name],
        "basis": due.rule.basis,
        "rows": due.rows,
        "oldest": due.oldest.isoformat() if due.oldest else None,
    }
