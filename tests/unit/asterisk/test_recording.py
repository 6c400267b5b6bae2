"""The recording of a call with and without the manager interface."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from ivr.asterisk.agi import AgiCaller, CommandFailed
from ivr.asterisk.ami import LinkLost
from ivr.asterisk.recording import CallRecording, Mute
from ivr.dialogue.ports import Prompt, Speech, Text

NOTICE = Speech((Prompt("recording-notice"),), interruptible=False)
OTHER = Speech((Text("Добрый день."),), interruptible=False)


def make(path: str) -> None:
    Path(path).touch()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class Line:
    """What was asked of Asterisk, in order; MixMonitor makes its file at once."""

    def __init__(self, *, broken: bool = False) -> None:
        self.done: list[str] = []
        self._broken = broken

    async def start_recording(self, path: str) -> None:
        if self._broken:
            raise CommandFailed("MixMonitor")
        make(path)
        self.done.append("start")

    async def stop_recording(self) -> None:
        self.done.append("stop")

    async def mute(self, channel: str, on: bool) -> None:
        self.done.append(f"mute {channel} {on}")

    async def no_manager(self, channel: str, on: bool) -> None:
        raise LinkLost(f"The link is down, {channel} stays as it is, not {on}.")


def recording(line: Line, file: Path, mute: Mute) -> CallRecording:
    return CallRecording(cast(AgiCaller, line), "PJSIP/x-1", file, mute, "recording-notice")


async def test_it_is_muted_from_its_start_to_the_end_of_the_notice(tmp_path: Path) -> None:
    line = Line()
    one = recording(line, tmp_path / "call.wav", line.mute)
    await one.begin()
    assert line.done == ["start", "mute PJSIP/x-1 True"]
    await one.said(OTHER)
    assert len(line.done) == 2
    await one.said(NOTICE)
    await one.said(NOTICE)
    assert line.done[2:] == ["mute PJSIP/x-1 False"]


async def test_without_the_manager_nothing_is_recorded_before_the_notice_has_ended(tmp_path: Path) -> None:
    line, file = Line(), tmp_path / "call.wav"
    one = recording(line, file, line.no_manager)
    await one.begin()
    assert line.done == ["start", "stop"]
    assert not file.exists()
    await one.said(NOTICE)
    assert line.done == ["start", "stop", "start"]
    assert file.exists()


async def test_a_manager_lost_during_the_notice_leaves_two_parts(tmp_path: Path) -> None:
    line, file = Line(), tmp_path / "call.wav"
    mute: list[Mute] = [line.mute]

    async def fickle(channel: str, on: bool) -> None:
        await mute[0](channel, on)

    one = recording(line, file, fickle)
    await one.begin()
    mute[0] = line.no_manager
    await one.said(NOTICE)
    assert line.done == ["start", "mute PJSIP/x-1 True", "stop", "start"]
    assert names(tmp_path) == {"call-notice.wav", "call.wav"}


@pytest.mark.parametrize("speech", [OTHER, NOTICE])
async def test_a_recording_that_can_not_start_does_not_end_the_call(tmp_path: Path, speech: Speech) -> None:
    line = Line(broken=True)
    one = recording(line, tmp_path / "call.wav", line.mute)
    await one.begin()
    await one.said(speech)
    assert line.done == []
