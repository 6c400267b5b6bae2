"""What subscribers write back by SMS: a word such as «стоп» is a refusal of SMS."""

from __future__ import annotations

from collections.abc import Collection

import structlog

from ivr.campaigns.channels.model import Channel
from ivr.campaigns.rules.refusals import Refusals

log = structlog.get_logger(__name__)
_BY = "sms"


class Replies:
    """Takes what is written back; other words are counted in the log and not kept."""

    def __init__(self, refusals: Refusals, stop_words: Collection[str]) -> None:
        self._refusals = refusals
        self._stop_words = frozenset(_plain(word) for word in stop_words)

    async def take(self, number: str, text: str) -> None:
        """Honour a refusal at once; on disk when it returns. Raises StoreUnavailable."""
        stops = _plain(text) in self._stop_words
        if stops:
            await self._refusals.refuse(number=number, scope=Channel.SMS.value, source=_BY, by=_BY)
        log.info("message.reply", refusal=stops)


def _plain(text: str) -> str:
    return text.strip(" \t\r\n.!»«\"'").casefold()
