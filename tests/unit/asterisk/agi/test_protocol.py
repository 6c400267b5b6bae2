"""The AGI protocol: quoting, replies, the header, and whatever else may arrive."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.asterisk.agi.protocol import (
    COMMAND_BYTES,
    HANGUP,
    Decoder,
    Environment,
    Hangup,
    Limits,
    ProtocolError,
    Reply,
    command_line,
    parse_reply,
    quote,
)
from tests.contract.agi.fake_asterisk import HEADER, USAGE, header_bytes, parse_command

LIMITS = Limits(header_bytes=16_384, header_lines=128, reply_bytes=65_536)
SENDABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=60)
Events = list[Environment | Reply | Hangup]


def decode(chunks: Sequence[bytes], limits: Limits = LIMITS) -> Events:
    decoder = Decoder(limits)
    return [event for chunk in chunks for event in decoder.feed(chunk)]


def after_header(data: bytes) -> Events:
    return decode([header_bytes(), data])[1:]


def cut(data: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


# --- commands ------------------------------------------------------------------------------------------


@given(st.lists(SENDABLE, max_size=6))
def test_asterisk_reads_the_arguments_that_were_written(arguments: list[str]) -> None:
    line = command_line("EXEC Verbose", tuple(arguments))
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert parse_command(line.decode().removesuffix("\n")) == ["EXEC", "Verbose", *arguments]


@pytest.mark.parametrize(
    ("argument", "written"),
    [
        ("", '""'),
        ("1", "1"),
        ("a b", '"a b"'),
        ("a\tb", '"a\tb"'),
        ('say "да"', '"say \\"да\\""'),
        ("back\\slash", '"back\\\\slash"'),
        ("${READSTATUS}:${IVR_KEYS}", "${READSTATUS}:${IVR_KEYS}"),
    ],
)
def test_quoting(argument: str, written: str) -> None:
    assert quote(argument) == written


@pytest.mark.parametrize("argument", ["a\nHANGUP", "a\r", "\0"])
def test_what_would_end_a_command_is_refused(argument: str) -> None:
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        command_line("SET VARIABLE", ("X", argument))


def test_a_command_is_no_longer_than_asterisk_reads() -> None:
    room = COMMAND_BYTES - len("SET VARIABLE X \n")
    assert len(command_line("SET VARIABLE", ("X", "a" * room))) == COMMAND_BYTES
    with pytest.raises(ValueError, match="8192 bytes"):
        command_line("SET VARIABLE", ("X", "a" * (room + 1)))


def test_numbers_are_arguments_too() -> None:
    assert command_line("GET DATA", ("/p/one", 4000, 6)) == b"GET DATA /p/one 4000 6\n"


# --- replies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("200 result=0", Reply(200, "0")),
        ("200 result=", Reply(200, "")),
        ("200 result= (timeout)", Reply(200, "", "timeout")),
        ("200 result=12 (timeout)", Reply(200, "12", "timeout")),
        ("200 result=1 ()", Reply(200, "1", "")),
        ('200 result=1 (a "b\\ c)', Reply(200, "1", 'a "b\\ c')),
        ("200 result=1 (ООО (Брянск) 1)", Reply(200, "1", "ООО (Брянск) 1")),
        ("200 result=-1 endpos=0", Reply(200, "-1", None, 0)),
        ("200 result=0 (dtmf) endpos=16000", Reply(200, "0", "dtmf", 16000)),
        ("510 Invalid or unknown command", Reply(510, data="Invalid or unknown command")),
        (
            "511 Command Not Permitted on a dead channel or intercept routine",
            Reply(511, data="Command Not Permitted on a dead channel or intercept routine"),
        ),
        ("520 Invalid command syntax.", Reply(520, data="Invalid command syntax.")),
    ],
)
def test_replies(line: str, reply: Reply) -> None:
    assert parse_reply(line) == reply


@pytest.mark.parametrize(
    "line",
    ["", "200", "200 OK", "200 result=1 (open", "200result=1", "300 result=0", "hangup", "FOO 200 result=0"],
)
def test_what_is_no_reply(line: str) -> None:
    with pytest.raises(ProtocolError):
        parse_reply(line)


def test_a_usage_of_several_lines_is_one_reply() -> None:
    (reply,) = after_header(USAGE.encode() + b"\n")
    assert isinstance(reply, Reply)
    assert reply.code == 520
    assert "receive DTMF" in (reply.data or "")


def test_trying_is_passed_over() -> None:
    assert after_header(b"100 Trying\n200 result=1\n") == [Reply(200, "1")]


@pytest.mark.parametrize("place", range(4))
def test_a_hangup_stands_anywhere_between_lines(place: int) -> None:
    lines = [b"100 Trying\n", b"200 result=0\n", b"510 Invalid or unknown command\n"]
    lines.insert(place, b"HANGUP\n")
    assert HANGUP in after_header(b"".join(lines))
    assert len(after_header(b"".join(lines))) == 3


# --- the header ----------------------------------------------------------------------------------------


def test_the_header_is_typed() -> None:
    (environment,) = decode([header_bytes()])
    assert isinstance(environment, Environment)
    assert environment.route == "line/clients"
    assert environment.query == {"call": "c-1"}
    assert environment.channel == "PJSIP/trunk-00000001"
    assert environment.unique_id == "1795231241.5"
    assert environment.caller_number == "+74832000001"
    assert environment.caller_name == "Иванов"
    assert environment.dialled == ""
    assert (environment.context, environment.extension, environment.language) == ("call", "s", "ru")
    assert environment.arguments == ("one", "two")
    assert environment.variables == HEADER


def test_without_a_script_the_route_comes_from_the_request() -> None:
    data = b"agi_network: yes\nagi_request: agi://10.0.0.1/line/debt?x=%20y\n\n"
    (environment,) = decode([data])
    assert isinstance(environment, Environment)
    assert (environment.route, environment.query) == ("line/debt", {"x": " y"})


def test_a_name_that_poses_as_a_header_line_changes_nothing() -> None:
    (environment,) = decode([header_bytes(agi_calleridname="x\nagi_channel: PJSIP/other")])
    assert isinstance(environment, Environment)
    assert environment.channel == "PJSIP/trunk-00000001"


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\n\r\n", b"agi_network\n\n", b"\x16\x03\x01\x02\n", b"x: y\n\n"]
)
def test_what_is_no_header(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode([data])


def test_a_header_with_an_address_that_is_none() -> None:
    with pytest.raises(ProtocolError, match="no URL"):
        decode([b"agi_request: agi://[::1\n\n"])


# --- limits --------------------------------------------------------------------------------------------

SMALL = Limits(header_bytes=200, header_lines=5, reply_bytes=100)


@pytest.mark.parametrize(
    "data",
    [
        b"agi_x: " + b"y" * 200,
        b"agi_x: " + b"y" * 200 + b"\n",
        b"".join(b"agi_%d: y\n" % index for index in range(6)),
        b"agi_x: y\n" * 30,
    ],
    ids=["endless line", "long line", "many lines", "repeated line"],
)
def test_header_limits(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode([data], SMALL)


@pytest.mark.parametrize(
    "data",
    [b"2" * 101, b"200 result=" + b"1" * 101 + b"\n", b"520-x\n" + b"usage\n" * 30],
    ids=["endless line", "long line", "endless usage"],
)
def test_reply_limits(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode([b"agi_x: y\n\n", data], SMALL)


# --- properties ----------------------------------------------------------------------------------------

REPLY_LINES = st.sampled_from(
    [
        b"200 result=0\n",
        b"200 result=12 (timeout)\n",
        "200 result=1 (лицевой счёт)\n".encode(),
        b"100 Trying\n",
        b"HANGUP\n",
        b"510 Invalid or unknown command\n",
        USAGE.encode() + b"\n",
    ]
)


@given(st.lists(REPLY_LINES, max_size=8), st.lists(st.integers(0, 5000), max_size=12))
def test_where_the_network_cuts_does_not_matter(lines: list[bytes], places: list[int]) -> None:
    data = header_bytes() + b"".join(lines)
    assert decode(cut(data, places)) == decode([data])


@given(st.lists(st.binary(max_size=300), max_size=6), st.booleans())
def test_any_bytes_raise_nothing_but_the_protocol_error(chunks: list[bytes], began: bool) -> None:
    decoder = Decoder(SMALL)
    try:
        if began:
            decoder.feed(b"agi_network: yes\n\n")
        for chunk in chunks:
            decoder.feed(chunk)
    except ProtocolError:
        pass


@given(st.text(max_size=80))
def test_any_line_is_a_reply_or_an_error(line: str) -> None:
    try:
        reply = parse_reply(f"200 result={line}")
    except ProtocolError:
        return
    assert reply.code == 200
