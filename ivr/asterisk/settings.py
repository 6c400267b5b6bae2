"""Settings of the Asterisk that carries the calls: where it lives, its trunks, lines and queues."""

from __future__ import annotations

import re
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

SPEECH_ENGINE = "ivr-hearing"
"""Name of the recogniser for the dialplan's `SpeechCreate`."""

_PLAIN_PATH = re.compile(r"^[\w/.+-]+$")


def _absolute(folder: Path) -> Path:
    folder = folder.absolute()
    if not _PLAIN_PATH.match(str(folder)):
        raise ValueError(f"{folder}: Asterisk needs a path of letters, digits and . _ + - alone")
    return folder


Folder = Annotated[Path, AfterValidator(_absolute)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Number = Annotated[str, Field(pattern=r"^\+?[0-9]{1,15}$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Word = Annotated[str, Field(pattern=r"^[^\s;,|\[\]\"\\]+$")]


class Part(BaseModel):
    """Common behaviour of the settings: unknown keys are refused, values never change."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class HostKind(StrEnum):
    """Where Asterisk runs."""

    AUTO = "auto"  # the first of the others that is usable
    SYSTEM = "system"  # installed on this machine
    DOCKER = "docker"  # an image
    CHROOT = "chroot"  # a private root made from Debian packages


class DtmfMode(StrEnum):
    """How keys travel on a trunk."""

    RFC4733 = "rfc4733"
    INBAND = "inband"
    INFO = "info"
    AUTO = "auto"


class Strategy(StrEnum):
    """Whom a queue rings, in the words of app_queue."""

    RINGALL = "ringall"
    LEASTRECENT = "leastrecent"
    FEWESTCALLS = "fewestcalls"
    RANDOM = "random"
    RRMEMORY = "rrmemory"
    LINEAR = "linear"


class SipSettings(Part):
    """The SIP socket."""

    host: IPv4Address = Field(IPv4Address(0), description="Address on which SIP is heard; 0.0.0.0: all")
    port: Port = Field(5060, description="UDP port of SIP")
    external_address: IPv4Address | None = Field(
        None, description="Address that trunks see when this machine is behind a NAT"
    )
    local_networks: tuple[IPv4Network, ...] = Field(
        (), description="Networks that are reached without the NAT"
    )
    session_seconds: int = Field(
        1800, ge=90, description="Session timer: a dialog whose far end is gone ends after so many seconds"
    )


class RtpSettings(Part):
    """The media ports and how long silence of the network is borne."""

    first_port: Port = Field(10000, description="First UDP port of the range for media")
    last_port: Port = Field(20000, description="Last UDP port of the range for media")
    strict: bool = Field(
        True, description="Whether media is only taken from the address it began from (strictrtp)"
    )
    timeout_seconds: int = Field(
        300, ge=0, description="A caller who sends no media for so many seconds is hung up; 0: never"
    )
    hold_timeout_seconds: int = Field(600, ge=0, description="The same while the call is on hold, seconds")
    ice: bool = Field(
        True, description="Whether ICE is offered; telephones in the browser have no sound without it"
    )
    ice_host_candidates: dict[IPv4Address, IPv4Address] = Field(
        default_factory=dict,
        description="Own address → address told to browsers in its place (behind a NAT; on a loopback alone)",
    )
    media_address: IPv4Address | None = Field(
        None, description="Own address that carries the media of browsers; any when not set"
    )

    @model_validator(mode="after")
    def _range_is_a_range(self) -> Self:
        if self.last_port - self.first_port < 3:
            raise ValueError("last_port must be at least 3 above first_port")
        return self


class ManagerSettings(Part):
    """The manager interface (AMI), on the loopback only."""

    host: IPv4Address = Field(IPv4Address("127.0.0.1"), description="Loopback address of the manager")
    port: Port = Field(5038, description="TCP port of the manager")
    events_user: Word = Field("ivr-events", description="User of the session that reads events")
    actions_user: Word = Field("ivr-actions", description="User of the session that sends actions")
    secret: SecretStr | None = Field(
        None, description="Secret of both users; made once and kept in the data folder when not set"
    )

    @model_validator(mode="after")
    def _stays_on_the_loopback(self) -> Self:
        if not self.host.is_loopback:
            raise ValueError(
                "host must be a loopback address: the manager interface is never offered outside"
            )
        return self


class Workplaces(Part):
    """The telephones of the operators: each workplace has one in the browser and may have one on the desk."""

    first: int = Field(201, ge=10, le=9_999_999, description="Extension of the first workplace")
    count: int = Field(
        30, ge=0, le=1000, description="Workplaces, with extensions one after another; 0: none"
    )
    lost_seconds: int = Field(
        5, ge=1, description="A browser that sends no media for so many seconds is gone: its leg is hung up"
    )
    lost_on_hold_seconds: int = Field(300, ge=1, description="The same while it holds the caller, seconds")
    secret: SecretStr | None = Field(
        None,
        description="Their passwords are derived from it; made once and kept in the data folder when not set",
    )

    @property
    def extensions(self) -> list[str]:
        """Of all workplaces."""
        return [str(number) for number in range(self.first, self.first + self.count)]


class WebSocketSettings(Part):
    """Where telephones in the browser connect: plain on the loopback, with TLS for all others."""

    host: IPv4Address = Field(IPv4Address("127.0.0.1"), description="Loopback address of the plain WebSocket")
    port: Port = Field(8088, description="TCP port of the plain WebSocket")
    tls_host: IPv4Address = Field(
        IPv4Address(0), description="Address of the WebSocket with TLS; 0.0.0.0: all"
    )
    tls_port: Port = Field(8089, description="TCP port of the WebSocket with TLS")
    certificate: Path | None = Field(
        None, description="Certificate with its chain (PEM); without one there is no TLS, only the loopback"
    )
    key: Path | None = Field(None, description="Private key of the certificate (PEM), without a password")

    @model_validator(mode="after")
    def _secure_or_on_the_loopback(self) -> Self:
        if not self.host.is_loopback:
            raise ValueError("host must be a loopback address: for others give certificate and key")
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key must be given together")
        return self


class AgiTarget(Part):
    """Where the engine's FastAGI server is."""

    host: IPv4Address = Field(IPv4Address("127.0.0.1"), description="Address of the FastAGI server")
    port: Port = Field(4573, description="TCP port of the FastAGI server")


class HearingTarget(Part):
    """Where the recogniser hears what callers say (AEAP)."""

    host: IPv4Address = Field(IPv4Address("127.0.0.1"), description="Address of the recogniser")
    port: Port = Field(4574, description="TCP port of the recogniser")
    secret: SecretStr | None = Field(
        None, description="What Asterisk shows to it; made once and kept in the data folder when not set"
    )


class TrunkBase(Part):
    """What every trunk has."""

    name: Name = Field(description="Name of the trunk")
    dtmf_mode: DtmfMode = Field(DtmfMode.RFC4733, description="How keys travel")
    codecs: tuple[Word, ...] = Field(("alaw",), min_length=1, description="Codecs, the preferred first")
    max_channels: int = Field(100, ge=1, description="Calls at once on this trunk, in and out")
    outbound_order: int | None = Field(
        None, ge=0, description="Place in the order in which trunks are tried for outgoing calls; none: never"
    )
    caller_id: Number | None = Field(None, description="Own number shown on outgoing calls")


class AddressTrunk(TrunkBase):
    """A trunk known by the operator's addresses."""

    mode: Literal["address"] = "address"
    addresses: tuple[IPv4Network, ...] = Field(
        min_length=1, description="Addresses or networks from which the operator's calls come"
    )
    server: Word | None = Field(
        None, description="Where outgoing calls are sent, host or host:port; the first address when not set"
    )

    @property
    def contact(self) -> str:
        """Host, or host and port, of outgoing calls."""
        return self.server or str(self.addresses[0].network_address)


class RegistrationTrunk(TrunkBase):
    """A trunk on which we register with the operator's server."""

    mode: Literal["registration"]
    server: Word = Field(description="The operator's registrar, host or host:port")
    user: Word = Field(description="User name of the registration")
    secret: SecretStr = Field(description="Password of the registration")
    addresses: tuple[IPv4Network, ...] = Field(
        (), description="Addresses from which calls come, when others than the registrar's"
    )

    @property
    def contact(self) -> str:
        """Host, or host and port, of outgoing calls."""
        return self.server


Trunk = Annotated[AddressTrunk | RegistrationTrunk, Field(discriminator="mode")]


class Line(Part):
    """A line that clients call."""

    numbers: tuple[Number, ...] = Field(
        min_length=1, description="Numbers called, exactly as the trunks deliver them"
    )
    last_resort: Name = Field(description="Queue to which callers go when the engine is away or fails")


class Group(Part):
    """Callers of a queue who need a skill; Asterisk has a queue of its own for them, `<queue>.<group>`."""

    title: str = Field("", description="Name for people")
    topics: tuple[str, ...] = Field((), description="Topics of the knowledge base whose callers it takes")


class Queue(Part):
    """A queue of operators."""

    title: str = Field("", description="Name for people")
    members: tuple[Word, ...] = Field(
        (),
        description="Telephones that are always rung: SIP addresses (sip:anna@10.0.0.5) or Asterisk devices"
        " (PJSIP/anna); operators who sign in need none",
    )
    strategy: Strategy = Field(Strategy.RRMEMORY, description="Whom the queue rings first")
    ring_seconds: int = Field(20, ge=1, description="How long one operator is rung, seconds")
    max_wait_seconds: int = Field(600, ge=1, description="Longest wait of a caller, seconds")
    max_callers: int = Field(0, ge=0, description="Callers waiting at once; 0: no limit")
    announce_seconds: int = Field(
        30, ge=0, description="Pause between the requests to stay on the line, seconds; 0: none"
    )
    engine_retry_seconds: int = Field(
        60,
        ge=5,
        description="While the engine is away, a waiting caller is led to it again after so long, seconds",
    )
    callback_key: Annotated[str, Field(pattern=r"^[0-9*]?$")] = Field(
        "1", description="Key that asks for a call-back while waiting; empty: none"
    )
    groups: dict[Name, Group] = Field(default_factory=dict, description="Groups of skills by name")


class AsteriskSettings(Part):
    """Everything from which Asterisk's configuration is rendered and Asterisk is run."""

    host: HostKind = Field(HostKind.AUTO, description="Where Asterisk runs: auto, system, docker or chroot")
    data_folder: Folder = Field(
        Path("var/asterisk"), description="Folder of this instance: configuration, logs, run-time files"
    )
    templates_folder: Folder = Field(
        Path("asterisk-conf"), description="Folder of the templates of Asterisk's configuration"
    )
    prompts_folder: Folder = Field(Path("var/prompts"), description="Folder of the prompts that are played")
    recordings_spool: Folder = Field(
        Path("var/spool/recordings"), description="Folder into which running calls are recorded"
    )
    root_folder: Folder = Field(
        Path(".cache/asterisk-root"), description="Private root that holds Asterisk (chroot)"
    )
    docker_image: str = Field("andrius/asterisk:22", description="Image that holds Asterisk (docker)")
    system_name: Name = Field("ivr", description="Prefix of Asterisk's unique ids, one per node")
    language: Annotated[str, Field(pattern=r"^[A-Za-z_]+$")] = Field(
        "ru", description="Language of Asterisk's own sounds"
    )
    max_calls: int = Field(200, ge=1, description="Channels at once; more are refused")
    start_seconds: float = Field(60, gt=0, description="Limit for Asterisk to become ready, seconds")
    stop_seconds: float = Field(30, ge=0, description="How long a stop waits for running calls, seconds")
    extra_modules: tuple[Word, ...] = Field((), description="Modules wanted besides those of the templates")
    sip: SipSettings = Field(SipSettings(), description="The SIP socket")
    rtp: RtpSettings = Field(RtpSettings(), description="Media")
    manager: ManagerSettings = Field(ManagerSettings(), description="The manager interface (AMI)")
    workplaces: Workplaces = Field(Workplaces(), description="The operators' telephones")
    websocket: WebSocketSettings = Field(
        WebSocketSettings(), description="Where telephones in the browser connect"
    )
    agi: AgiTarget = Field(AgiTarget(), description="The engine's FastAGI server")
    hearing: HearingTarget = Field(HearingTarget(), description="The recogniser")
    trunks: tuple[Trunk, ...] = Field((), description="Connections to telephone operators")
    lines: dict[Name, Line] = Field(default_factory=dict, description="Lines by name")
    queues: dict[Name, Queue] = Field(default_factory=dict, description="Queues by name")

    @property
    def etc_folder(self) -> Path:
        """Folder of the rendered configuration."""
        return self.data_folder / "etc"

    @property
    def log_folder(self) -> Path:
        """Folder of Asterisk's logs and of `calls.csv`."""
        return self.data_folder / "log"

    @property
    def outbound_trunks(self) -> list[AddressTrunk | RegistrationTrunk]:
        """Trunks of outgoing calls in the order in which they are tried."""
        chosen = [(trunk.outbound_order, trunk) for trunk in self.trunks if trunk.outbound_order is not None]
        return [trunk for _, trunk in sorted(chosen, key=lambda pair: pair[0])]

    @property
    def queues_of_asterisk(self) -> dict[str, tuple[str, Queue]]:
        """Asterisk's name of every queue → its name in these settings and the queue: groups stand apart."""
        found: dict[str, tuple[str, Queue]] = {}
        for name, queue in self.queues.items():
            found[name] = (name, queue)
            found |= {f"{name}.{group}": (name, queue) for group in queue.groups}
        return found

    def queue_for(self, queue: str, topic: str | None) -> str:
        """Asterisk's queue for a call about a topic: that of the group of skills, or the queue itself."""
        groups = self.queues[queue].groups if queue in self.queues else {}
        return next((f"{queue}.{name}" for name, group in groups.items() if topic in group.topics), queue)

    @model_validator(mode="after")
    def _names_fit_together(self) -> Self:
        _refuse_repeated("trunk", [trunk.name for trunk in self.trunks])
        _refuse_repeated("number", [number for line in self.lines.values() for number in line.numbers])
        for name, line in self.lines.items():
            if line.last_resort not in self.queues:
                raise ValueError(f"line {name}: the queue {line.last_resort!r} of last resort does not exist")
        return self


def _refuse_repeated(what: str, values: list[str]) -> None:
    for value in {value for value in values if values.count(value) > 1}:
        raise ValueError(f"the {what} {value!r} is named twice")
