"""People: persons, residences, registers, care records."""
