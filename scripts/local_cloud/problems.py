"""What a person can put right, said in one line."""


class SetupProblem(Exception):
    """The local cloud cannot go on; the message is one line that says what to do."""
