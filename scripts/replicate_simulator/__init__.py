"""A local simulator of Replicate's HTTP API, with real media and injectable faults."""
