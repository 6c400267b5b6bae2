"""The robot's voice: Russian words for values, voices, the prompt library."""

from ivr.speech.building import build, inventory, open_library
from ivr.speech.library import PromptLibrary
from ivr.speech.russian import finite_pieces, formatters
from ivr.speech.settings import SpeechSettings
from ivr.speech.voices import SpeechUnavailable, Voice

__all__ = [
    "PromptLibrary",
    "SpeechSettings",
    "SpeechUnavailable",
    "Voice",
    "build",
    "finite_pieces",
    "formatters",
    "inventory",
    "open_library",
]
