"""The wire takes any bytes in any pieces."""

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.asterisk.ami.messages import parse_headers
from ivr.asterisk.ami.wire import Wire, refuse_unsafe


class Transport:
    """Notes whether it was aborted."""

    def __init__(self) -> None:
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


def feed(pieces: Sequence[bytes]) -> list[tuple[str, str]]:
    """The events that a wire makes of bytes."""
    events: list[tuple[str, str]] = []

    async def run() -> None:
        wire = Wire(lambda name, text: events.append((name, text)))
        wire.connection_made(Transport())
        for piece in pieces:
            wire.data_received(piece)
        assert not wire.closed

    asyncio.run(run())
    return events


text = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=20)
name = st.from_regex(r"[A-Z][A-Za-z]{0,15}", fullmatch=True).filter(
    lambda one: one not in ("Event", "Response")
)
message = st.tuples(name, st.dictionaries(name, text, max_size=4))


def encoded(event: str, headers: dict[str, str]) -> str:
    return "\r\n".join([f"Event: {event}", *(f"{key}: {value}" for key, value in headers.items())])


@given(st.lists(message, max_size=5), st.lists(st.integers(min_value=0), max_size=8), st.booleans())
def test_the_cuts_do_not_matter(
    messages: list[tuple[str, dict[str, str]]], cuts: list[int], banner: bool
) -> None:
    texts = [encoded(*one) for one in messages]
    start = "Asterisk Call Manager/11.0.0\r\n" if banner else ""
    data = (start + "".join(f"{one}\r\n\r\n" for one in texts)).encode()
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    pieces = [data[a:b] for a, b in itertools.pairwise(places)]
    events = feed(pieces)
    assert events == [(event, one) for (event, _), one in zip(messages, texts, strict=True)]
    for (_, parsed), (event, headers) in zip(events, messages, strict=True):
        assert parse_headers(parsed) == {"Event": event, **headers}


@given(
    st.lists(st.one_of(st.binary(), st.sampled_from([b"\r\n", b"Event: X", b"Response: ", b"ActionID: "])))
)
def test_no_bytes_break_the_wire(pieces: list[bytes]) -> None:
    events = feed([*pieces, b"\r\n\r\nEvent: Sound\r\nA: b\r\n\r\n"])
    assert events[-1][0] == "Sound"


def test_a_message_without_end_closes_the_connection() -> None:
    async def run() -> None:
        wire, transport = Wire(lambda name, text: None), Transport()
        wire.connection_made(transport)
        wire.data_received(b"x" * 900_000)
        assert not transport.aborted
        wire.data_received(b"x" * 900_000)
        assert transport.aborted

    asyncio.run(run())


def test_a_taker_that_fails_costs_one_message_only() -> None:
    seen: list[str] = []

    def take(name: str, text: str) -> None:
        seen.append(name)
        if name == "Bad":
            raise RuntimeError

    async def run() -> None:
        wire = Wire(take)
        wire.connection_made(Transport())
        wire.data_received(b"Event: Bad\r\n\r\nEvent: Good\r\n\r\n")
        assert not wire.closed

    asyncio.run(run())
    assert seen == ["Bad", "Good"]


@given(st.text(), st.text())
def test_what_is_not_refused_stays_one_line(key: str, value: str) -> None:
    try:
        refuse_unsafe("Hangup", {key: value})
    except ValueError:
        return
    line = f"{key}: {value}".encode()
    assert not set(line) & set(b"\r\n\0")


@pytest.mark.parametrize("value", ["Ёж, кв. 7", "a=b;c", "\t", 0, ["A=1", "B=2"]])
def test_ordinary_values_pass(value: Any) -> None:
    refuse_unsafe("Setvar", {"Value": value})
