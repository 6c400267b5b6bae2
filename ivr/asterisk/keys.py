"""Routes the keys that Asterisk tells the manager of to the call that they were pressed in."""

from __future__ import annotations

from weakref import WeakValueDictionary

from ivr.asterisk.agi.ahead import TypedAhead
from ivr.asterisk.ami import AmiLink, Event, Snapshot

_RECEIVED = {"Direction": {"Received"}}


class KeyWatch:
    """Knows which calls are conducted now. Keys are personal data: they are passed on and never logged."""

    def __init__(self, link: AmiLink) -> None:
        """Subscribe. Args: link, Asterisk's events."""
        self._calls: WeakValueDictionary[str, TypedAhead] = WeakValueDictionary()
        link.on_resync(self._missed)
        link.on("DTMFEnd", self._pressed, _RECEIVED)

    def follow(self, unique_id: str) -> TypedAhead:
        """The keys of a channel from now on, for as long as somebody holds them."""
        keys = self._calls[unique_id] = TypedAhead()
        return keys

    def _pressed(self, event: Event) -> None:
        keys = self._calls.get(event["Uniqueid"])
        if keys is not None:
            keys.pressed(event["Digit"])

    def _missed(self, _snapshot: Snapshot) -> None:
        for keys in self._calls.values():
            keys.reset()
