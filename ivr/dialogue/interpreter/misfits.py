"""Answers that are none."""


class NoMatch(Exception):
    """What was pressed or said is no answer to the question."""
