"""The watchdog keeps its children running, kills one that freezes and lets them end in peace."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ivr.watchdog import Child, WatchdogSettings

QUICK = WatchdogSettings(beat_seconds=0.02, frozen_seconds=0.4, start_seconds=5.0, restart_seconds=0.01)

BEATS = """
import os, sys, time
descriptor = int(os.environ["IVR_HEARTBEAT_FD"])
log = open(sys.argv[1], "a")
log.write(f"start {os.getpid()}\\n"); log.flush()
while True:
    os.write(descriptor, b".")
    time.sleep(0.02)
"""

NOTES_SIGNALS = """
import signal
SIGNALS = (signal.SIGUSR1, signal.SIGTERM, signal.SIGHUP)
signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
def note(told):
    if told is None:
        return
    log.write(f"signal {signal.Signals(told.si_signo).name}\\n"); log.flush()
    if told.si_signo == signal.SIGTERM:
        sys.exit(0)
"""
"""Signals are taken one at a time, the lowest number first: a handler could be interrupted by another."""

CAREFUL = BEATS.replace("while True", f"{NOTES_SIGNALS.strip()}\nwhile True", 1).replace(
    "time.sleep(0.02)", "note(signal.sigtimedwait(SIGNALS, 0.02))"
)


class Host:
    """A watchdog in a process of its own, and its children: each notes `start <pid>` in a log."""

    def __init__(self, folder: Path, script: str = BEATS, **others: str) -> None:
        self.folder = folder
        scripts = {"engine": script, **others}
        children = [self._child(name, text) for name, text in scripts.items()]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ivr.watchdog", QUICK.model_dump_json(), *children],
            stderr=subprocess.PIPE,
            text=True,
        )

    def _child(self, name: str, text: str) -> str:
        self.log(name).touch()
        program = self.folder / f"{name}.py"
        program.write_text(text)
        return Child(
            name=name,
            command=(sys.executable, str(program), str(self.log(name))),
            pid_file=self.folder / f"{name}.pid",
            essential=name == "engine",
            signal_when_other_ends=None if name == "engine" else signal.SIGUSR1,
        ).model_dump_json()

    def log(self, name: str = "engine") -> Path:
        return self.folder / f"{name}.log"

    def starts(self, count: int, name: str = "engine") -> list[int]:
        """Process ids of a child, once it has started so many times."""
        return [int(line.split()[1]) for line in self.lines("start", count, name)]

    def lines(self, word: str, count: int, name: str) -> list[str]:
        """What a child has noted, once there are so many lines that begin so."""
        pause = threading.Event()
        for _ in range(500):
            found = [line for line in self.log(name).read_text().splitlines() if line.startswith(word)]
            if len(found) >= count:
                return found
            pause.wait(0.02)
        raise AssertionError(f"{count} times {word} expected, log: {self.log(name).read_text()!r}")

    def serving(self, pid: int, name: str = "engine") -> None:
        """Wait until this process has shown that it lives."""
        pause, file = threading.Event(), self.folder / f"{name}.pid"
        for _ in range(500):
            if file.exists() and file.read_text() == str(pid):
                return
            pause.wait(0.02)
        raise AssertionError(f"{name} {pid} does not serve")

    def reaped(self, pid: int) -> None:
        """Wait until the watchdog has seen the end of a process."""
        pause = threading.Event()
        for _ in range(500):
            if not _alive(pid):
                return
            pause.wait(0.02)
        raise AssertionError(f"{pid} is still there")

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=10)
        return self.process.returncode, errors


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_frozen_engine_is_killed_and_started_again(tmp_path: Path) -> None:
    host = Host(tmp_path)
    frozen = host.starts(1)[0]
    os.kill(frozen, signal.SIGSTOP)
    host.starts(2)
    assert not _alive(frozen)
    _, errors = host.stop()
    assert "engine is frozen" in errors


def test_a_killed_engine_is_started_again(tmp_path: Path) -> None:
    host = Host(tmp_path)
    os.kill(host.starts(1)[0], signal.SIGKILL)
    pids = host.starts(2)
    host.stop()
    assert pids[0] != pids[1]


def test_an_id_that_could_not_be_noted_is_noted_as_soon_as_it_can_be(tmp_path: Path) -> None:
    in_the_way = tmp_path / "engine.pid"
    in_the_way.mkdir()
    host = Host(tmp_path)
    pid = host.starts(1)[0]
    threading.Event().wait(0.3)
    in_the_way.rmdir()
    host.serving(pid)
    _, errors = host.stop()
    assert errors.count("can't be noted") == 1


def test_stop_ends_the_engine_and_starts_no_other(tmp_path: Path) -> None:
    host = Host(tmp_path)
    pid = host.starts(1)[0]
    host.stop()
    assert not _alive(pid)
    assert len(host.starts(1)) == 1


UNUSABLE = "import os, sys; open(sys.argv[1], 'a').write(f'start {os.getpid()}\\n'); sys.exit(2)"


def test_an_engine_that_can_not_start_is_not_tried_again(tmp_path: Path) -> None:
    host = Host(tmp_path, UNUSABLE, recogniser=BEATS)
    _, errors = host.process.communicate(timeout=10)
    assert host.process.returncode == 2
    assert "engine can't be started" in errors
    assert len(host.starts(1)) == 1
    assert not (tmp_path / "engine.pid").exists()
    assert not any(_alive(pid) for pid in host.starts(0, "recogniser"))


def test_once_one_has_served_a_start_that_fails_is_tried_again(tmp_path: Path) -> None:
    """A disk that is full when a killed engine starts anew will not be so for ever."""
    fails_second = BEATS.replace(
        "while True", "if len(open(sys.argv[1]).readlines()) == 2: sys.exit(2)\nwhile True"
    )
    host = Host(tmp_path, fails_second)
    os.kill(host.starts(1)[0], signal.SIGKILL)
    assert len(host.starts(3)) == 3
    host.stop()


# --- two children ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
@pytest.mark.parametrize(("victim", "other"), [("engine", "recogniser"), ("recogniser", "engine")])
def test_the_death_of_one_never_stops_the_other(
    tmp_path: Path, victim: str, other: str, number: signal.Signals
) -> None:
    host = Host(tmp_path, recogniser=CAREFUL)
    [dead], [left] = host.starts(1, victim), host.starts(1, other)
    host.serving(dead, victim)
    host.serving(left, other)
    os.kill(dead, number)
    host.starts(2, victim)
    assert host.starts(1, other) == [left]
    assert _alive(left)
    host.stop()


def test_the_recogniser_is_told_when_the_engine_has_died(tmp_path: Path) -> None:
    host = Host(tmp_path, recogniser=CAREFUL)
    [engine], [recogniser] = host.starts(1), host.starts(1, "recogniser")
    host.serving(recogniser, "recogniser")
    os.kill(engine, signal.SIGKILL)
    assert host.lines("signal", 1, "recogniser") == ["signal SIGUSR1"]
    host.stop()


def test_without_a_recogniser_that_can_start_the_engine_serves(tmp_path: Path) -> None:
    host = Host(tmp_path, recogniser=UNUSABLE)
    [engine] = host.starts(1)
    host.serving(engine)
    host.reaped(host.starts(1, "recogniser")[0])
    assert _alive(engine)
    _, errors = host.stop()
    assert "recogniser can't be started" in errors
    assert len(host.starts(1, "recogniser")) == 1


def test_at_a_stop_the_recogniser_hears_until_the_engine_has_ended(tmp_path: Path) -> None:
    """Calls that run while the engine drains are still listened to."""
    drains = CAREFUL.replace("sys.exit(0)", "raise SystemExit(open(sys.argv[1] + '.go').read() and 0)")
    go = tmp_path / "engine.log.go"
    os.mkfifo(go)
    host = Host(tmp_path, drains, recogniser=CAREFUL)
    [engine], [recogniser] = host.starts(1), host.starts(1, "recogniser")
    host.serving(engine)
    host.serving(recogniser, "recogniser")
    host.process.send_signal(signal.SIGTERM)
    host.lines("signal", 1, "engine")
    assert "signal" not in host.log("recogniser").read_text()
    go.write_text("now")
    assert host.lines("signal", 2, "recogniser") == ["signal SIGUSR1", "signal SIGTERM"]
    assert host.process.wait(10) == 0


def test_a_hangup_signal_goes_to_all(tmp_path: Path) -> None:
    host = Host(tmp_path, CAREFUL, recogniser=CAREFUL)
    for name in ("engine", "recogniser"):
        host.serving(host.starts(1, name)[0], name)
    host.process.send_signal(signal.SIGHUP)
    for name in ("engine", "recogniser"):
        assert host.lines("signal", 1, name) == ["signal SIGHUP"]
    host.stop()
