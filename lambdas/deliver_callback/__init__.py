"""Deliver callbacks: tell clients that their jobs are in a terminal state."""
