"""How the district stands: totals by area, and rates of cases."""
