"""A mutation run: small changes to what must never be wrong, each of which some test has to notice."""
