"""Checks of `ivr doctor` on the machine: Python, disk, clock, Asterisk, ports."""

import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.app.doctor import machine, telephony
from ivr.asterisk.settings import HostKind
from ivr.errors import Fault
from ivr.settings import Settings
from tests.unit.core.examined import NOW, listening, program, settings_of


class TestMachine:
    def test_python_and_its_libraries(self) -> None:
        assert machine.python().ok

    def test_a_missing_library_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(machine, "requires", lambda _: ["aiohttp>=3.10", "no-such-library[x]>=1"])
        result = machine.python()
        assert not result.ok
        assert "no-such-library" in result.detail
        assert "aiohttp" not in result.detail

    def test_enough_space(self, data: Path) -> None:
        result = machine.disk(settings_of(data), lambda _: 10 << 30)
        assert result.ok
        assert "994 hours" in result.detail

    def test_little_space_is_told_with_the_folder(self, data: Path) -> None:
        (data / "recordings").mkdir(parents=True)
        result = machine.disk(settings_of(data), lambda path: 1 << (20 if path.name == "recordings" else 40))
        assert not result.ok
        assert "archive" in result.fix
        assert "prompts" not in result.fix

    def test_a_folder_that_is_a_file(self, data: Path) -> None:
        data.write_text("")
        result = machine.disk(settings_of(data))
        assert not result.ok
        assert str(data) in result.detail

    def test_the_clock_and_its_zone(self, data: Path) -> None:
        result = machine.clock(settings_of(data), datetime(2099, 1, 1, tzinfo=UTC), True)
        assert result.ok
        assert "2099-01-01 03:00:00 +0300" in result.detail

    def test_a_clock_behind_the_program(self, data: Path) -> None:
        assert not machine.clock(settings_of(data), machine.newest_file() - timedelta(hours=1), True).ok

    def test_a_clock_that_nobody_sets(self, data: Path) -> None:
        assert "timedatectl" in machine.clock(settings_of(data), NOW, False).fix

    def test_a_machine_that_does_not_tell_of_ntp(self, data: Path) -> None:
        assert machine.clock(settings_of(data), NOW, None).ok

    @pytest.mark.parametrize(("answer", "state"), [("yes", True), ("no", False), ("", None)])
    def test_what_systemd_says_of_ntp(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, state: bool | None
    ) -> None:
        program(tmp_path, monkeypatch, "timedatectl", f"echo {answer}")
        assert machine.ntp_synchronised() is state


class TestAsterisk:
    @pytest.fixture(autouse=True)
    def _no_asterisk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        program(tmp_path, monkeypatch, "asterisk", "exit 1")
        program(tmp_path, monkeypatch, "docker", "exit 1")

    def test_the_one_of_the_system(self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        program(tmp_path, monkeypatch, "asterisk", "echo Asterisk 22.5.0")
        result = telephony.asterisk(settings_of(data).asterisk)
        assert result.ok
        assert result.detail == "Asterisk 22.5.0 (system); it does not run now."

    def test_one_that_is_too_old_is_passed_over(
        self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program(tmp_path, monkeypatch, "asterisk", "echo Asterisk 18.1.0")
        assert telephony.installed(settings_of(data).asterisk).kind is HostKind.CHROOT

    def test_one_that_is_too_old_and_asked_for(
        self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program(tmp_path, monkeypatch, "asterisk", "echo Asterisk 18.1.0")
        with pytest.raises(Fault, match=r"18\.1\.0 is too old"):
            telephony.installed(settings_of(data, "asterisk.host=system").asterisk)

    def test_none_at_all(self, data: Path) -> None:
        result = telephony.asterisk(settings_of(data).asterisk)
        assert not result.ok
        assert "Install" in result.fix or "ivr asterisk prepare" in result.fix

    def test_docker_without_the_image(
        self, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program(tmp_path, monkeypatch, "docker", '[ "$1" = version ]')
        settings = settings_of(data, "asterisk.docker_image=example/asterisk:22").asterisk
        assert telephony.asterisk(settings).fix == "Run `docker pull example/asterisk:22`."

    def test_sounds_of_the_private_root(self, data: Path) -> None:
        settings = settings_of(data, "asterisk.host=chroot").asterisk
        assert "asterisk-core-sounds-ru-wav" in telephony.sounds(settings).fix
        digits = settings.root_folder / "usr/share/asterisk/sounds/ru/digits"
        digits.mkdir(parents=True)
        (digits / "1.wav").touch()
        assert telephony.sounds(settings).ok


class TestPorts:
    """Asterisk and engine of the data folder do not run, so that every port has to be free."""

    def settings(self, data: Path, *overrides: str) -> Settings:
        rtp = ["asterisk.rtp.first_port=20000", "asterisk.rtp.last_port=20059", "asterisk.max_calls=20"]
        free = ["agi.port=0", "web.port=0", "asterisk.agi.port=4573"]
        with ExitStack() as listens:
            sip = listens.enter_context(listening(socket.SOCK_DGRAM))
            manager, phones = (listens.enter_context(listening(socket.SOCK_STREAM)) for _ in range(2))
            free += [f"asterisk.sip.port={sip}", f"asterisk.manager.port={manager}"]
            free += [f"asterisk.websocket.port={phones}"]
        return settings_of(data, *rtp, *free, *overrides)

    def test_free_ports(self, data: Path) -> None:
        result = telephony.ports(self.settings(data))
        assert result.ok
        assert result.detail.count(" free") == 5

    @pytest.mark.parametrize(
        "setting", ["web.port", "agi.port", "asterisk.manager.port", "asterisk.websocket.port"]
    )
    def test_a_port_of_another_program(self, data: Path, setting: str) -> None:
        with listening(socket.SOCK_STREAM) as port:
            settings = self.settings(data, f"{setting}={port}")
            with pytest.raises(Fault) as caught:
                telephony.ports(settings)
        assert f"(process {os.getpid()})" in caught.value.what
        assert setting in caught.value.fix

    def test_a_sip_port_of_another_program(self, data: Path) -> None:
        with listening(socket.SOCK_DGRAM) as port, pytest.raises(Fault, match="taken"):
            telephony.ports(self.settings(data, f"asterisk.sip.port={port}"))

    def test_a_port_of_our_engine(self, data: Path) -> None:
        """Its process id is in the data folder, and its command line says `engine`."""
        sleep = "import time; time.sleep(60)"
        with subprocess.Popen([sys.executable, "-c", sleep, "engine"]) as engine:
            data.mkdir()
            (data / "engine.pid").write_text(str(engine.pid))
            try:
                with listening(socket.SOCK_STREAM) as port:
                    result = telephony.ports(self.settings(data, f"web.port={port}"))
            finally:
                engine.kill()
        assert result.ok
        assert f"web tcp {port} ours" in result.detail

    @pytest.mark.parametrize(
        "content", ["", "no number", "999999999", pytest.param(str(os.getpid()), id="ours")]
    )
    def test_an_engine_that_is_gone(self, data: Path, content: str) -> None:
        data.mkdir()
        (data / "engine.pid").write_text(content)
        assert telephony.engine_pid(settings_of(data)) is None

    def test_too_few_media_ports(self, data: Path) -> None:
        result = telephony.ports(self.settings(data, "asterisk.max_calls=31"))
        assert not result.ok
        assert "asterisk.rtp" in result.fix
