"""The kinds of pacing that need no forecast."""

from __future__ import annotations

from ivr.campaigns.pacing.observed import News, Observed


def within(observed: Observed, wanted: int) -> int:
    """So many as wanted, but none when stopped and never more than there are lines."""
    if observed.stopped:
        return 0
    return max(0, min(wanted, observed.lines))


class Agentless:
    """A campaign that the engine talks by itself: every free line is used."""

    def decide(self, now: float, observed: Observed) -> int:
        """As many as there are lines."""
        return within(observed, observed.lines)

    def note(self, news: News) -> None:
        """There is nothing to learn."""


class Progressive:
    """One call for each operator who waits: whoever answers has his operator."""

    def decide(self, now: float, observed: Observed) -> int:
        """As many as operators for whom nothing is dialled yet."""
        return within(observed, observed.uncovered)

    def note(self, news: News) -> None:
        """There is nothing to learn."""


class Preview:
    """Operators read first and choose whom to call: nothing is dialled ahead."""

    def decide(self, now: float, observed: Observed) -> int:
        """What operators have chosen."""
        return within(observed, observed.chosen)

    def note(self, news: News) -> None:
        """There is nothing to learn."""
