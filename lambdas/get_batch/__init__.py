"""Answer the status of a batch."""
