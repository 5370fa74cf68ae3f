"""What a person can put right, said in one line."""


class SetupProblem(Exception):
    """The command cannot go on; the message is one line that says what to do."""
