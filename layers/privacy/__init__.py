"""Room of privacy: who looked at whom, warnings, how long what is kept, a subject's own copy."""
