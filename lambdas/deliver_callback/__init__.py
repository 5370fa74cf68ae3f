"""Tells clients that their jobs have ended."""
