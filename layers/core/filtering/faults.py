"""What is wrong with a filter, and how large one may be."""

from layers.core.errors import Fault, Invalid

MAX_CHARACTERS = 200_000
MAX_DEPTH = 32
MAX_NODES = 2_000
MAX_VERTICES = 10_000
MAX_COLLECTION_VERTICES = 500
MAX_NUMBER_CHARACTERS = 64


def refused(reason: str) -> Invalid:
    """The error of a filter that cannot be answered, saying why."""
    return Invalid([Fault("filter", reason)])
