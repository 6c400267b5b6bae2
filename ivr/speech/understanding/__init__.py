"""What spoken Russian means: numerals, yes and no, dates, amounts, commands, choices. Pure and at once."""

from ivr.speech.understanding.confirmation import yes_no
from ivr.speech.understanding.numerals import digits
from ivr.speech.understanding.russian import RussianUnderstanding
from ivr.speech.understanding.settings import UnderstandingSettings

__all__ = ["RussianUnderstanding", "UnderstandingSettings", "digits", "yes_no"]
