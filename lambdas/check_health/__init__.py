"""Report the health of the service and of each of its parts."""
