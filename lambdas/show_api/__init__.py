"""Serve the OpenAPI document, and a page that renders it."""
