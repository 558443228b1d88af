"""The platform beside its peers: same tables, same questions, same load, one table of figures."""
