from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from subprocess import PIPE, Popen

from ivr.bench.processes import cpu_seconds, machine, memory_mb, parent_of, with_children
from ivr.bench.sipp.process import free_media_port, read_tally

STAT = (
    "StartTime;LastResetTime;CurrentTime;ElapsedTime(P);CurrentCall;SuccessfulCall(C);FailedCall(C);\n"
    "d\tt\t100.500000;x;d\tt\t101.500000;00:00:01;3;0;0;\n"
    "d\tt\t100.500000;x;d\tt\t112.750000;00:00:12;0;4;1;\n"
)


def test_the_tally_is_the_last_row_and_the_highest_number_of_calls(tmp_path: Path) -> None:
    (tmp_path / "stat.csv").write_text(STAT)
    (tmp_path / "errors.log").write_text("unexpected")
    tally = read_tally(tmp_path, 1)
    assert (tally.successful, tally.failed, tally.exit_code) == (4, 1, 1)
    assert (tally.seconds, tally.most_at_once) == (12.25, 3)
    assert tally.errors == "unexpected"
    assert tally.messages == ()


def test_a_sipp_that_wrote_nothing_has_placed_nothing(tmp_path: Path) -> None:
    tally = read_tally(tmp_path, 255)
    assert (tally.successful, tally.failed, tally.exit_code, tally.seconds) == (0, 0, 255, 0.0)


def test_listeners_have_the_ports_that_sipp_counts_up_to() -> None:
    base, ears = free_media_port(3)
    try:
        assert [ear.getsockname()[1] for ear in ears] == [base + 4, base + 8, base + 12]
        for port in (base, base + 2):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
                free.bind(("127.0.0.1", port))
    finally:
        for ear in ears:
            ear.close()


def test_cpu_counts_what_was_worked() -> None:
    before = cpu_seconds([os.getpid()])
    while cpu_seconds([os.getpid()]) < before + 0.05:
        sum(range(10_000))
    assert memory_mb([os.getpid()]) > 5


def test_children_of_children_belong_to_a_process() -> None:
    script = (
        "import subprocess,sys; print(subprocess.Popen(['sleep','60']).pid, flush=True); sys.stdin.read()"
    )
    with Popen([sys.executable, "-c", script], stdin=PIPE, stdout=PIPE, text=True) as child:
        assert child.stdout is not None
        grandchild = int(child.stdout.readline())
        try:
            assert parent_of(child.pid) == os.getpid()
            assert {child.pid, grandchild} <= set(with_children(os.getpid()))
        finally:
            os.kill(grandchild, 15)
            child.communicate("")


def test_the_machine_is_told() -> None:
    told = machine()
    assert told["cores"] == os.cpu_count()
    assert all(told[name] for name in ("cpu", "memory_mb", "kernel", "python"))
