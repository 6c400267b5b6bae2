"""The watchdog keeps a command running, kills it when it freezes and lets it end in peace."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from ivr.watchdog import Watchdog, WatchdogSettings

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

HOST = """
import sys
from ivr.watchdog import Watchdog, WatchdogSettings
settings = WatchdogSettings.model_validate_json(sys.argv[1])
sys.exit(Watchdog([sys.executable, *sys.argv[2:]], settings).run())
"""


class Host:
    """A watchdog in a process of its own, watching a script that writes `start <pid>` to a log."""

    def __init__(self, folder: Path, script: str = BEATS) -> None:
        self.log = folder / "log"
        self.log.touch()
        program = folder / "engine.py"
        program.write_text(script)
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOST, QUICK.model_dump_json(), str(program), str(self.log)],
            stderr=subprocess.PIPE,
            text=True,
        )

    def engines(self, count: int) -> list[int]:
        """Process ids of the engines, once so many have started."""
        pause = threading.Event()
        for _ in range(500):
            pids = [int(line.split()[1]) for line in self.log.read_text().splitlines()]
            if len(pids) >= count:
                return pids
            pause.wait(0.02)
        raise AssertionError(f"{count} engines expected, log: {self.log.read_text()!r}")

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=10)
        return self.process.returncode, errors


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_a_frozen_engine_is_killed_and_started_again(tmp_path: Path) -> None:
    host = Host(tmp_path)
    frozen = host.engines(1)[0]
    os.kill(frozen, signal.SIGSTOP)
    host.engines(2)
    assert not _alive(frozen)
    _, errors = host.stop()
    assert "engine is frozen" in errors


def test_a_killed_engine_is_started_again(tmp_path: Path) -> None:
    host = Host(tmp_path)
    os.kill(host.engines(1)[0], signal.SIGKILL)
    pids = host.engines(2)
    host.stop()
    assert pids[0] != pids[1]


def test_stop_ends_the_engine_and_starts_no_other(tmp_path: Path) -> None:
    host = Host(tmp_path)
    pid = host.engines(1)[0]
    host.stop()
    assert not _alive(pid)
    assert len(host.engines(1)) == 1


def test_an_engine_that_can_not_start_is_not_tried_again(tmp_path: Path) -> None:
    program = tmp_path / "engine.py"
    program.write_text("import sys; open(sys.argv[1], 'a').write('start\\n'); sys.exit(2)")
    starts = tmp_path / "starts"
    served: list[int] = []
    signals = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    try:
        status = Watchdog([sys.executable, str(program), str(starts)], QUICK, serving=served.append).run()
    finally:
        for number, handler in signals.items():
            signal.signal(number, handler)
    assert (status, starts.read_text(), served) == (2, "start\n", [])


def test_once_one_has_served_a_start_that_fails_is_tried_again(tmp_path: Path) -> None:
    """A disk that is full when a killed engine starts anew will not be so for ever."""
    fails_second = BEATS.replace(
        "while True", "if len(open(sys.argv[1]).readlines()) == 2: sys.exit(2)\nwhile True"
    )
    host = Host(tmp_path, fails_second)
    os.kill(host.engines(1)[0], signal.SIGKILL)
    assert len(host.engines(3)) == 3
    host.stop()
