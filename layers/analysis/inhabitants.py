"""Who lives in the buildings that a question finds, and the audit line of each such question."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from layers.analysis.matching import lies, matching
from layers.analysis.place import Place
from layers.analysis.question import Question
from layers.core.errors import Fault, Invalid
from layers.core.looks import PERSONAL, record_look
from layers.core.rights import Right
from layers.core.scope import Reader
from layers.housing.building import BUILDINGS
from layers.people.figures import ResidentFigures, find_resident_figures
from layers.people.person import PERSONS

ASKED = "question"


def find_inhabitants(
    connection: Connection, question: Question, place: Place, reader: Reader
) -> ResidentFigures:
    """Residents of the buildings found, by sex, age and register; written to the audit log.

    The connection must be in a `reader_transaction` of the reader.

    Raises: Forbidden without the right to see persons; Invalid for a question of another layer.
    """
    if question.layer is not BUILDINGS:
        reason = f"residents are counted in {BUILDINGS.name}, not in {question.layer.name}"
        raise Invalid([Fault("layer", reason)])
    found = matching(question, place, reader)
    where = f"f.building_id IN (SELECT t.id FROM {found.source} WHERE {found.where})"
    if question.part == "centre" and not question.conditions and "subjects" not in found.values:
        where = lies(question, "f.spot")  # the same buildings, found without reading one
    before = "".join(f"{each}, " for each in found.before)
    figures = find_resident_figures(connection, reader, where, found.values, before)
    detail = _detail(question, place, {"residents": figures.residents})
    record_look(connection, reader, PERSONS, ASKED, Right.PEOPLE_READ, detail)
    return figures


def record_question(
    connection: Connection, question: Question, place: Place, reader: Reader, returned: int
) -> None:
    """Logs a question that lists rows about persons; nothing for other layers."""
    layer = question.layer
    if layer.read in PERSONAL:
        detail = _detail(question, place, {"returned": returned})
        record_look(connection, reader, layer, ASKED, layer.read, detail)


def _detail(question: Question, place: Place, figures: Mapping[str, int]) -> dict[str, Any]:
    """The question as the log keeps it: of a drawing the box is enough."""
    told = question.told()
    if "geometry" in told["subject"]:
        told["subject"] = {"box": [round(edge, 6) for edge in place.ground.bounds]}
    return {"question": told, **figures}
