"""Redis: what may be gone at any moment, and what containers tell each other."""
