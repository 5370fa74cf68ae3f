"""Finds the user an API key belongs to, for the HTTP API."""
