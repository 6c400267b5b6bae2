"""Which channel belongs to which call, and what it is there: one map for all who watch and act.

A channel is named by its unique id, which every action of the manager takes in place of the name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ivr.calls.legs import LegEnd, LegRole

LISTENER_VARIABLE: Final = "IVR_LISTENS"
"""Of the channel of a supervisor who listens to a talk: the operator's leg."""

SNAPSHOT_VARIABLES: Final = (
    "CALL_ID",
    "IVR_LINE",
    "IVR_ROLE",
    "IVR_ORDER",
    "IVR_FOR",
    "IVR_ANSWERED",
    LISTENER_VARIABLE,
)
"""Channel variables from which the map is made again; the dialplan and our orders set them."""

LINE_ROLE: Final = "line"
"""`IVR_ROLE` of an operator's second line."""

_OUTGOING: Final = frozenset({LegRole.OUT, LegRole.CALLBACK})


@dataclass(slots=True, kw_only=True)
class PhoneChannel:
    """A telephone that rings or talks for a call.

    Attributes:
        channel_id: Asterisk's unique id, and so the id of the leg.
        role: Why it was rung; None: an operator's second line, on which he consults, is no leg.
        device: Asterisk's name of the telephone, or an empty string for numbers outside.
        answered: Whether it was.
        order_id: Order that it was dialled for, or an empty string.
        consults_for: Of a second line: the operator's leg.
        asked: Whether its own side wants to hang up.
        expected: How the leg will have ended, when we end it.
    """

    channel_id: str
    call_id: str
    role: LegRole | None
    device: str = ""
    answered: bool = False
    order_id: str = ""
    consults_for: str = ""
    asked: bool = False
    expected: LegEnd | None = None


class CallChannels:
    """The channels of all calls that go on."""

    def __init__(self) -> None:
        self._callers: dict[str, str] = {}
        self._caller_of: dict[str, str] = {}
        self._phones: dict[str, PhoneChannel] = {}
        self._unmet: set[str] = set()
        self._losses: dict[str, float] = {}

    @property
    def callers(self) -> int:
        """Number of channels that carry a caller."""
        return len(self._callers)

    # --- callers -----------------------------------------------------------------------------------------

    def bind(self, channel_id: str, call_id: str) -> None:
        """The caller's channel of a call; of an outgoing call that of the client who has answered."""
        self._callers[channel_id] = call_id
        self._caller_of[call_id] = channel_id
        self._unmet.discard(call_id)

    def call_of(self, channel_id: str) -> str | None:
        """The call whose caller this is."""
        return self._callers.get(channel_id)

    def caller(self, call_id: str) -> str | None:
        """The caller's channel."""
        return self._caller_of.get(call_id)

    def caller_gone(self, channel_id: str) -> str | None:
        """Forget a caller's channel; gives the call that has ended so, or None."""
        call_id = self._callers.pop(channel_id, None)
        if call_id is None or self._caller_of.get(call_id) != channel_id:
            return None
        del self._caller_of[call_id]
        return call_id

    # --- telephones --------------------------------------------------------------------------------------

    def add(self, phone: PhoneChannel) -> PhoneChannel:
        """A telephone is rung."""
        self._phones[phone.channel_id] = phone
        if phone.role in _OUTGOING and phone.call_id not in self._caller_of:
            self._unmet.add(phone.call_id)
        return phone

    def phone(self, channel_id: str) -> PhoneChannel | None:
        """What is known of a telephone's channel."""
        return self._phones.get(channel_id)

    def phones(self, call_id: str) -> list[PhoneChannel]:
        """All telephones of a call, the oldest first."""
        return [phone for phone in self._phones.values() if phone.call_id == call_id]

    def line_of(self, leg_id: str) -> PhoneChannel | None:
        """The second line on which the operator of a leg consults."""
        return next((phone for phone in self._phones.values() if phone.consults_for == leg_id), None)

    def consulted(self, line: PhoneChannel) -> PhoneChannel | None:
        """Who has answered a consultation."""
        return next(
            (
                phone
                for phone in self._phones.values()
                if phone.role is LegRole.CONSULT and phone.answered and phone.order_id == line.order_id
            ),
            None,
        )

    def phone_gone(self, channel_id: str) -> PhoneChannel | None:
        """Forget a telephone's channel."""
        return self._phones.pop(channel_id, None)

    def unmet_ended(self, call_id: str) -> bool:
        """Whether an outgoing call, whose client never answered, has no telephone left; told once."""
        if call_id not in self._unmet or self.phones(call_id):
            return False
        self._unmet.discard(call_id)
        return True

    def replace_callers(self, callers: dict[str, str]) -> None:
        """After a reconnect: the call by channel of every caller who is there."""
        self._callers = dict(callers)
        self._caller_of = {call_id: channel_id for channel_id, call_id in callers.items()}

    def replace_phones(self, phones: list[PhoneChannel]) -> list[PhoneChannel]:
        """After a reconnect: every telephone that is there; gives those that are no longer."""
        there = {phone.channel_id for phone in phones}
        gone = [phone for phone in self._phones.values() if phone.channel_id not in there]
        self._phones = {}
        self._unmet = {call_id for call_id in self._unmet if call_id not in self._caller_of}
        for phone in phones:
            self.add(phone)
        return gone

    # --- pages that vanish -------------------------------------------------------------------------------

    def expect_loss(self, device: str, until: float) -> None:
        """Hang-ups of the telephone are a loss until then (monotonic seconds)."""
        self._losses[device] = until

    def loss_expected(self, device: str, now: float) -> bool:
        """Whether a hang-up of the telephone is a loss now."""
        self._losses = {name: until for name, until in self._losses.items() if until > now}
        return device in self._losses
