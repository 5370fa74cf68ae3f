"""Chaos on a local cloud: its servers are killed and emptied under steady load, and then every store is compared."""
