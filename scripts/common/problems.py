"""Errors that a person can fix, described in one line."""


class SetupProblem(Exception):
    """The command cannot continue; the message is one line with the remedy."""
