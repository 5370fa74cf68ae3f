"""Find the user of an API key, for the HTTP API."""
