"""Values and written Russian → what is spoken."""

from ivr.speech.russian.digits import PAUSE
from ivr.speech.russian.filters import finite_pieces, formatters
from ivr.speech.russian.writing import read_aloud, unspeakable

__all__ = ["PAUSE", "finite_pieces", "formatters", "read_aloud", "unspeakable"]
