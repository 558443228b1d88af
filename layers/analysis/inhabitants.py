"""Who lives in the buildings that a question finds."""

from sqlalchemy import Connection

from layers.analysis.matching import lies, matching
from layers.analysis.place import Place
from layers.analysis.question import Question
from layers.analysis.record import record_inhabitants
from layers.core.errors import Fault, Invalid
from layers.core.scope import Reader
from layers.housing.building import BUILDINGS
from layers.people.figures import ResidentFigures, find_resident_figures


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
    record_inhabitants(connection, question, place, reader, figures.residents)
    return figures
