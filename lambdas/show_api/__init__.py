"""Shows what the API promises: its OpenAPI document, and that document as a page."""
