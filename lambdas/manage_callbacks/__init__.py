"""Show clients the deliveries of their callbacks, repeat them, and manage the signing secrets."""
