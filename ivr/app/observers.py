"""Carries what the rooms tell of themselves to the metrics."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ivr.asterisk.ami import LinkState, Unobserved
from ivr.dialogue.ports import Fragment
from ivr.kpi.metrics import Metrics
from ivr.speech.library import PromptLibrary


class AmiMetrics(Unobserved):
    """What the manager links tell."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def state_changed(self, session: str, state: LinkState) -> None:
        """The session is in another state."""
        self._metrics.ami_up(session, state is LinkState.UP)

    def reconnected(self, session: str) -> None:
        """The session is up again."""
        self._metrics.ami_reconnected(session)


class CountedPrompts:
    """The prompt library, with what it is asked for counted."""

    def __init__(self, library: PromptLibrary, metrics: Metrics) -> None:
        self._library = library
        self._metrics = metrics

    def ready(self, fragments: Sequence[Fragment], *, slow: bool = False) -> bool:
        """As `PromptLibrary.ready`."""
        return self._library.ready(fragments, slow=slow)

    async def sounds(self, fragments: Sequence[Fragment], *, slow: bool = False) -> Sequence[str]:
        """As `PromptLibrary.sounds`."""
        if self._library.ready(fragments, slow=slow):
            self._metrics.prompt_cached()
            return await self._library.sounds(fragments, slow=slow)
        begun = time.monotonic()
        try:
            sounds = await self._library.sounds(fragments, slow=slow)
        except Exception:
            self._metrics.prompt_failed()
            raise
        self._metrics.prompt_synthesised(time.monotonic() - begun)
        return sounds
