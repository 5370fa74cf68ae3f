"""Build, measure and upload the zips of the functions and layers."""
