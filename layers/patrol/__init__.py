"""Staff on duty and registered vehicles: positions and last positions."""
