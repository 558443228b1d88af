"""Coverages: values on grids, cut out, scaled, brought to other systems, encoded and drawn."""
