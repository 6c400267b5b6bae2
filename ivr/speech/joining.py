"""Several pieces → one file: Asterisk's quick commands play one file only."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence

import structlog

from ivr.speech.cache import SoundCache, StorageFault

_log = structlog.get_logger(__name__)


class Joiner:
    """Joins finished prompts by putting their A-law samples one after another, nothing is encoded again.

    A joined file is A-law alone: most calls speak it, and Asterisk turns it into any other codec as it would
    have to turn the WAV; writing the WAV too would triple the work. It may hold account numbers and readings,
    so it always belongs to the bounded, ageing part of the cache, even when all its pieces are pinned.
    """

    def __init__(self, cache: SoundCache, piece_bytes: int) -> None:
        """Join within a cache.

        Args:
            cache: Holds the pieces and the joined files.
            piece_bytes: Most memory for samples of pieces, bytes; the least recently used are let go.
        """
        self._cache = cache
        self._piece_bytes = piece_bytes
        self._pieces: OrderedDict[str, bytes] = OrderedDict()
        self._held_bytes = 0
        self._refused = False

    @property
    def held_bytes(self) -> int:
        """Bytes of the pieces that are held in memory."""
        return self._held_bytes

    def find(self, keys: Sequence[str]) -> str | None:
        """Path without extension of the whole utterance when it is there.

        Args:
            keys: Of its pieces, at least one.
        """
        return self._cache.find(keys[0]) if len(keys) == 1 else self._cache.find_joined(_joined_key(keys))

    def join(self, keys: Sequence[str]) -> str | None:
        """Make the file of an utterance whose pieces were all found just now.

        Returns:
            Its path without extension, or None when the disk refuses: the pieces are then played one by one.
        """
        try:
            path = self._cache.put_joined(_joined_key(keys), b"".join(map(self._samples, keys)))
        except StorageFault as fault:
            if not self._refused:
                _log.warning("prompts_not_joined", reason=str(fault))
            self._refused = True
            return None
        self._refused = False
        return path

    def _samples(self, key: str) -> bytes:
        samples = self._pieces.get(key)
        if samples is not None:
            self._pieces.move_to_end(key)
            return samples
        samples = self._pieces[key] = self._cache.read(key)
        self._held_bytes += len(samples)
        while self._held_bytes > self._piece_bytes:
            self._held_bytes -= len(self._pieces.popitem(last=False)[1])
        return samples


def _joined_key(keys: Sequence[str]) -> str:
    return hashlib.sha256("+".join(keys).encode()).hexdigest()[:32]
