"""Who is asking: accounts, passwords, sessions, tokens, HTTP Basic."""
