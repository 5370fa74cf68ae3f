"""Tells how the service is, and each of its parts."""
