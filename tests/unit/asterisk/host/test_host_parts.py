from __future__ import annotations

import os
import socket
import sys
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from ivr.asterisk.host.ports import is_bound, require_free
from ivr.asterisk.host.process import InstanceProcess
from ivr.asterisk.host.status import Status, Trunk, read_status
from ivr.asterisk.host.version import Version
from ivr.asterisk.settings import AsteriskSettings, HostKind
from ivr.errors import Fault

LOOPBACK = IPv4Address("127.0.0.1")
ANSWERS = {
    "core show version": "Asterisk 22.10.1+dfsg built by nobody",
    "core show channels count": "2 active channels\n1 active call\n7 calls processed\n",
    "core show uptime seconds": "System uptime: 93\nLast reload: 93\n",
    "module show": (
        "Module      Description         Use Count  Status      Support Level\n"
        "app_dial.so Dialing Application 0          Running              core\n"
        "app_amd.so  Answering Machine   0          Not Running          core\n"
    ),
    "pjsip show contacts": (
        "  Contact:  trunk-one/sip:192.0.2.1:5060     141a1ad0ed Avail     3.114\n"
        "  Contact:  trunk-two/sip:192.0.2.2:5060     9bfd9c9e66 Unavail   nan\n"
        "  Contact:  trunk-three/sip:192.0.2.3:5060   9bfd9c9e67 NonQual   nan\n"
    ),
    "pjsip show registrations": (
        " trunk-four/sip:192.0.2.4   trunk-four   Registered    (exp. 30s)\n"
        " trunk-five/sip:192.0.2.5   trunk-five   Unregistered  (exp. 2s ago)\n"
    ),
}


@pytest.mark.parametrize(
    ("answer", "version", "sufficient"),
    [
        ("Asterisk 22.10.1+dfsg+~cs6", Version(22, 10, 1), True),
        ("Asterisk 22.4.0", Version(22, 4, 0), True),
        ("Asterisk 22.3.9", Version(22, 3, 9), False),
        ("Asterisk 20.14.0", Version(20, 14, 0), True),
        ("Asterisk 20.13.5", Version(20, 13, 5), False),
        ("Asterisk 21.9.0", Version(21, 9, 0), False),
        ("Asterisk 18.26.4", Version(18, 26, 4), False),
        ("Asterisk 23.1.0", Version(23, 1, 0), True),
    ],
)
def test_versions(answer: str, version: Version, sufficient: bool) -> None:
    assert Version.parse(answer) == version
    assert version.sufficient is sufficient


def test_no_version() -> None:
    assert Version.parse("command not found") is None


def test_status_is_read_from_the_console() -> None:
    trunks = [
        *({"name": n, "mode": "address", "addresses": ["192.0.2.1"]} for n in ("one", "two", "three")),
        *(
            {"name": n, "mode": "registration", "server": "192.0.2.4", "user": "u", "secret": "p"}
            for n in ("four", "five")
        ),
    ]
    settings = AsteriskSettings.model_validate({"trunks": trunks})
    status = read_status(settings, {"app_dial.so", "app_amd.so"}, 7, HostKind.SYSTEM, ANSWERS.__getitem__)
    assert status == Status(
        running=True,
        pid=7,
        kind=HostKind.SYSTEM,
        version="22.10.1",
        uptime_seconds=93,
        channels=2,
        calls=1,
        trunks=(
            Trunk("one", "available"),
            Trunk("two", "unavailable"),
            Trunk("three", "unchecked"),
            Trunk("four", "registered"),
            Trunk("five", "unregistered"),
        ),
        modules=1,
        missing_modules=("app_amd.so",),
    )


@pytest.mark.parametrize(
    ("status", "in_order"),
    [
        (Status(running=False), False),
        (Status(running=True), True),
        (Status(running=True, missing_modules=("app_dial.so",)), False),
        (Status(running=True, trunks=(Trunk("one", "unchecked"), Trunk("two", "registered"))), True),
        (Status(running=True, trunks=(Trunk("one", "unavailable"),)), False),
        (Status(running=True, trunks=(Trunk("one", "unregistered"),)), False),
    ],
)
def test_what_is_in_order(status: Status, in_order: bool) -> None:
    assert status.in_order is in_order
    assert status.document()["in_order"] is in_order


@pytest.mark.parametrize(("protocol", "kind"), [("udp", socket.SOCK_DGRAM), ("tcp", socket.SOCK_STREAM)])
def test_a_taken_port_is_refused_with_its_holder(protocol: str, kind: socket.SocketKind) -> None:
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            holder.listen()
        port = holder.getsockname()[1]
        assert is_bound(protocol, LOOPBACK, port)
        with pytest.raises(Fault, match=f"process {os.getpid()}") as caught:
            require_free(protocol, LOOPBACK, port, "asterisk.sip.port")
        assert caught.value.where == f"{protocol} 127.0.0.1:{port}"
        assert "asterisk.sip.port" in caught.value.fix
    assert not is_bound(protocol, LOOPBACK, port)
    require_free(protocol, LOOPBACK, port, "asterisk.sip.port")


def test_a_process_is_known_by_its_mark(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    sleep = [sys.executable, "-c", "import signal; print(1, flush=True); signal.pause()", "mark-a"]
    process = InstanceProcess(pid_file, "mark-a")
    assert process.pid is None
    process.start(sleep, tmp_path / "log", HostKind.CHROOT)
    try:
        while not (tmp_path / "log").stat().st_size:
            os.sched_yield()
        assert InstanceProcess(pid_file, "mark-a").pid == process.pid
        assert InstanceProcess(pid_file, "mark-a").kind is HostKind.CHROOT
        assert InstanceProcess(pid_file, "mark-b").pid is None
        assert not process.wait(0)
    finally:
        process.kill()
    assert process.wait(5)
    assert process.pid is None
