"""HTTP: events become requests, results become answers."""
