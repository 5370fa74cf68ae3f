"""Replicate: its HTTP API, the outcomes of create calls, webhook signatures."""
