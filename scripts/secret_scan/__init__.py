"""Looks for secrets in what would be committed."""
