"""Calls a second, kept at the very moment of the order."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ivr.campaigns.pacing.limits import RateWindow
from ivr.dialogue.ports import Clock

STEP_SECONDS = 0.02
"""Pause before it is tried again, seconds."""


class Turnstile:
    """Lets calls through; between the choice of a trunk and the order lies a write that may take a while."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._windows: dict[tuple[str, float], RateWindow] = {}

    def free(self, name: str, per_second: float, ahead: float) -> int:
        """How many of this name may pass within so many seconds, if none does before."""
        return self._window(name, per_second).free(self._clock.monotonic() + ahead)

    async def passes(self, rates: Mapping[str, float], go: Callable[[], bool]) -> bool:
        """Wait until one more may pass.

        Args:
            rates: Calls a second, by what they hold for; all hold at once.
            go: Whether it is still wanted.

        Returns:
            False, and nothing has passed: it is not wanted any more.
        """
        windows = [self._window(name, rate) for name, rate in rates.items()]
        while go():
            now = self._clock.monotonic()
            if all(window.free(now) for window in windows):
                for window in windows:
                    window.take(now, 1)
                return True
            await self._clock.sleep(STEP_SECONDS)
        return False

    def _window(self, name: str, per_second: float) -> RateWindow:
        return self._windows.setdefault((name, per_second), RateWindow(per_second))
