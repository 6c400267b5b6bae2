"""Asterisk: which one would be used, does it run, its Russian sounds, and the ports of everything."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from ivr.app.doctor.finding import Result
from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.host.ports import is_bound, require_free
from ivr.asterisk.host.programs import run, succeeds
from ivr.asterisk.host.version import Version
from ivr.asterisk.settings import AsteriskSettings, HostKind
from ivr.errors import Fault
from ivr.settings import Settings

_ANSWER_SECONDS = 5.0
_SOUNDS = ("usr/share/asterisk/sounds", "var/lib/asterisk/sounds")
_PORTS_PER_CALL = 2


@dataclass(frozen=True, slots=True)
class Installed:
    """The Asterisk that a start would use.

    Attributes:
        kind: How it would be run.
        version: None when it is yet to be fetched or made.
    """

    kind: HostKind
    version: Version | None


def installed(settings: AsteriskSettings) -> Installed:
    """Find the Asterisk that `ivr asterisk up` would start, without fetching or making one.

    Raises:
        Fault: The one asked for is missing or too old.
    """
    for kind in (HostKind.SYSTEM, HostKind.DOCKER):
        if settings.host not in (HostKind.AUTO, kind):
            continue
        version = _version(settings, kind)
        if version is not None and version.sufficient:
            return Installed(kind, version)
        if kind is HostKind.DOCKER and _docker_answers():
            return Installed(kind, None)
        if settings.host is kind:
            raise Fault(
                f"Asterisk {version} is too old." if version else "There is no such Asterisk.",
                f"asterisk.host = {kind}",
                "Install Asterisk 20.14, 22.4 or later, or set asterisk.host to auto.",
            )
    return Installed(HostKind.CHROOT, _version(settings, HostKind.CHROOT))


def _docker_answers() -> bool:
    return succeeds(["docker", "version", "--format={{.Server.Version}}"], _ANSWER_SECONDS)


def _version(settings: AsteriskSettings, kind: HostKind) -> Version | None:
    image = ["docker", "run", "--rm", "--pull=never", "--entrypoint=asterisk", settings.docker_image, "-V"]
    commands = {
        HostKind.SYSTEM: ["asterisk", "-V"],
        HostKind.DOCKER: image,
        HostKind.CHROOT: ["chroot", str(settings.root_folder), "asterisk", "-V"],
    }
    answer = run(commands[kind], _ANSWER_SECONDS)
    return Version.parse(answer.stdout) if answer else None


def asterisk(settings: AsteriskSettings) -> Result:
    """Version and state; one that does not run is in order when it could be started.

    Raises:
        Fault: There is none that could be used, or it runs and does not answer.
    """
    status = AsteriskHost(settings).status()
    if status.running:
        detail = status.text().replace("\n", " ")
        fix = "Look into its log and at the trunks' operators: `ivr asterisk status`."
        return Result(detail, "" if status.in_order else fix)
    found = installed(settings)
    if found.kind is HostKind.CHROOT and os.geteuid() != 0:
        return Result(
            "There is no Asterisk of sufficient version here, and only root can run a private one.",
            "Install Asterisk 22.4 or later on this machine, or run as root.",
        )
    if found.version is None:
        return _yet_to_come(settings, found.kind)
    return Result(f"Asterisk {found.version} ({found.kind}); it does not run now.")


def _yet_to_come(settings: AsteriskSettings, kind: HostKind) -> Result:
    if kind is HostKind.DOCKER:
        image = settings.docker_image
        return Result(f"The image {image} is not on this machine.", f"Run `docker pull {image}`.")
    return Result(
        f"There is no Asterisk on this machine, and no private root in {settings.root_folder}.",
        "Run `ivr asterisk prepare`, which makes one (as root, 370 MB), or install Asterisk 22.4 or later.",
    )


def sounds(settings: AsteriskSettings) -> Result:
    """Asterisk's own sounds of the language: the second choice when a fixed prompt is missing.

    Raises:
        Fault: The Asterisk asked for is missing.
    """
    kind = installed(settings).kind
    if kind is HostKind.DOCKER:
        return Result("The sounds are in the image; what it holds can't be seen from here.")
    root = settings.root_folder if kind is HostKind.CHROOT else Path("/")
    for folder in (root / name / settings.language for name in _SOUNDS):
        if (folder / "digits").is_dir():
            count = sum(1 for _ in folder.rglob("*.*"))
            return Result(f"{count} sounds of the language {settings.language!r} in {folder}.")
    return Result(
        f"Asterisk has no sounds of the language {settings.language!r}.",
        "Install asterisk-core-sounds-ru-wav; without it a missing prompt becomes a tone.",
    )


@dataclass(frozen=True, slots=True)
class Port:
    """A port that one of our processes listens on."""

    protocol: str
    host: IPv4Address
    number: int
    setting: str
    ours: bool

    def __str__(self) -> str:
        return f"{self.setting.removesuffix('.port')} {self.protocol} {self.number}"


def ports(settings: Settings) -> Result:
    """Each port is free or held by our own process; the media ports suffice for all calls.

    Raises:
        Fault: Another program has one of them, or its address is not this machine's.
    """
    runs = _asterisk_runs(settings.asterisk)
    listening = _listening(settings, engine_pid(settings) is not None, runs)
    told = ", ".join(f"{port} {_state(port)}" for port in listening)
    media, wanted = settings.asterisk.rtp, settings.asterisk.max_calls
    room = _free_media_ports(settings.asterisk, runs) // _PORTS_PER_CALL
    detail = f"{told}; media {media.first_port} to {media.last_port} with room for {room} calls."
    if room < wanted:
        return Result(
            detail, f"Widen or move the range asterisk.rtp: asterisk.max_calls asks for {wanted} calls."
        )
    return Result(detail)


def _asterisk_runs(settings: AsteriskSettings) -> bool:
    try:
        return AsteriskHost(settings).status().running
    except Fault:
        return True


def _free_media_ports(settings: AsteriskSettings, runs: bool) -> int:
    """Ports that nobody has; those that our own Asterisk uses now count as free."""
    media = range(settings.rtp.first_port, settings.rtp.last_port + 1)
    return sum(1 for port in media if runs or not is_bound("udp", IPv4Address(0), port))


def _listening(settings: Settings, engine: bool, running: bool) -> Iterator[Port]:
    sip, manager = settings.asterisk.sip, settings.asterisk.manager
    yield Port("udp", sip.host, sip.port, "asterisk.sip.port", running)
    yield Port("tcp", manager.host, manager.port, "asterisk.manager.port", running)
    sockets = settings.asterisk.websocket
    if settings.asterisk.workplaces.count:
        yield Port("tcp", sockets.host, sockets.port, "asterisk.websocket.port", running)
    if settings.asterisk.workplaces.count and sockets.certificate:
        yield Port("tcp", sockets.tls_host, sockets.tls_port, "asterisk.websocket.tls_port", running)
    yield Port("tcp", _address(settings.agi.host), settings.agi.port, "agi.port", engine)
    yield Port("tcp", _address(settings.web.host), settings.web.port, "web.port", engine)


def _address(host: str) -> IPv4Address:
    return IPv4Address(socket.gethostbyname(host))


def _state(port: Port) -> str:
    if port.ours and is_bound(port.protocol, port.host, port.number):
        return "ours"
    require_free(port.protocol, port.host, port.number, port.setting)
    return "free"


def engine_pid(settings: Settings) -> int | None:
    """Process id of the engine that runs on this data folder, or None."""
    with suppress(OSError, ValueError):
        pid = int((settings.data_folder / "engine.pid").read_text())
        if b"engine" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
            return pid
    return None
