"""Delete a job in a terminal state: its media, and the personal data in its record."""
