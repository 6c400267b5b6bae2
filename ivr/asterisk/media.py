"""What the network did to the sound of each telephone: Asterisk's RTCP figures, told at the end of a leg.

The dialplan asks them of the channel that ends (`CHANNEL(rtcp,…)` in `[leg-media]`) and raises one event.
The manager's own `RTCPSent` and `RTCPReceived` would be an event a direction every five seconds, as dear as
the call. Both know nothing of packets that are lost after the last report, up to five seconds before the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import structlog

from ivr.asterisk.ami import AmiLink, Event
from ivr.calls.lines import Lines
from ivr.dialogue.ports import Clock
from ivr.kpi.network import LegMedia, Link

log = structlog.get_logger(__name__)

MEDIA_EVENT: Final = "IvrMedia"
"""User event of the dialplan for a channel that ends (asterisk-conf/extensions.conf.j2)."""

_COUNT: Final = re.compile(r"(\w+)=(\d+)")
_TRUNK: Final = "PJSIP/trunk-"
_MOST_PACKETS: Final = 2**31
"""A count beyond it is a negative one: a telephone has begun its numbers anew."""


class MediaWatch:
    """Hears of ended legs."""

    def __init__(self, link: AmiLink, lines: Lines, told: Callable[[LegMedia], None], clock: Clock) -> None:
        """Subscribe; `told` takes what is found."""
        self._lines = lines
        self._told = told
        self._clock = clock
        link.on("UserEvent", self._ended, {"UserEvent": {MEDIA_EVENT}})

    def _ended(self, event: Event) -> None:
        media = self._read(event)
        if media is not None:
            self._told(media)

    def _read(self, event: Event) -> LegMedia | None:
        counts = {name: int(value) for name, value in _COUNT.findall(event["Counts"])}
        try:
            delay = float(event["RoundTrip"] or 0) / 2
            received, lost = counts["rxcount"], counts["lp"]
            sent, lost_there = counts["txcount"], counts["rlp"]
        except (ValueError, KeyError):
            log.warning("media.not_understood")
            return None
        if not received or max(lost, lost_there) >= _MOST_PACKETS:
            return None
        line = self._lines.by_name(event["Line"])
        answered = delay > 0
        return LegMedia(
            leg_id=event["Uniqueid"],
            call_id=event["CallId"],
            line=line.name if line else "",
            profile=line.profile if line else "",
            link=Link.TRUNK if event["Channel"].startswith(_TRUNK) else Link.WORKPLACE,
            at=self._clock.now(),
            packets=received + lost + (sent if answered else 0),
            lost=lost + (min(lost_there, sent) if answered else 0),
            delay_seconds=delay if answered else None,
        )
