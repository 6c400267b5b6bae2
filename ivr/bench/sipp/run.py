"""Placing and answering calls with SIPp, on the loopback."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ivr.bench.sipp.actions import Caller
from ivr.bench.sipp.process import Endpoint, Phone, SippProcess, free_media_port, free_port
from ivr.bench.sipp.scenario import write_callers, write_phone

_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How many calls are placed, and how fast.

    Attributes:
        calls: Number of calls.
        per_second: New calls per second.
        at_once: No new call begins while so many are running.
        give_up_seconds: The run is ended by then, and what is not finished has failed.
    """

    calls: int = 1
    per_second: float = 10.0
    at_once: int = 1000
    give_up_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Calling:
    """Calls being placed.

    Attributes:
        sipp: The process.
        ears: Bound sockets that the audio of the calls is sent to: one per call where they are listened to.
            Otherwise one for all, which nobody reads: the kernel drops what arrives, the cheapest way.
    """

    sipp: SippProcess
    ears: list[socket.socket]


async def place_calls(
    callers: Sequence[Caller],
    target: Endpoint,
    folder: Path,
    *,
    load: Load | None = None,
    listened: bool = False,
    messages: bool = False,
) -> Calling:
    """Start placing calls; the callers take turns.

    Args:
        callers: Who calls and what each does.
        target: The SIP address of Asterisk.
        folder: Folder for scenario, media and results; made when missing, empty otherwise.
        load: How many and how fast; by default one call.
        listened: Give each call a media socket of its own, for the caller of this function to read.
        messages: Keep the SIP messages in the tally.
    """
    load = load or Load()
    scenario, calls = write_callers(callers, folder, listened=listened)
    media_port, ears = free_media_port(load.calls if listened else 1)
    arguments = [str(target), "-sf", str(scenario), "-inf", str(calls), "-m", str(load.calls)]
    arguments += _rate(load.per_second)
    arguments += ["-l", str(load.at_once), "-timeout", f"{int(load.give_up_seconds)}s", "-timeout_error"]
    arguments += _addresses(free_port(), media_port)
    return Calling(await SippProcess.start(arguments, folder, messages=messages), ears)


async def answer_calls(phone: Phone, folder: Path, *, messages: bool = False) -> SippProcess:
    """Start a phone; it answers calls until it is stopped."""
    scenario = write_phone(
        folder, ring_seconds=phone.ring_seconds, talk_seconds=phone.talk_seconds, speak=phone.speak
    )
    media_port, _ = free_media_port()
    arguments = ["-sf", str(scenario), "-aa", *_addresses(phone.address.port, media_port)]
    if phone.echo:
        arguments.append("-rtp_echo")
    return await SippProcess.start(arguments, folder, messages=messages)


def _rate(per_second: float) -> list[str]:
    """SIPp takes whole calls per period of whole milliseconds."""
    return ["-r", str(round(per_second * 10)), "-rp", "10000"]


def _addresses(port: int, media_port: int) -> list[str]:
    return ["-i", _LOOPBACK, "-p", str(port), "-mi", _LOOPBACK, "-mp", str(media_port)]
