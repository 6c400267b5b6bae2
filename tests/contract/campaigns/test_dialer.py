"""Engines that dial from one database are told apart, also on one host."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.app.dialer import FILE, Dialer
from ivr.errors import Fault

_HOLDS = """
import sys
from pathlib import Path
from ivr.app.dialer import Dialer
dialer = Dialer(Path(sys.argv[1]), "")
dialer.hold()
print("held", flush=True)
sys.stdin.read()
"""


def test_engines_of_one_host_have_names_of_their_own(tmp_path: Path) -> None:
    one, two = Dialer(tmp_path / "one", ""), Dialer(tmp_path / "two", "")
    assert one.name != two.name
    one.hold()
    two.hold()
    one.release()
    two.release()


def test_an_engine_has_the_same_name_after_each_start(tmp_path: Path) -> None:
    assert Dialer(tmp_path, "").name == Dialer(tmp_path, "").name


def test_what_the_settings_name_is_its_name(tmp_path: Path) -> None:
    assert Dialer(tmp_path, "east").name == "east"


@pytest.mark.parametrize("torn", ["", "3f", "not an id\n", "\u0434"])
def test_an_id_that_can_not_be_read_is_made_anew(tmp_path: Path, torn: str) -> None:
    (tmp_path / FILE).write_text(torn, encoding="utf-8")
    name = Dialer(tmp_path, "").name
    assert len(name) <= 64
    assert Dialer(tmp_path, "").name == name


def test_a_second_engine_of_the_same_folder_is_refused_until_the_first_one_is_gone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLDS, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        second = Dialer(tmp_path, "")
        with pytest.raises(Fault, match="Another engine"):
            second.hold()
        first.send_signal(signal.SIGKILL)
        first.wait()
        second.hold()
        second.release()
