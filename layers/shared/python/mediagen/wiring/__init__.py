"""Wiring: clients made on first use and kept for the life of the container."""
