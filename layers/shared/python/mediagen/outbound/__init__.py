"""Requests to addresses that clients name, guarded against SSRF."""
