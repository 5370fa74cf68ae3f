"""From what Replicate made to files that can be stored: used by process_webhook only."""
