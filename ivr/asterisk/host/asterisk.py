"""Runs one Asterisk instance: starts it, waits until it is ready, asks it, stops it."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from ivr.asterisk.config import Secrets, install, render, required_modules
from ivr.asterisk.host.installations import Installation, find_installation, known_installation
from ivr.asterisk.host.nudge import nudge, resume
from ivr.asterisk.host.ports import is_bound, require_free
from ivr.asterisk.host.process import InstanceProcess
from ivr.asterisk.host.programs import run
from ivr.asterisk.host.root import Announce
from ivr.asterisk.host.status import Status, read_status, running_modules
from ivr.asterisk.settings import AsteriskSettings, HostKind
from ivr.errors import Fault

log = structlog.get_logger(__name__)

_CONSOLE_SECONDS = 5.0
_HALT_SECONDS = 5.0
_POLL_SECONDS = 0.05
_FAILED_MODULE = re.compile(
    r"(?:Failed to load(?: required)? module|Required module|Error loading module) '?(\w+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Running:
    """An instance that runs.

    Attributes:
        pid: Its process.
        kind: How it was started.
        seconds: How long the start took; 0 when it ran already.
    """

    pid: int
    kind: HostKind
    seconds: float


class AsteriskHost:
    """One Asterisk instance. Several live side by side with data folders and ports of their own.

    Args:
        settings: Everything it is rendered and run from.
        announce: Told in words of what takes long.
    """

    def __init__(self, settings: AsteriskSettings, announce: Announce = lambda _: None) -> None:
        self._settings = settings
        self._announce = announce
        self._conf = settings.etc_folder / "asterisk.conf"
        self._log_start = 0
        self._process = InstanceProcess(settings.data_folder / "asterisk.pid", str(self._conf))

    def render(self) -> dict[str, str]:
        """The configuration files, by name, as they are written at the start."""
        return render(self._settings, Secrets.of(self._settings))

    def prepare(self) -> None:
        """Make sure that there is an Asterisk to run; the private root is made when it is missing.

        Raises:
            Fault: There is no usable Asterisk.
        """
        find_installation(self._settings, self._announce)

    def up(self) -> Running:
        """Start it and wait until it is ready; nothing is done when it runs already.

        Raises:
            Fault: There is no usable Asterisk, a port is taken, a module did not load, or
                it was not ready in time.
        """
        if (pid := self._process.pid) is not None:
            return Running(pid, self._process.kind, 0)
        begun = time.monotonic()
        self._make_folders()
        installation = find_installation(self._settings, self._announce)
        files = self.render()
        install(self._settings, files)
        self._give_to_owner()
        self._require_ports()
        pid = self._launch(installation)
        try:
            self._await_boot(begun + self._settings.start_seconds)
            self._require_modules(required_modules(files))
        except BaseException:
            self._end(installation)
            raise
        running = Running(pid, installation.kind, time.monotonic() - begun)
        log.info("asterisk up", pid=pid, kind=running.kind, seconds=round(running.seconds, 2))
        return running

    def down(self) -> bool:
        """Stop it: calls may end within the limit, then they are cut. False when it did not run."""
        if self._process.pid is None:
            return False
        try:
            kind = self._process.kind
        except FileNotFoundError:  # somebody else has stopped it and seen its end
            return False
        installation = known_installation(self._settings, kind)
        if not self._stops():
            self._end(installation)
        log.info("asterisk down")
        return True

    def status(self) -> Status:
        """Its state, as it tells itself.

        Raises:
            Fault: It runs but does not answer.
        """
        pid = self._process.pid
        if pid is None:
            return Status(running=False)
        required = required_modules(
            {"modules.conf": (self._settings.etc_folder / "modules.conf").read_text()}
        )
        return read_status(self._settings, required, pid, self._process.kind, self.cli)

    def cli(self, command: str) -> str:
        """The answer of Asterisk's console to a command.

        Raises:
            Fault: It does not run, or does not answer.
        """
        done = self._console(command, _CONSOLE_SECONDS)
        if done is None or done.returncode != 0:
            raise Fault(
                f"Asterisk does not answer to `{command}`.",
                str(self._settings.data_folder),
                "Look into its log, and start it anew with `ivr asterisk down` and `ivr asterisk up`.",
            )
        return done.stdout

    def nudge(self) -> None:
        """Make its threads look anew at what they wait for (`ivr.asterisk.host.nudge`).

        Raises:
            Fault: It does not run here, or belongs to another user.
        """
        self._signal(nudge)

    def resume(self) -> None:
        """Let it go on, if an engine died in the middle of a nudge; raises as `nudge`."""
        self._signal(resume)

    def _signal(self, send: Callable[[int], None]) -> None:
        pid = self._process.pid
        try:
            if pid is None or self._process.kind is HostKind.DOCKER:
                raise ProcessLookupError
            send(pid)
        except OSError as error:
            raise Fault(
                "Asterisk can't be reached by a signal.",
                str(self._settings.data_folder),
                "Run Asterisk and the engine on one machine and as one user.",
            ) from error

    def _console(self, command: str, seconds: float) -> subprocess.CompletedProcess[str] | None:
        pid = self._process.pid
        if pid is None:
            return None
        installation = known_installation(self._settings, self._process.kind)
        argv = installation.within(pid, ["-C", str(self._conf), "-rx", command])
        return run(argv, seconds)

    def _make_folders(self) -> None:
        settings = self._settings
        for name in ("lib", "spool", "run", "log"):
            (settings.data_folder / name).mkdir(parents=True, exist_ok=True)
        for name in ("cel-custom", "cel_custom"):  # the way to calls.csv; the second is of older versions
            (settings.log_folder / name).mkdir(exist_ok=True)
        for folder in (settings.prompts_folder / "moh", settings.recordings_spool):
            folder.mkdir(parents=True, exist_ok=True)
        socket_path = settings.data_folder / "run" / "asterisk.ctl"
        if len(os.fsencode(socket_path)) > 107:
            raise Fault(
                "The path is too long for a socket.", str(socket_path), "Choose a shorter data_folder."
            )

    def _give_to_owner(self) -> None:
        owner = self._settings.data_folder.stat()
        if os.geteuid() != 0 or owner.st_uid == 0:
            return
        for path in [*self._settings.data_folder.rglob("*"), self._settings.recordings_spool]:
            os.chown(path, owner.st_uid, owner.st_gid)

    def _require_ports(self) -> None:
        sip, manager = self._settings.sip, self._settings.manager
        require_free("udp", sip.host, sip.port, "asterisk.sip.port")
        require_free("tcp", manager.host, manager.port, "asterisk.manager.port")
        if self._settings.workplaces.count:
            self._require_websocket_ports()

    def _require_websocket_ports(self) -> None:
        websocket = self._settings.websocket
        require_free("tcp", websocket.host, websocket.port, "asterisk.websocket.port")
        if websocket.certificate is not None:
            require_free("tcp", websocket.tls_host, websocket.tls_port, "asterisk.websocket.tls_port")

    def _launch(self, installation: Installation) -> int:
        self._log_start = len(_read(self._settings.log_folder / "asterisk.log"))
        arguments = ["-f", "-C", str(self._conf)]
        self._process.start(
            installation.launch(arguments), self._settings.log_folder / "console.log", installation.kind
        )
        pid = self._process.pid
        if pid is None:
            raise self._not_ready("Asterisk ended at once.")
        return pid

    def _await_boot(self, limit: float) -> None:
        control = self._settings.data_folder / "run" / "asterisk.ctl"
        while time.monotonic() < limit:
            if self._process.pid is None:
                raise self._not_ready("Asterisk ended while it started.")
            if control.exists():
                done = self._console("core waitfullybooted", max(limit - time.monotonic(), 0.1))
                if done is not None and "fully booted" in done.stdout and self._listens():
                    return
            time.sleep(_POLL_SECONDS)
        raise self._not_ready(f"Asterisk was not ready within {self._settings.start_seconds:g} s.")

    def _listens(self) -> bool:
        sip, manager = self._settings.sip, self._settings.manager
        with suppress(OSError), socket.create_connection((str(manager.host), manager.port), 1) as connection:
            greeted = connection.recv(64).startswith(b"Asterisk Call Manager")
            return greeted and is_bound("udp", sip.host, sip.port)
        return False

    def _require_modules(self, required: set[str]) -> None:
        missing = sorted(required - running_modules(self.cli("module show")))
        if missing:
            raise self._not_ready(f"Modules did not load: {', '.join(missing)}.")

    def _not_ready(self, what: str) -> Fault:
        folder = self._settings.log_folder
        texts = [_read(folder / "console.log"), _read(folder / "asterisk.log")[self._log_start :]]
        modules = sorted({module for text in texts for module in _FAILED_MODULE.findall(text)})
        if modules:
            what = f"{what} Modules that did not load: {', '.join(modules)}."
        errors = [line for text in texts for line in text.splitlines() if "ERROR" in line or "rror:" in line]
        first = f" Its first error: {errors[0].strip()}" if errors else ""
        return Fault(f"{what}{first}", str(folder), "Read the logs there and correct the cause.")

    def _stops(self) -> bool:
        try:
            self.cli("core stop gracefully")
            if self._process.wait(self._settings.stop_seconds):
                return True
            self.cli("core stop now")
        except Fault:
            return self._process.pid is None
        return self._process.wait(_HALT_SECONDS)

    def _end(self, installation: Installation) -> None:
        self._process.kill()
        installation.destroy()
        self._process.wait(_HALT_SECONDS)


def _read(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""
