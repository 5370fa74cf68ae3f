"""Answer which models exist, with their input and price."""
