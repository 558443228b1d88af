"""What the city is: layers, their rules and who may see them. No HTTP, no files."""
