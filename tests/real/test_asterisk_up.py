"""Asterisk is started from the rendered configuration, looked at, and stopped."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from ivr.asterisk.host import AsteriskHost
from ivr.commands.asterisk import app
from ivr.errors import Fault
from tests.real.instances import free_port, instance_settings, running

pytestmark = pytest.mark.real


def test_every_module_runs_and_nothing_is_wrong_in_the_log(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path)
    with running(settings) as host:
        status = host.status()
        assert status.in_order
        assert status.missing_modules == ()
        assert status.trunks[0].name == "main"
        assert status.version.startswith("2")
    assert "ERROR" not in (settings.log_folder / "asterisk.log").read_text()


def test_a_second_start_changes_nothing_and_a_second_stop_neither(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path)
    with running(settings) as host:
        first = host.status().pid
        assert AsteriskHost(settings).up().pid == first
        assert AsteriskHost(settings).down()
        assert not host.down()
    assert not host.status().running


def test_instances_run_side_by_side(tmp_path: Path) -> None:
    one, other = instance_settings(tmp_path / "one"), instance_settings(tmp_path / "other")
    with running(one) as first, running(other) as second:
        assert first.status().in_order
        assert second.status().in_order
        first.down()
        assert second.status().in_order


def test_the_mounts_of_an_instance_are_seen_by_nobody_else(tmp_path: Path) -> None:
    before = Path("/proc/self/mounts").read_text()
    with running(instance_settings(tmp_path)):
        assert Path("/proc/self/mounts").read_text() == before


def test_a_missing_module_is_named(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path, extra_modules=["app_absent.so"])
    with pytest.raises(Fault, match="app_absent"):
        AsteriskHost(settings).up()
    assert not AsteriskHost(settings).status().running


def test_a_module_that_declines_is_named(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path, extra_modules=["app_followme.so"])  # no followme.conf
    with pytest.raises(Fault, match="app_followme"):
        AsteriskHost(settings).up()


def test_a_taken_port_is_named_with_its_holder(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(Fault, match=r"asterisk\.manager\.port") as caught:
            AsteriskHost(instance_settings(tmp_path, manager={"port": port})).up()
    assert f"127.0.0.1:{port}" in caught.value.where
    assert f"(process {os.getpid()})" in caught.value.what


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    sip = {"host": "192.0.2.1", "port": free_port(socket.SOCK_DGRAM)}
    with pytest.raises(Fault, match=r"asterisk\.sip\.port"):
        AsteriskHost(instance_settings(tmp_path, sip=sip)).up()


def test_a_killed_instance_starts_again(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path)
    with running(settings) as host:
        pid = host.up().pid
        watch = os.pidfd_open(pid)
        os.kill(pid, signal.SIGKILL)
        assert select.select([watch], [], [], 5)[0]
        os.close(watch)
        again = host.up()
        assert again.pid != pid
        assert host.status().in_order


def test_a_frozen_instance_is_ended(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path)
    host = AsteriskHost(settings)
    os.kill(host.up().pid, signal.SIGSTOP)
    assert host.down()
    assert not host.status().running


def test_the_command_starts_shows_and_stops(tmp_path: Path) -> None:
    settings = SimpleNamespace(asterisk=instance_settings(tmp_path))

    def ivr(*words: str) -> Result:
        with capture_logs():
            return CliRunner().invoke(app, [*words, "--format", "json"], obj=settings)

    assert ivr("status").exit_code == 1
    try:
        assert json.loads(ivr("up").stdout)["in_order"]
        shown = ivr("status")
        assert shown.exit_code == 0
        assert json.loads(shown.stdout)["trunks"] == [{"name": "main", "state": "unchecked"}]
    finally:
        assert json.loads(ivr("down").stdout) == {"running": False, "ran": True}
    assert json.loads(ivr("down").stdout) == {"running": False, "ran": False}


def test_the_secret_is_kept_from_others(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path)
    with running(settings):
        assert (settings.data_folder / "manager.secret").stat().st_mode & 0o077 == 0
        assert (settings.etc_folder / "manager.conf").stat().st_mode & 0o077 == 0


def test_it_runs_as_the_owner_of_its_folder(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path)
    tmp_path.chmod(0o755)
    settings.data_folder.mkdir()
    os.chown(settings.data_folder, 12345, 12345)
    with running(settings) as host:
        status = host.status()
        assert Path(f"/proc/{status.pid}").stat().st_uid == 12345
        assert status.in_order
