"""What the local cloud and the deploy commands both need."""
