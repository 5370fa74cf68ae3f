"""Creates users and their API keys."""
