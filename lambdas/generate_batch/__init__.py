"""Accept up to a hundred requests for media at once."""
