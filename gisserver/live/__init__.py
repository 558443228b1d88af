"""Changes as they happen: from PostgreSQL's NOTIFY to the streams of those who may see them."""
