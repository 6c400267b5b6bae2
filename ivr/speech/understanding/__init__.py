"""What spoken Russian means: numerals, yes and no, dates, amounts, commands, choices. Pure and at once."""

from ivr.speech.understanding.confirmation import yes_no
from ivr.speech.understanding.numerals import digits

__all__ = ["digits", "yes_no"]
