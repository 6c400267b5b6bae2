"""A process whose thread polls a descriptor that was closed under it looks again after a nudge."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.asterisk.host.nudge import nudge, resume

POLLING = """
import os, select, sys, threading, time
reading, _writing = os.pipe()
def poll():
    poller = select.poll()
    poller.register(reading, select.POLLIN)
    sys.stdout.write(f"{poller.poll()[0][1] == select.POLLNVAL}\\n")
    sys.stdout.flush()
thread = threading.Thread(target=poll)
thread.start()
def asleep():
    return open(f"/proc/self/task/{thread.native_id}/wchan").read().startswith(("poll", "do_sys_poll"))
until = time.monotonic() + 5
while not asleep() and time.monotonic() < until:
    time.sleep(0.01)
time.sleep(0.05)
os.close(reading)
sys.stdout.write("closed\\n")
sys.stdout.flush()
thread.join()
"""


@pytest.fixture
def polling() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", POLLING], stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_poll_begins_anew(polling: subprocess.Popen[str]) -> None:
    assert polling.stdout is not None
    assert polling.stdout.readline() == "closed\n"
    said: list[str] = []
    waiting = threading.Thread(
        target=lambda: said.append(polling.stdout.readline() if polling.stdout else "")
    )
    waiting.start()
    waiting.join(0.3)
    assert said == []
    nudge(polling.pid)
    waiting.join(5)
    assert said == ["True\n"]
    assert polling.wait(5) == 0


def test_who_was_left_stopped_goes_on(polling: subprocess.Popen[str]) -> None:
    subprocess.run(["kill", "-STOP", str(polling.pid)], check=True)
    resume(polling.pid)
    nudge(polling.pid)
    assert state(polling.pid) != "T"


def test_a_process_that_is_gone_is_told() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    with pytest.raises(ProcessLookupError):
        nudge(process.pid)
