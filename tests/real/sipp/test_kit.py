"""The kit itself, on a real Asterisk: keys arrive as pressed, sound is heard where it is, leaks are seen."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import (
    AddressTrunk,
    AsteriskSettings,
    HostKind,
    Line,
    ManagerSettings,
    Queue,
    RtpSettings,
    SipSettings,
    Workplaces,
)
from ivr.bench.sipp.actions import KEYS
from ivr.bench.sipp.process import free_port
from ivr.bench.templates import overlay
from tests.real.sipp import (
    Caller,
    Endpoint,
    ExpectHangup,
    Hangup,
    Keys,
    Load,
    Phone,
    Recording,
    Speak,
    Wait,
    assert_no_leaks,
    heard,
    operator,
    place,
    snapshot,
)
from tests.real.sipp.sounds import sweeps

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="a private root and raw sockets need root"),
    pytest.mark.skipif(shutil.which("sipp") is None, reason="SIPp is not installed"),
    pytest.mark.asyncio(loop_scope="module"),
]

REPOSITORY = Path(__file__).parents[3]
ROOT = Path(os.environ.get("IVR_ASTERISK_ROOT", REPOSITORY / ".cache/asterisk-root"))
CALLERS_AT_ONCE = 60
STRINGS_PER_CALLER = 4


class Kit:
    """A running Asterisk with the dialplan of these tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.phone = Endpoint("127.0.0.1", free_port())
        sip, manager = free_port(), free_port()
        self.target = Endpoint("127.0.0.1", sip)
        self.settings = AsteriskSettings(
            host=HostKind.CHROOT,
            data_folder=folder / "a",
            templates_folder=overlay(
                REPOSITORY / "asterisk-conf", Path(__file__).parent / "conf", folder / "templates"
            ),
            prompts_folder=folder / "prompts",
            recordings_spool=folder / "recordings",
            root_folder=ROOT,
            sip=SipSettings.model_validate({"host": "127.0.0.1", "port": sip}),
            rtp=RtpSettings(first_port=31000, last_port=32999),
            manager=ManagerSettings(port=manager),
            workplaces=Workplaces(count=0),
            trunks=(AddressTrunk.model_validate({"name": "test", "addresses": ["127.0.0.0/8"]}),),
            lines={"any": Line(numbers=("700",), last_resort="clients")},
            queues={"clients": Queue(members=(f"sip:operator@{self.phone}",))},
            extra_modules=("app_read.so", "app_record.so", "func_callerid.so", "func_env.so"),
        )
        self.host = AsteriskHost(self.settings)
        self.pid = 0

    def prompt(self, name: str) -> Path:
        return self.settings.prompts_folder / f"{name}.wav"

    def keys_read(self) -> dict[str, list[str]]:
        """Strings of keys that Asterisk has read, by caller."""
        read = defaultdict(list)
        for line in (self.settings.data_folder / "keys.csv").read_text().splitlines():
            caller, keys = line.split(",")
            read[caller].append(keys)
        return read


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    kit = Kit(tmp_path_factory.mktemp("kit"))
    kit.settings.prompts_folder.mkdir()
    sweeps("first", 3, 0.4).save(kit.prompt("first"))
    sweeps("second", 4, 0.4).save(kit.prompt("second"))
    sweeps("third", 3, 0.4).save(kit.prompt("third"))
    kit.pid = kit.host.up().pid
    yield kit
    kit.host.down()


def random_keys(dice: random.Random) -> str:
    return "".join(dice.choice(KEYS.replace("#", "")) for _ in range(dice.randint(1, 12)))


async def test_keys_arrive_exactly_as_pressed_in_many_calls_at_once(kit: Kit, tmp_path: Path) -> None:
    dice = random.Random(4733)
    pressed = {
        f"+7495{number:07}": [random_keys(dice) for _ in range(STRINGS_PER_CALLER)]
        for number in range(CALLERS_AT_ONCE)
    }
    callers = [
        Caller(
            number="701",
            caller_id=caller_id,
            actions=(
                Wait(0.3),
                *(act for keys in strings for act in (Keys(keys + "#"), Wait(0.2))),
                Wait(12.0),
                Hangup(),
            ),
        )
        for caller_id, strings in pressed.items()
    ]
    load = Load(calls=CALLERS_AT_ONCE, per_second=20, at_once=CALLERS_AT_ONCE)
    placed = await place(callers, kit.target, tmp_path / "run", load=load)
    assert (placed.tally.successful, placed.tally.failed) == (CALLERS_AT_ONCE, 0), placed.tally.errors
    assert placed.tally.most_at_once == CALLERS_AT_ONCE
    assert kit.keys_read() == pressed


