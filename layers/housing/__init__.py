"""Houses: compounds, buildings, entrances, dwellings, rentals, addresses."""
