"""docs/openapi.json and docs/errors.md: what the API promises, from the rooms' fragments and the error classes."""
