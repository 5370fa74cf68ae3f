"""Requests to AWS, recorded in the emulator and checked against the rules that AWS documents."""
