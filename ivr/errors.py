"""The one kind of error that a person is meant to read."""

from dataclasses import dataclass


@dataclass
class Fault(Exception):
    """Something that a person can mend.

    Attributes:
        what: What is wrong, a full sentence.
        where: File, setting, port or row that it concerns, or an empty string.
        fix: How to mend it, a full sentence, or an empty string.
    """

    what: str
    where: str = ""
    fix: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        mend = f" {self.fix}" if self.fix else ""
        return f"{place}{self.what}{mend}"
