"""Access: who sends a request, and with which API key."""
