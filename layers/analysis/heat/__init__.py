"""Heat of places and hot zones: how much there is where, in which time, by how much more."""
