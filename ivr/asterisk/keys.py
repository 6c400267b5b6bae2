"""Routes the keys that Asterisk tells the manager of to the call that they were pressed in."""

from __future__ import annotations

from weakref import WeakValueDictionary

from ivr.asterisk.agi.news import MARK_EVENT, KeyNews
from ivr.asterisk.ami import AmiLink, Event, Snapshot

_RECEIVED = {"Direction": {"Received"}}
_MARK = {"UserEvent": {MARK_EVENT}}


class KeyWatch:
    """Knows which calls are conducted now. Keys are personal data: they are passed on and never logged."""

    def __init__(self, link: AmiLink) -> None:
        """Subscribe. Args: link, Asterisk's events."""
        self._calls: WeakValueDictionary[str, KeyNews] = WeakValueDictionary()
        link.on_resync(self._missed)
        link.on("DTMFBegin", self._began, _RECEIVED)
        link.on("DTMFEnd", self._ended, _RECEIVED)
        link.on("UserEvent", self._marked, _MARK)

    def follow(self, unique_id: str) -> KeyNews:
        """The keys of a channel from now on, for as long as somebody holds them."""
        keys = self._calls[unique_id] = KeyNews(watched=True)
        return keys

    def _began(self, event: Event) -> None:
        if keys := self._calls.get(event["Uniqueid"]):
            keys.began(event["Digit"])

    def _ended(self, event: Event) -> None:
        if keys := self._calls.get(event["Uniqueid"]):
            keys.ended(event["Digit"], _seconds(event["DurationMs"]))

    def _marked(self, event: Event) -> None:
        if keys := self._calls.get(event["Uniqueid"]):
            keys.marked(event["Mark"])

    def _missed(self, _snapshot: Snapshot) -> None:
        for keys in self._calls.values():
            keys.missed()


def _seconds(milliseconds: str) -> float:
    return int(milliseconds) / 1000 if milliseconds.isdecimal() else 0.0
