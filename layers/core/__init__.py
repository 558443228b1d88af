"""Parts every room shares: declarations, scope, change, code tables, errors."""
