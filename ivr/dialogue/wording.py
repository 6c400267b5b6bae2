"""Fragments of speech as one line of text, for transcripts."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPACE_BEFORE_SIGN = re.compile(r"\s+(?=[,.;:!?…])")


def run_on(texts: Iterable[str]) -> str:
    """The texts one after another, signs close to the word before them."""
    return _SPACE_BEFORE_SIGN.sub("", " ".join(texts))
