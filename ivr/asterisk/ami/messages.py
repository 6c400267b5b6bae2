"""Messages of the manager interface, typed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

RawHeaders = Mapping[str, str | list[str]]

LINE_END = "\r\n"
_UNSET = "(null)"  # what Asterisk reports for a channel variable that is not set


def parse_headers(text: str) -> RawHeaders:
    """Split a message, without its closing empty line, into its headers; repeated ones become a list."""
    pairs = [line.partition(": ") for line in text.split(LINE_END)]
    headers: dict[str, str | list[str]] = {name: value for name, _, value in pairs}
    if len(headers) < len(pairs):
        for name in headers:
            values = [value for key, _, value in pairs if key == name]
            headers[name] = values if len(values) > 1 else values[0]
    return headers


class HeaderLines(Mapping[str, str | list[str]]):
    """Headers as they came, each looked for when it is asked for: handlers read few of them."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        """Args: `text` is a message without its closing empty line."""
        self.text = f"{LINE_END}{text}{LINE_END}"

    def __getitem__(self, name: str) -> str | list[str]:
        values = self._values(name)
        if not values:
            raise KeyError(name)
        return values if len(values) > 1 else values[0]

    def first(self, name: str) -> str:
        """The first value, or an empty string."""
        head = f"{LINE_END}{name}: "
        found = self.text.find(head)
        if found < 0:
            return ""
        begin = found + len(head)
        return self.text[begin : self.text.index(LINE_END, begin)]

    def __iter__(self) -> Iterator[str]:
        return iter(parse_headers(self.text[len(LINE_END) : -len(LINE_END)]))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _values(self, name: str) -> list[str]:
        head = f"{name}: "
        return [line[len(head) :] for line in self.text.split(LINE_END) if line.startswith(head)]


@dataclass(frozen=True, slots=True)
class Response:
    """Asterisk's reply to an action, or one item of a list that it replied with.

    Headers are named as Asterisk writes them (`Uniqueid`, `ChannelStateDesc`). One that is absent reads as
    an empty string; of a repeated one the first value counts.
    """

    headers: RawHeaders = field(repr=False)

    def __getitem__(self, header: str) -> str:
        value = self.headers.get(header, "")
        return value if isinstance(value, str) else value[0]

    def all(self, header: str) -> list[str]:
        """Every value of a repeated header, in order."""
        value = self.headers.get(header, [])
        return [value] if isinstance(value, str) else value

    def variables(self) -> dict[str, str]:
        """Channel variables among the headers (`Variable: NAME=value`); unset ones are left out."""
        pairs = (entry.partition("=") for entry in self.all("Variable"))
        return {name: value for name, _, value in pairs if value != _UNSET}


_LATEST = timedelta(minutes=5)
"""An event that is heard later than this has a time of another clock."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event; headers as of `Response`.

    Attributes:
        name: Its type, such as `Hangup`.
    """

    name: str
    headers: RawHeaders = field(repr=False)

    def __getitem__(self, header: str) -> str:
        if isinstance(self.headers, HeaderLines):
            return self.headers.first(header)
        value = self.headers.get(header, "")
        return value if isinstance(value, str) else value[0]

    def happened(self, now: datetime) -> datetime:
        """When it happened by Asterisk's clock; `now` where that tells nothing that can be true.

        The manager notes the time of every event (manager.conf, `timestampevents`), so that a wait is as
        long as it was however late the event is heard.
        """
        try:
            at = datetime.fromtimestamp(float(self["Timestamp"]), UTC)
        except (ValueError, OverflowError, OSError):
            return now
        return at.astimezone(now.tzinfo) if now - _LATEST <= at <= now else now
