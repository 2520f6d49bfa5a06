"""Problems that a person can solve."""


class ProblemError(Exception):
    """A problem that a person can solve; the message says what is wrong and what to do next, in one line."""
