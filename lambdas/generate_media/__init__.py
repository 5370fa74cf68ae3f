"""Accepts a request for media and hands it to Replicate."""
