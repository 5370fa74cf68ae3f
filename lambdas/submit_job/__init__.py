"""Sends the jobs that could not be sent when they were accepted."""
