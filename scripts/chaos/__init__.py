"""Chaos test of a local cloud: kill or empty its servers under steady load, then compare every store."""
