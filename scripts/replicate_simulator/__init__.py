"""A local stand-in for Replicate's HTTP API that makes real media and can be told to misbehave."""
