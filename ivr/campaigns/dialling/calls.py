"""The calls that this dialer has under way, from the claim of a target to the end of its call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from ivr.campaigns.dispositions import Way
from ivr.campaigns.model import Attempt, Campaign, Disposition, Target


class Stage(StrEnum):
    """How far a call is."""

    CLAIMED = "claimed"
    """The target is ours; whether it is called at all is being found out."""

    ORDERED = "ordered"
    """The attempt is written, and the call is ordered or about to be."""

    ANSWERED = "answered"
    REACHED = "reached"
    CONNECTED = "connected"


@dataclass(slots=True, eq=False)
class Call:
    """One call. Moments are seconds of `Clock.monotonic`.

    Attributes:
        campaign: As it was when the target was claimed.
        target: Who is called.
        began: When the target was claimed; from the order on, when it was ordered.
        attempt: None until it is written.
        trunk: Empty until one is taken.
        in_doubt: Nobody knows whether the exchange has taken the order.
        missing_since: Since when the exchange seems not to have it; None: it has it, or may have it.
        ends_by: When an unanswered call must have ended by itself.
        hanging_up: We have asked for its end.
        operator: Login of the one who has chosen to call, or empty.
        disposition: How it has ended, once that is known.
    """

    campaign: Campaign
    target: Target
    began: float
    attempt: Attempt | None = None
    trunk: str = ""
    stage: Stage = Stage.CLAIMED
    reached_at: float | None = None
    connected_at: float | None = None
    in_doubt: bool = False
    missing_since: float | None = None
    ends_by: float | None = None
    hanging_up: bool = False
    operator: str = ""
    disposition: Disposition | None = None

    @property
    def campaign_id(self) -> int:
        """Whose target it is."""
        return self.target.campaign_id

    @property
    def queue(self) -> str:
        """Of the operators who take it; empty: the robot talks."""
        return self.campaign.queue

    @property
    def way(self) -> Way:
        """How far it came with the operators."""
        return Way(
            queue=bool(self.queue),
            reached=self.reached_at is not None,
            connected=self.connected_at is not None,
        )


class Calls:
    """All of them, by target and by attempt."""

    def __init__(self, over: Callable[[Call], None] = lambda call: None) -> None:
        """Args: over, told of each call that is dropped."""
        self._over = over
        self._by_target: dict[int, Call] = {}
        self._by_attempt: dict[str, Call] = {}
        self.busy: Counter[str] = Counter()
        """Lines in use by trunk."""

    def __iter__(self) -> Iterator[Call]:
        return iter(tuple(self._by_target.values()))

    def __len__(self) -> int:
        return len(self._by_target)

    def add(self, call: Call) -> None:
        """A target was claimed, or an attempt of an earlier life was found."""
        self._off(call.target.target_id)
        self._by_target[call.target.target_id] = call
        if call.trunk:
            self.busy[call.trunk] += 1
        if call.attempt is not None:
            self._by_attempt[call.attempt.attempt_id] = call

    def on_trunk(self, call: Call, trunk: str) -> None:
        """It has a line of a trunk now."""
        call.trunk = trunk
        self.busy[trunk] += 1

    def written(self, call: Call, attempt: Attempt) -> None:
        """Its attempt is in the book."""
        call.attempt = attempt
        call.stage = Stage.ORDERED
        self._by_attempt[attempt.attempt_id] = call

    def drop(self, call: Call) -> None:
        """It is over."""
        if self._by_target.get(call.target.target_id) is call:
            self._off(call.target.target_id)
        if call.attempt is not None:
            self._by_attempt.pop(call.attempt.attempt_id, None)
        self._over(call)

    def _off(self, target_id: int) -> None:
        gone = self._by_target.pop(target_id, None)
        if gone is not None and gone.trunk:
            self.busy[gone.trunk] -= 1

    def of_attempt(self, attempt_id: str) -> Call | None:
        """The call of an attempt that is under way here."""
        return self._by_attempt.get(attempt_id)

    def of_target(self, target_id: int) -> Call | None:
        """The call to a target that is ours."""
        return self._by_target.get(target_id)

    def of_campaign(self, campaign_id: int) -> list[Call]:
        """Those of one campaign."""
        return [call for call in self._by_target.values() if call.campaign_id == campaign_id]
