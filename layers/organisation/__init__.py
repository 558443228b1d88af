"""Who serves: units, staff, accounts."""
