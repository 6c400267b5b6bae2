"""Voices: text → sound, behind one protocol."""

from __future__ import annotations

from typing import Protocol

from ivr.errors import Fault


class SpeechUnavailable(Fault):
    """A phrase could not be made, or not in time."""


class VoiceMissing(SpeechUnavailable):
    """The voice is not there at all: no phrase can be made."""


class Voice(Protocol):
    """Speaks Russian."""

    @property
    def id(self) -> str:
        """Changes whenever the same text would sound different."""

    async def synthesise(self, text: str) -> bytes:
        """One phrase as a mono 16-bit WAV of 8 kHz.

        Args:
            text: As `ivr.speech.russian.read_aloud` writes it.

        Raises:
            SpeechUnavailable: The voice is missing or failed.
        """

    async def close(self) -> None:
        """End what runs in the background."""
