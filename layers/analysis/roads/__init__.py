"""Along roads: what is reached from a place, and what is nearest to it."""
