"""How layers look, told in the styles of other programs: made of `paint`, as the viewer's is."""
