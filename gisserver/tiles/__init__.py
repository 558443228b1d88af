"""Vector tiles for the viewer: made by the database, kept here per version and scope."""
