"""What is kept of each campaign that dials: its pace, its guard, and how fast its targets end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from ivr.campaigns.dialling.guard import Guard
from ivr.campaigns.dialling.pacer import Pacer
from ivr.campaigns.dispositions import Way
from ivr.campaigns.model import Disposition

_LATELY = 900.0
_REMEMBERED = 10_000


@dataclass(slots=True)
class Overseer:
    """Of one campaign, from its start to its pause or end in this life of the engine.

    Attributes:
        since: When it began to dial, seconds of `Clock.monotonic`.
        ended: When its targets ended of late.
        nobody_until: Nobody was due; until then nobody is asked for.
    """

    pacer: Pacer
    guard: Guard
    since: float
    ended: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    nobody_until: float = 0.0

    def attempt_ended(self, trunk: str, disposition: Disposition, way: Way) -> None:
        """An attempt has ended; the pacer has been told already."""
        self.guard.ended(trunk, disposition)
        if way.queue and self.pacer.look():
            self.guard.abandoned(self.pacer.ledger.share, self.pacer.bound)

    def targets_per_second(self, now: float) -> float | None:
        """How fast targets end, over the last quarter of an hour; None: not known yet."""
        while self.ended and now - self.ended[0] > _LATELY:
            self.ended.popleft()
        span = min(_LATELY, now - self.since)
        return len(self.ended) / span if self.ended and span > 0 else None


class Overseers:
    """By campaign."""

    def __init__(self) -> None:
        self._by_campaign: dict[int, Overseer] = {}

    def __iter__(self) -> Iterator[int]:
        return iter(tuple(self._by_campaign))

    def of(self, campaign_id: int) -> Overseer | None:
        """None while it does not dial."""
        return self._by_campaign.get(campaign_id)

    def put(self, campaign_id: int, overseer: Overseer) -> None:
        """It begins to dial."""
        self._by_campaign[campaign_id] = overseer

    def drop(self, campaign_id: int) -> None:
        """It dials no more."""
        self._by_campaign.pop(campaign_id, None)