async def test_every_caller_hears_the_prompts_where_they_are(kit: Kit, tmp_path: Path) -> None:
    caller = Caller(number="702", actions=(ExpectHangup(15),))
    placed = await place([caller], kit.target, tmp_path / "run", load=Load(calls=3), listen=True)
    assert placed.tally.successful == 3
    for recording in placed.recordings:
        first, second = (heard(kit.prompt(name), recording) for name in ("first", "second"))
        assert first is not None
        assert second is not None
        assert 1.6 <= second - first <= 3  # the first lasts 1.2 s, the pause 0.5 s; a busy machine is late
        assert heard(kit.prompt("third"), recording) is None
        assert heard(kit.prompt("second"), recording, first_seconds=0.5) == pytest.approx(second, abs=0.001)
        assert 2.3 <= recording.seconds_of_sound <= 2.9


async def test_an_operator_answers_speaks_and_hangs_up(kit: Kit, tmp_path: Path) -> None:
    phone = Phone(address=kit.phone, talk_seconds=3, speak=kit.prompt("third"))
    caller = Caller(number="703", actions=(ExpectHangup(15),))
    async with operator(phone, tmp_path / "phone") as sipp:
        placed = await place([caller], kit.target, tmp_path / "run", listen=True)
        answered = await sipp.stop()
    assert placed.tally.successful == 1
    assert answered.successful == 1
    assert heard(kit.prompt("third"), placed.recordings[0]) is not None


async def test_an_operator_who_echoes_sends_back_what_the_caller_says(kit: Kit, tmp_path: Path) -> None:
    actions = (Wait(0.5), Speak(kit.prompt("second")), Wait(0.5), Hangup())
    async with operator(Phone(address=kit.phone, echo=True), tmp_path / "phone"):
        placed = await place(
            [Caller(number="703", actions=actions)], kit.target, tmp_path / "run", listen=True
        )
    assert placed.tally.successful == 1
    assert heard(kit.prompt("second"), placed.recordings[0]) is not None


async def test_what_the_caller_says_arrives(kit: Kit, tmp_path: Path) -> None:
    actions = (Wait(0.3), Speak(kit.prompt("second")), Hangup())
    await place([Caller(number="704", actions=actions)], kit.target, tmp_path / "run")
    await assert_no_leaks(snapshot(kit.host.cli), kit.host.cli)
    assert (
        heard(kit.prompt("second"), Recording.load(kit.settings.recordings_spool / "caller.wav")) is not None
    )


async def test_an_unknown_number_is_a_failed_call(kit: Kit, tmp_path: Path) -> None:
    placed = await place([Caller(number="999", actions=(Hangup(),))], kit.target, tmp_path / "run")
    assert (placed.tally.successful, placed.tally.failed, placed.tally.exit_code) == (0, 1, 1)
    assert "404" in placed.tally.errors


async def test_a_call_that_the_other_side_does_not_end_has_failed(kit: Kit, tmp_path: Path) -> None:
    caller = Caller(number="705", actions=(ExpectHangup(1),))
    placed = await place([caller], kit.target, tmp_path / "run")
    assert (placed.tally.successful, placed.tally.failed) == (0, 1)


async def test_a_live_call_is_seen_as_a_leak_and_an_ended_one_is_not(kit: Kit, tmp_path: Path) -> None:
    before = snapshot(kit.host.cli, [kit.pid])
    caller = Caller(number="705", actions=(Wait(4), Hangup()))
    running = asyncio.create_task(place([caller], kit.target, tmp_path / "run"))
    await asyncio.sleep(2)
    with pytest.raises(AssertionError, match=r"channel PJSIP/trunk-test.*socket"):
        await assert_no_leaks(before, kit.host.cli, within=0)
    await running
    await assert_no_leaks(before, kit.host.cli)
