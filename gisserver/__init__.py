"""How the city is served: HTTP, OGC APIs, tiles, live messages, and the command line."""
