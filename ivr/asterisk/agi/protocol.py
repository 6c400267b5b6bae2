"""The AGI protocol without I/O, as Asterisk's res_agi.c writes and reads it: requests, replies, commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from ivr.asterisk.withheld import shown

COMMAND_BYTES: Final = 8191
"""Longest command, newline included: the rest would be read as another one (`AGI_BUF_LEN` of res_agi.c)."""

_PLAIN = re.compile(r'[^ \t\r\n\0"\\]+')
_FORBIDDEN = re.compile(r"[\r\n\0]")
_SUCCESS = re.compile(r"result=([^ ]*)(?: \((.*)\))?(?: endpos=(-?[0-9]{1,18}))?", re.DOTALL)
_ERRORS: Final = {"510": 510, "511": 511, "520": 520}


class ProtocolError(Exception):
    """What arrived is not AGI, or more than is allowed."""


class Reply(NamedTuple):
    """The reply to one command.

    Attributes:
        code: 200, 510 (unknown command), 511 (dead channel) or 520 (usage).
        result: What follows `result=`; digits, a number or nothing. Empty for errors.
        data: What stands in the brackets after the result, None without brackets; the text of an error.
        endpos: Where playing or recording ended, samples.
    """

    code: int
    result: str = ""
    data: str | None = None
    endpos: int | None = None


class Hangup:
    """A bare `HANGUP` line: the caller is gone. It comes at any place, also before a reply."""

    __slots__ = ()


HANGUP: Final = Hangup()


@dataclass(frozen=True, slots=True)
class Environment:
    """The request header of a connection.

    Attributes:
        route: Path of the request without query, such as `line/clients`.
        query: Query of the request; of a repeated key the last value.
        channel: Name of the channel.
        unique_id: Asterisk's id of the channel.
        caller_number: Calling number as the trunk gives it; empty when withheld.
        caller_name: Name that the trunk gives; empty without.
        dialled: Number called (DNID); empty without.
        extension: Extension of the dialplan.
        context: Context of the dialplan.
        language: Language of the channel.
        arguments: Arguments of the dialplan's `AGI()` after the address.
        variables: All of the header, `agi_*` names included.
    """

    route: str
    query: Mapping[str, str]
    channel: str
    unique_id: str
    caller_number: str
    caller_name: str
    dialled: str
    extension: str
    context: str
    language: str
    arguments: tuple[str, ...]
    variables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a peer may send: bytes and lines of the header, bytes of one reply."""

    header_bytes: int
    header_lines: int
    reply_bytes: int


def quote(argument: str) -> str:
    """Write one argument so that Asterisk reads back exactly it.

    Raises:
        ValueError: It holds CR, LF or NUL, which would end the command.
    """
    if _PLAIN.fullmatch(argument):
        return argument
    if _FORBIDDEN.search(argument):
        raise ValueError("An AGI argument must not hold CR, LF or NUL.")
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def command_line(verb: str, arguments: tuple[str | int, ...]) -> bytes:
    """The line of a command, newline included.

    Args:
        verb: Asterisk's words for the command, `GET DATA`.
        arguments: Quoted where needed.

    Raises:
        ValueError: An argument holds CR, LF or NUL, or the line is longer than Asterisk reads.
    """
    words = [verb]
    words += [quote(str(argument)) for argument in arguments]
    line = " ".join(words).encode() + b"\n"
    if len(line) > COMMAND_BYTES:
        raise ValueError(f"The AGI command {verb} is {len(line)} bytes long; Asterisk reads {COMMAND_BYTES}.")
    return line


def parse_reply(line: str) -> Reply:
    """Read one reply line, without its newline.

    Raises:
        ProtocolError: It is none.
    """
    code, _, rest = line.partition(" ")
    if code == "200":
        match = _SUCCESS.fullmatch(rest)
        if match is None:
            raise ProtocolError("A reply of 200 without a readable result.")
        result, data, endpos = match.groups()
        return Reply(200, result, data, None if endpos is None else int(endpos))
    if code in _ERRORS:
        return Reply(_ERRORS[code], data=rest)
    raise ProtocolError("A line that is no AGI reply.")


