"""A private root: Asterisk from Debian's packages in a folder of our own, for machines that have none."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ivr.asterisk.host.programs import run, succeeds
from ivr.asterisk.host.version import TESTED, Version
from ivr.errors import Fault

_SUITES = ("forky", "sid")
_PACKAGES = "asterisk,asterisk-core-sounds-ru-wav"
_SOUNDS = Path("usr/share/asterisk/sounds")
_BUILD_SECONDS = 900
_ANSWER_SECONDS = 10

Announce = Callable[[str], None]


class PrivateRoot:
    """The folder that holds the private root.

    Args:
        folder: Where it is, or will be.
        announce: Told in words what is being done.
    """

    def __init__(self, folder: Path, announce: Announce) -> None:
        self.folder = folder
        self._announce = announce

    def ensure(self) -> None:
        """Make the root unless it is there.

        Raises:
            Fault: It can't be made.
        """
        if os.geteuid() != 0:
            raise Fault(
                "A private Asterisk can only be made and run by root.",
                str(self.folder),
                "Run as root, or install Asterisk 22.4 or later on this machine.",
            )
        if not self._complete:
            with self._one_builder():
                if not self._complete:
                    self._build()
        self._name_voices_by_language()

    @property
    def _complete(self) -> bool:
        return (self.folder / "usr/sbin/asterisk").exists()

    @contextmanager
    def _one_builder(self) -> Iterator[None]:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        with self.folder.with_name(self.folder.name + ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _build(self) -> None:
        self._require_mmdebstrap()
        unfinished = self.folder.with_name(self.folder.name + ".unfinished")
        reasons = []
        for suite in _SUITES:
            shutil.rmtree(unfinished, ignore_errors=True)
            self._announce(f"Making a private Asterisk from Debian {suite}: about half a minute, 370 MB …")
            reason = _mmdebstrap(suite, unfinished)
            if reason is None:
                self._check_version(unfinished)
                unfinished.rename(self.folder)
                return
            reasons.append(f"{suite}: {reason}")
        shutil.rmtree(unfinished, ignore_errors=True)
        raise Fault(
            f"The private Asterisk could not be made ({'; '.join(reasons)}).",
            str(self.folder),
            "Check the network and the free space, or install Asterisk 22.4 or later on this machine.",
        )

    def _require_mmdebstrap(self) -> None:
        if shutil.which("mmdebstrap"):
            return
        self._announce("Installing mmdebstrap …")
        update, install = ["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", "mmdebstrap"]
        if not (succeeds(update, _BUILD_SECONDS) and succeeds(install, _BUILD_SECONDS)):
            raise Fault("mmdebstrap is missing and could not be installed.", "", "Install mmdebstrap.")

    def _check_version(self, folder: Path) -> None:
        answer = run(["chroot", str(folder), "asterisk", "-V"], _ANSWER_SECONDS)
        version = Version.parse(answer.stdout) if answer else None
        if version != TESTED:
            self._announce(
                f"This is Asterisk {version or 'unknown'}; the version that was tested is {TESTED}."
            )

    def _name_voices_by_language(self) -> None:
        for voice in (self.folder / _SOUNDS).glob("??_??_*"):
            language = self.folder / _SOUNDS / voice.name[:2]
            if not language.is_symlink() and not language.exists():
                language.symlink_to(voice.name)


def _mmdebstrap(suite: str, folder: Path) -> str | None:
    command = [
        "mmdebstrap",
        "--variant=minbase",
        '--aptopt=Acquire::Check-Valid-Until "false"',
        '--aptopt=APT::Install-Recommends "false"',
        f"--include={_PACKAGES}",
        suite,
        str(folder),
    ]
    done = run(command, _BUILD_SECONDS)
    if done is None:
        return f"not ready after {_BUILD_SECONDS} seconds"
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if line.startswith("E:")] or done.stderr.splitlines()
    return lines[-1] if lines else f"mmdebstrap ended with {done.returncode}"
