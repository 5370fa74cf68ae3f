"""Manage users, their API keys, and the models of the catalogue."""
