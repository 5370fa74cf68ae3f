"""Models: catalogue, parameters, health."""
