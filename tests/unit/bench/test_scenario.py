from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from ivr.bench.sipp import Action, Caller, ExpectHangup, Hangup, Keys, Wait
from ivr.bench.sipp.actions import KEYS
from ivr.bench.sipp.scenario import write_callers, write_phone


def caller(*actions: Action, number: str = "100") -> Caller:
    return Caller(number=number, actions=actions)


def read(path: Path) -> ElementTree.Element:
    return ElementTree.fromstring(path.read_text(encoding="utf-8"))


def pauses(scenario: ElementTree.Element) -> list[int]:
    return [int(pause.attrib["milliseconds"]) for pause in scenario.iter("pause")]


def played(scenario: ElementTree.Element) -> list[str]:
    return [act.attrib["play_pcap_audio"] for act in scenario.iter("exec")]


@pytest.mark.parametrize("keys", ["", "12x", "1 2"])
def test_what_is_no_key_is_refused(keys: str) -> None:
    with pytest.raises(ValueError, match="not a string of keys"):
        Keys(keys)


@pytest.mark.parametrize("actions", [(), (Wait(1),), (Hangup(), Wait(1)), (Hangup(), ExpectHangup(1))])
def test_a_call_has_one_ending_and_it_is_the_last_action(actions: tuple[Action, ...]) -> None:
    with pytest.raises(ValueError, match="last action"):
        caller(*actions)


def test_keys_and_waits_become_media_and_one_pause_between(tmp_path: Path) -> None:
    path, _ = write_callers([caller(Wait(1), Wait(0.5), Keys("12#"), Wait(2), Keys("1"), Hangup())], tmp_path)
    scenario = read(path)
    assert pauses(scenario) == [1500, 3 * 160 + 20 + 2000, 160 + 20]
    assert played(scenario) == ["0.pcap", "1.pcap"]
    assert all((tmp_path / name).stat().st_size > 24 for name in played(scenario))


def test_callers_take_turns_and_share_endings(tmp_path: Path) -> None:
    several = [
        caller(Keys(key), ExpectHangup(5) if key != "2" else Hangup(), number=key * 3) for key in "123"
    ]
    path, calls = write_callers(several, tmp_path)
    scenario = read(path)
    assert calls.read_text().splitlines()[0] == "SEQUENTIAL"
    assert [line.split(";")[:2] for line in calls.read_text().splitlines()[1:]] == [
        ["1", "111"],
        ["2", "222"],
        ["3", "333"],
    ]
    assert [test.attrib["value"] for test in scenario.iter("test")] == ["1", "2", "3"]
    labels = [label.attrib["id"] for label in scenario.iter("label")]
    assert len(labels) == len(set(labels)) == 3 + 2 + 1
    assert {nop.attrib["next"] for nop in scenario.iter("nop") if "next" in nop.attrib} == set(labels)


def test_the_same_keys_at_the_same_moment_are_one_file(tmp_path: Path) -> None:
    several = [caller(Wait(1), Keys("1"), Hangup(), number=number) for number in ("10", "20")]
    path, _ = write_callers(several, tmp_path)
    assert played(read(path)) == ["0.pcap", "0.pcap"]


def test_only_a_call_that_is_listened_to_has_a_port_of_its_own(tmp_path: Path) -> None:
    for listened, port in ((True, "[auto_media_port+4]"), (False, "[media_port+4]")):
        path, _ = write_callers([caller(Hangup())], tmp_path / str(listened), listened=listened)
        assert f"m=audio {port} RTP/AVP 8 101" in path.read_text()


def test_more_than_sipp_can_read_is_refused(tmp_path: Path) -> None:
    many = [caller(*[Keys(key) for key in KEYS], Hangup(), number=str(place)) for place in range(200)]
    with pytest.raises(ValueError, match="200 callers are too much"):
        write_callers(many, tmp_path)


def test_a_phone_answers_after_ringing_and_leaves_after_talking(tmp_path: Path) -> None:
    scenario = read(write_phone(tmp_path, ring_seconds=0.2, talk_seconds=3, speak=None))
    assert pauses(scenario) == [200]
    bye = next(one for one in scenario.iter("recv") if one.attrib.get("request") == "BYE")
    assert (bye.attrib["timeout"], bye.attrib["ontimeout"]) == ("3000", "leave")
