"""How callers are understood, as the settings want it."""

from __future__ import annotations

from ivr.dialogue.ports import Clock, Understanding
from ivr.settings import Settings
from ivr.speech.understanding.russian import RussianUnderstanding


def understanding(settings: Settings, clock: Clock) -> Understanding:
    """Spoken Russian, with days counted from the clock's."""
    return RussianUnderstanding(settings.understanding, lambda: clock.now().date())
