"""The three ways to run Asterisk: installed on the machine, from an image, from a private root."""

from __future__ import annotations

import hashlib
import os
import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from ivr.asterisk.host.programs import run, succeeds
from ivr.asterisk.host.root import Announce, PrivateRoot
from ivr.asterisk.host.version import Version
from ivr.asterisk.settings import AsteriskSettings, HostKind
from ivr.errors import Fault

_ANSWER_SECONDS = 10
_FETCH_SECONDS = 600


class Installation(Protocol):
    """An Asterisk that can be run. It runs as the owner of the instance's data folder."""

    kind: HostKind

    def launch(self, arguments: Sequence[str]) -> list[str]:
        """The command that runs Asterisk in the foreground."""

    def within(self, pid: int, arguments: Sequence[str]) -> list[str]:
        """The command that runs the `asterisk` program beside the instance with this process id."""

    def destroy(self) -> None:
        """End what the death of the launched process alone does not end."""


class SystemInstallation:
    """Asterisk as installed on this machine."""

    kind = HostKind.SYSTEM

    def __init__(self, settings: AsteriskSettings) -> None:
        self._settings = settings

    def launch(self, arguments: Sequence[str]) -> list[str]:
        """See `Installation`."""
        user, group = _owner(self._settings)
        if os.geteuid() != 0 or user == 0:
            return ["asterisk", *arguments]
        return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "asterisk", *arguments]

    def within(self, pid: int, arguments: Sequence[str]) -> list[str]:
        """See `Installation`."""
        return ["asterisk", *arguments]

    def destroy(self) -> None:
        """See `Installation`."""


class DockerInstallation:
    """Asterisk from an image, on the network of this machine."""

    kind = HostKind.DOCKER

    def __init__(self, settings: AsteriskSettings) -> None:
        self._settings = settings
        mark = hashlib.sha256(str(settings.data_folder).encode()).hexdigest()[:12]
        self._name = f"ivr-asterisk-{mark}"

    def launch(self, arguments: Sequence[str]) -> list[str]:
        """See `Installation`."""
        user, group = _owner(self._settings)
        volumes = [f"--volume={folder}:{folder}" for folder in _folders(self._settings)]
        options = ["--rm", f"--name={self._name}", "--network=host", f"--user={user}:{group}", *volumes]
        image = self._settings.docker_image
        return ["docker", "run", *options, "--entrypoint=asterisk", image, *arguments]

    def within(self, pid: int, arguments: Sequence[str]) -> list[str]:
        """See `Installation`."""
        return ["docker", "exec", self._name, "asterisk", *arguments]

    def destroy(self) -> None:
        """See `Installation`."""
        run(["docker", "rm", "--force", self._name], _ANSWER_SECONDS)


class RootInstallation:
    """Asterisk in a private root.

    Each instance has a mount namespace of its own, which vanishes with the process; in it the instance's
    folders appear in the root under their own paths.
    """

    kind = HostKind.CHROOT

    def __init__(self, settings: AsteriskSettings, root: PrivateRoot) -> None:
        self._settings = settings
        self._root = root

    def launch(self, arguments: Sequence[str]) -> list[str]:
        """See `Installation`."""
        steps = [shlex.join(["mount", "-t", "tmpfs", "tmpfs", str(self._root.folder / "tmp")])]
        for folder in (Path("/proc"), Path("/dev"), *_folders(self._settings)):
            steps += self._show("mkdir -p", folder, folder)
        steps += self._show("touch", self._hosts_file(), Path("/etc/hosts"))
        if (resolver := Path("/etc/resolv.conf")).exists():
            steps += self._show("touch", resolver.resolve(), resolver)
        user, group = _owner(self._settings)
        chroot = ["chroot", f"--userspec=+{user}:+{group}", str(self._root.folder), "asterisk", *arguments]
        script = " && ".join([*steps, f"exec {shlex.join(chroot)}"])
        return ["unshare", "--mount", "--propagation=private", "--", "sh", "-c", script]

    def within(self, pid: int, arguments: Sequence[str]) -> list[str]:
        """See `Installation`."""
        return ["nsenter", f"--target={pid}", "--mount", "--root", "--wd", "--", "asterisk", *arguments]

    def destroy(self) -> None:
        """See `Installation`."""

    def _show(self, make: str, outside: Path, inside: Path) -> list[str]:
        point = self._root.folder / inside.relative_to("/")
        return [
            f"{make} {shlex.quote(str(point))}",
            shlex.join(["mount", "--rbind", str(outside), str(point)]),
        ]

    def _hosts_file(self) -> Path:
        file = self._settings.data_folder / "hosts"
        name = os.uname().nodename
        file.write_text(f"127.0.0.1 localhost\n127.0.1.1 {name}\n")
        return file


def find_installation(settings: AsteriskSettings, announce: Announce) -> Installation:
    """The Asterisk that the settings ask for, or the first that is usable: system, Docker, private root.

    Raises:
        Fault: The one that is asked for is missing or too old, or the private root can't be made.
    """
    if settings.host is HostKind.CHROOT:
        return _private_root(settings, announce)
    if settings.host is not HostKind.AUTO:
        make, command = _candidates(settings)[settings.host]
        _require(settings.host, command)
        return make(settings)
    for make, command in _candidates(settings).values():
        version = _version(command)
        if version is not None and version.sufficient:
            return make(settings)
    return _private_root(settings, announce)


def known_installation(settings: AsteriskSettings, kind: HostKind) -> Installation:
    """The installation that a running instance was started from."""
    if kind is HostKind.SYSTEM:
        return SystemInstallation(settings)
    if kind is HostKind.DOCKER:
        return DockerInstallation(settings)
    return RootInstallation(settings, PrivateRoot(settings.root_folder, lambda _: None))


_Maker = Callable[[AsteriskSettings], Installation]


def _candidates(settings: AsteriskSettings) -> dict[HostKind, tuple[_Maker, list[str]]]:
    image = ["docker", "run", "--rm", "--entrypoint=asterisk", settings.docker_image, "-V"]
    return {
        HostKind.SYSTEM: (SystemInstallation, ["asterisk", "-V"]),
        HostKind.DOCKER: (DockerInstallation, image),
    }


def _require(kind: HostKind, command: list[str]) -> None:
    version = _version(command)
    if version is None:
        raise Fault(
            f"Asterisk does not answer to `{shlex.join(command)}`.",
            f"asterisk.host = {kind}",
            "Install it, or set asterisk.host to auto.",
        )
    if not version.sufficient:
        raise Fault(
            f"Asterisk {version} is too old: 20.14, 22.4 or later is needed.",
            f"asterisk.host = {kind}",
            "Bring it up to date, or set asterisk.host to chroot.",
        )


def _version(command: list[str]) -> Version | None:
    limit = _ANSWER_SECONDS
    if command[0] == "docker":
        if not succeeds(["docker", "version", "--format={{.Server.Version}}"], _ANSWER_SECONDS):
            return None
        limit = _FETCH_SECONDS
    answer = run(command, limit)
    return Version.parse(answer.stdout) if answer else None


def _private_root(settings: AsteriskSettings, announce: Announce) -> Installation:
    root = PrivateRoot(settings.root_folder, announce)
    root.ensure()
    return RootInstallation(settings, root)


def _folders(settings: AsteriskSettings) -> list[Path]:
    return sorted({settings.data_folder, settings.prompts_folder, settings.recordings_spool})


def _owner(settings: AsteriskSettings) -> tuple[int, int]:
    facts = settings.data_folder.stat()
    return facts.st_uid, facts.st_gid
