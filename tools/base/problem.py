"""How the local tools tell a person that something is wrong."""


class ProblemError(Exception):
    """Something that a person can mend; the message says what was wrong and what to do, in a line or two."""
