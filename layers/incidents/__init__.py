"""Located incidents."""
