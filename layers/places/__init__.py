"""Places: key sites, facilities, components, cameras, organisations."""
