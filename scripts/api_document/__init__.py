"""docs/openapi.json and docs/errors.md: the API's contract, from the functions' fragments and the error classes."""