def parse_environment(variables: Mapping[str, str]) -> Environment:
    """Type the request header.

    Raises:
        ProtocolError: The request's address is no URL.
    """
    script = variables.get("agi_network_script") or variables.get("agi_request", "")
    try:
        address = urlsplit(script)
    except ValueError as error:
        raise ProtocolError("The address of the request is no URL.") from error

    def known(key: str) -> str:
        value = variables.get(key, "")
        return "" if value == "unknown" else value

    return Environment(
        route=address.path.strip("/"),
        query=MappingProxyType(dict(parse_qsl(address.query, keep_blank_values=True))),
        channel=variables.get("agi_channel", ""),
        unique_id=variables.get("agi_uniqueid", ""),
        caller_number=shown(variables.get("agi_callerid", "")),
        caller_name=known("agi_calleridname"),
        dialled=known("agi_dnid"),
        extension=variables.get("agi_extension", ""),
        context=variables.get("agi_context", ""),
        language=variables.get("agi_language", ""),
        arguments=tuple(value for key, value in variables.items() if key.startswith("agi_arg_")),
        variables=MappingProxyType(dict(variables)),
    )


class Decoder:
    """Turns what arrives, cut anywhere, into the request, replies and hang-ups."""

    __slots__ = ("_header", "_header_bytes", "_limits", "_rest", "_usage", "_usage_bytes")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._rest = b""
        self._header: dict[str, str] | None = {}
        self._header_bytes = 0
        self._usage: list[str] | None = None
        self._usage_bytes = 0

    def feed(self, chunk: bytes) -> list[Environment | Reply | Hangup]:
        """Take what arrived; the first event of a connection is its `Environment`.

        Raises:
            ProtocolError: It is not AGI or exceeds a limit; the decoder must not be used any more.
        """
        lines = (self._rest + chunk).split(b"\n") if self._rest else chunk.split(b"\n")
        self._rest = lines.pop()
        events = [event for line in lines if (event := self._line(line)) is not None]
        limit = self._limits.reply_bytes
        if self._header is not None:
            limit = self._limits.header_bytes - self._header_bytes
        if len(self._rest) > limit:
            raise ProtocolError("A line that does not end.")
        return events

    def _line(self, raw: bytes) -> Environment | Reply | Hangup | None:
        if self._header is not None:
            return self._header_line(self._header, raw)
        if raw == b"HANGUP":
            return HANGUP
        if len(raw) > self._limits.reply_bytes:
            raise ProtocolError("A reply that is too long.")
        line = raw.decode(errors="replace")
        if self._usage is not None:
            return self._usage_line(self._usage, line)
        if line.startswith("520-"):
            self._usage, self._usage_bytes = [line[4:]], len(line)
            return None
        if line.startswith("100 "):
            return None
        return parse_reply(line)

    def _header_line(self, header: dict[str, str], raw: bytes) -> Environment | None:
        if not raw:
            self._header = None
            return parse_environment(header)
        self._header_bytes += len(raw) + 1
        if self._header_bytes > self._limits.header_bytes or len(header) >= self._limits.header_lines:
            raise ProtocolError("The request header is too long.")
        key, colon, value = raw.decode(errors="replace").partition(":")
        if not colon or not key.startswith("agi_"):
            raise ProtocolError("A line of the request header that is none.")
        header.setdefault(key, value.removeprefix(" "))
        return None

    def _usage_line(self, usage: list[str], line: str) -> Reply | None:
        self._usage_bytes += len(line) + 1
        if self._usage_bytes > self._limits.reply_bytes:
            raise ProtocolError("A reply that is too long.")
        if not line.startswith("520 "):
            usage.append(line)
            return None
        self._usage = None
        return Reply(520, data="\n".join(usage))
