"""What a running Asterisk says about itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from ivr.asterisk.host.version import Version
from ivr.asterisk.settings import AddressTrunk, AsteriskSettings, HostKind, RegistrationTrunk

Ask = Callable[[str], str]
"""Sends a command to Asterisk's console and returns the answer."""

TrunkState = Literal["registered", "unregistered", "available", "unavailable", "unchecked"]

_UPTIME = re.compile(r"System uptime:\s*(\d+)")
_CHANNELS = re.compile(r"^(\d+) active channels?", re.MULTILINE)
_CALLS = re.compile(r"^(\d+) active calls?", re.MULTILINE)
_MODULE = re.compile(r"^(\S+\.so)\s.*\d\s+Running\s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Trunk:
    """A trunk and whether it can be used, as far as Asterisk checks it."""

    name: str
    state: TrunkState


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The state of an instance; where it does not run, only `running` counts."""

    running: bool
    pid: int | None = None
    kind: HostKind | None = None
    version: str = ""
    uptime_seconds: int = 0
    channels: int = 0
    calls: int = 0
    trunks: tuple[Trunk, ...] = ()
    modules: int = 0
    missing_modules: tuple[str, ...] = ()

    @property
    def in_order(self) -> bool:
        """Whether it runs with every module and no trunk is known to be down."""
        down = {"unregistered", "unavailable"}
        return self.running and not self.missing_modules and not down & {trunk.state for trunk in self.trunks}

    def document(self) -> dict[str, object]:
        """As plain data, for JSON."""
        return asdict(self) | {"in_order": self.in_order}

    def text(self) -> str:
        """As lines for a person."""
        if not self.running:
            return "Asterisk does not run."
        lines = [
            f"Asterisk {self.version} ({self.kind}, process {self.pid}) has run for {self.uptime_seconds} s.",
            f"{self.calls} calls, {self.channels} channels, {self.modules} modules.",
            *(f"Trunk {trunk.name}: {trunk.state}." for trunk in self.trunks),
        ]
        if self.missing_modules:
            lines.append(f"Missing modules: {', '.join(self.missing_modules)}.")
        return "\n".join(lines)


def read_status(
    settings: AsteriskSettings, required: Iterable[str], pid: int, kind: HostKind, ask: Ask
) -> Status:
    """Ask a running instance for its state.

    Args:
        settings: Those it was started with.
        required: Modules that must run.
        pid: Its process.
        kind: How it was started.
        ask: Its console.
    """
    version = Version.parse(ask("core show version"))
    channels = ask("core show channels count")
    running = running_modules(ask("module show"))
    return Status(
        running=True,
        pid=pid,
        kind=kind,
        version=str(version or ""),
        uptime_seconds=_number(_UPTIME, ask("core show uptime seconds")),
        channels=_number(_CHANNELS, channels),
        calls=_number(_CALLS, channels),
        trunks=_trunks(settings, ask),
        modules=len(running),
        missing_modules=tuple(sorted(set(required) - running)),
    )


def running_modules(answer: str) -> set[str]:
    """Names of the modules that run, from the answer to `module show`."""
    return set(_MODULE.findall(answer))


def _trunks(settings: AsteriskSettings, ask: Ask) -> tuple[Trunk, ...]:
    if not settings.trunks:
        return ()
    contacts = ask("pjsip show contacts")
    registrations = ask("pjsip show registrations")
    return tuple(Trunk(trunk.name, _state(trunk, contacts, registrations)) for trunk in settings.trunks)


def _state(trunk: AddressTrunk | RegistrationTrunk, contacts: str, registrations: str) -> TrunkState:
    if trunk.mode == "registration":
        registered = re.search(rf"^\s*trunk-{trunk.name}/\S+\s.*\sRegistered\b", registrations, re.MULTILINE)
        return "registered" if registered else "unregistered"
    found = re.search(rf"^\s*Contact:\s+trunk-{trunk.name}/\S+\s+\S+\s+(\w+)", contacts, re.MULTILINE)
    states: dict[str, TrunkState] = {"Avail": "available", "Unavail": "unavailable"}
    return states.get(found.group(1) if found else "", "unchecked")


def _number(pattern: re.Pattern[str], answer: str) -> int:
    found = pattern.search(answer)
    return int(found.group(1)) if found else 0
