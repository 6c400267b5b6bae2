"""Versions of Asterisk, and which of them are good enough."""

from __future__ import annotations

import re
from typing import NamedTuple

_VERSION = re.compile(r"Asterisk (?:certified/)?(\d+)\.(\d+)(?:\.(\d+))?")


class Version(NamedTuple):
    """A version of Asterisk."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """The version in the answer of `asterisk -V`, or None when it names none."""
        found = _VERSION.search(text)
        return cls(*(int(part or 0) for part in found.groups())) if found else None

    @property
    def sufficient(self) -> bool:
        """Whether it has what is used here: manager event filters by name, and app_audiosocket's fixes."""
        oldest = {20: 14, 22: 4}
        return self.major > 22 or self.minor >= oldest.get(self.major, 10_000)

    def __str__(self) -> str:
        return ".".join(str(part) for part in self)


TESTED = Version(22, 10, 1)
