"""The few AWS calls the functions make, signed here and sent over urllib3."""
