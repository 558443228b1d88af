"""Where: areas, grids and the basemap."""
