"""Positions on their way in: the devices' protocol, their tokens, and one writer a process."""
