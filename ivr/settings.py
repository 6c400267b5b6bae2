"""The one settings tree: every room's branch, read from file, environment and command line."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ivr.access.settings import AccessSettings
from ivr.announcements.settings import AnnouncementsSettings
from ivr.archive.settings import ArchiveSettings
from ivr.asterisk.aeap import AeapSettings
from ivr.asterisk.agi import AgiSettings
from ivr.asterisk.ami import AmiSettings
from ivr.asterisk.desk.settings import SwitchboardSettings
from ivr.asterisk.settings import AsteriskSettings
from ivr.calls.lines import Line
from ivr.calls.settings import LedgerSettings
from ivr.campaigns.settings import CampaignsSettings
from ivr.customers.settings import CustomersSettings
from ivr.desk.settings import DeskSettings
from ivr.dialogue.settings import DialogueSettings
from ivr.errors import Fault
from ivr.knowledge.settings import KnowledgeSettings
from ivr.kpi.settings import KpiSettings
from ivr.logs import LogSettings
from ivr.outages.settings import OutagesSettings
from ivr.quality.settings import QualitySettings
from ivr.readings.settings import ReadingsSettings
from ivr.requests.settings import RequestsSettings
from ivr.satisfaction.settings import SatisfactionSettings
from ivr.speech.settings import SpeechSettings
from ivr.speech.understanding.settings import UnderstandingSettings
from ivr.store.settings import StoreSettings
from ivr.watchdog import WatchdogSettings
from ivr.web.settings import WebSettings

DEFAULT_FILE = Path("ivr.yaml")
FILE_VARIABLE = "IVR_SETTINGS"
_FROM_FILE = "(settings file)"

Folder = Annotated[Path, AfterValidator(Path.absolute)]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone; give one such as Europe/Moscow")
    return name


class CompanySettings(BaseModel):
    """The company whose calls are taken."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("Энергосбыт", description="Name for people.")
    time_zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "Europe/Moscow", description="Periods and deadlines are counted in this zone."
    )
    profile: str = Field("bryansk", description="Id of the standard (metrics/standards/) that is kept.")

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.time_zone)


class ScenarioSettings(BaseModel):
    """Where the scenarios are, and which of their prompts the engine itself needs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Folder = Field(Path("scenarios"), description="Folder of flows, prompts and calendars.")
    filler_prompt: str = Field("one-moment", description="Prompt while a phrase is being made.")
    people_calendar: str = Field(
        "operators", description="Calendar of the scenarios that tells when people call back."
    )
    always_open: tuple[str, ...] = Field(
        (), description="Calendars that are open day and night, for demonstrations and tests."
    )
    notice_prompt: str = Field(
        "recording-notice", description="Prompt with whose end the caller's words begin to be recorded."
    )
    blocked_prompt: str = Field("blocked", description="Prompt with which a blocked caller is turned away.")
    transcripts: Folder | None = Field(
        None,
        description="Folder for a transcript of each call, for authors of scenarios; holds personal data.",
    )


class Settings(BaseSettings):
    """Everything that can be set. `docs/operations.md` explains the branches."""

    model_config = SettingsConfigDict(
        env_prefix="IVR_", env_nested_delimiter="__", extra="forbid", frozen=True, validate_default=True
    )

    data_folder: Folder = Field(Path("var"), description="Database, prompts, spool and Asterisk's files.")
    standards_folder: Folder = Field(Path("metrics/standards"), description="Profiles of the standards.")
    company: CompanySettings = CompanySettings()
    lines: tuple[Line, ...] = Field((), description="Lines that clients call.")
    log: LogSettings = LogSettings()
    watchdog: WatchdogSettings = WatchdogSettings()
    store: StoreSettings = StoreSettings()
    scenarios: ScenarioSettings = ScenarioSettings()
    dialogue: DialogueSettings = DialogueSettings()
    speech: SpeechSettings = SpeechSettings()
    customers: CustomersSettings = CustomersSettings()
    readings: ReadingsSettings = ReadingsSettings()
    knowledge: KnowledgeSettings = KnowledgeSettings()
    outages: OutagesSettings = OutagesSettings()
    announcements: AnnouncementsSettings = AnnouncementsSettings()
    requests: RequestsSettings = RequestsSettings()
    access: AccessSettings = AccessSettings()
    desk: DeskSettings = DeskSettings()
    campaigns: CampaignsSettings = CampaignsSettings()
    understanding: UnderstandingSettings = UnderstandingSettings()
    ledger: LedgerSettings = LedgerSettings()
    archive: ArchiveSettings = ArchiveSettings()
    kpi: KpiSettings = KpiSettings()
    satisfaction: SatisfactionSettings = SatisfactionSettings()
    quality: QualitySettings = QualitySettings()
    asterisk: AsteriskSettings = AsteriskSettings()
    agi: AgiSettings = AgiSettings()
    ami: AmiSettings = AmiSettings()
    aeap: AeapSettings = AeapSettings()
    switchboard: SwitchboardSettings = SwitchboardSettings()
    web: WebSettings = WebSettings()

    @property
    def prompts_folder(self) -> Path:
        """Folder of the prompts that are played."""
        return self.asterisk.prompts_folder

    @property
    def recordings_spool(self) -> Path:
        """Folder into which running calls are recorded."""
        return self.asterisk.recordings_spool

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line over environment over file."""
        assert isinstance(init_settings, InitSettingsSource)  # noqa: S101  # narrows the type
        given = dict(init_settings.init_kwargs)
        file = given.pop(_FROM_FILE, {})
        return (
            InitSettingsSource(settings_cls, init_kwargs=given),
            env_settings,
            InitSettingsSource(settings_cls, init_kwargs=file),
        )

    @model_validator(mode="before")
    @classmethod
    def _derive(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Fill what follows from other settings, so that nothing has to be said twice."""
        data = Path(str(given.get("data_folder", "var"))).absolute()
        agi, aeap = _branch(given, "agi"), _branch(given, "aeap")
        asterisk = _with_defaults(
            _branch(given, "asterisk"),
            data_folder=data / "asterisk",
            prompts_folder=data / "prompts",
            recordings_spool=data / "spool" / "recordings",
            agi={"host": agi.get("host", "127.0.0.1"), "port": agi.get("port", 4573)},
            hearing={"host": aeap.get("host", "127.0.0.1"), "port": aeap.get("port", 4574)},
            lines={_text(line, "name"): _asterisk_line(line) for line in _list(given, "lines")},
        )
        asterisk["websocket"] = _with_tls(_branch(asterisk, "websocket"), _branch(given, "web"))
        manager = _branch(asterisk, "manager")
        ami = _with_defaults(
            _branch(given, "ami"),
            host=str(manager.get("host", "127.0.0.1")),
            port=manager.get("port", 5038),
        )
        derived = {
            "data_folder": data,
            "asterisk": asterisk,
            "ami": ami,
            "store": _with_defaults(_branch(given, "store"), url=f"sqlite:///{data / 'ivr.db'}"),
            "archive": _with_defaults(_branch(given, "archive"), keys=data / "keys" / "archive"),
            "readings": _with_defaults(_branch(given, "readings"), export_folder=data / "readings"),
            "knowledge": _with_defaults(_branch(given, "knowledge"), memory_folder=data / "knowledge"),
            "speech": _hearing_in(_branch(given, "speech"), data),
        }
        return given | derived


def _hearing_in(speech: dict[str, Any], data: Path) -> dict[str, Any]:
    """Speech with the folders that both processes use: grammars and the sound kept for review."""
    recognition = _with_defaults(
        _branch(speech, "recognition"), grammars_folder=data / "grammars", clips_folder=data / "clips"
    )
    return speech | {"recognition": recognition}


def _with_tls(websocket: dict[str, Any], web: Mapping[str, Any]) -> dict[str, Any]:
    """The telephones' WebSocket shows the certificate of the pages, unless it has one of its own."""
    tls = _branch(web, "tls") if web.get("tls") else {}
    return tls | websocket


def _branch(tree: Mapping[str, Any], name: str) -> dict[str, Any]:
    branch = tree.get(name, {})
    if isinstance(branch, BaseModel):
        return branch.model_dump(exclude_unset=True)
    if not isinstance(branch, Mapping):
        raise ValueError(f"{name} must be a group of settings")
    return dict(branch)


def _list(tree: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = tree.get(name, ())
    if not isinstance(value, list | tuple):
        raise ValueError(f"{name} must be a list")
    return value


def _with_defaults(branch: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    return defaults | branch


def _text(line: Any, key: str) -> str:
    if not isinstance(line, Mapping) or key not in line:
        raise ValueError(f"each line needs {key!r}")
    return str(line[key])


def _asterisk_line(line: Mapping[str, Any]) -> dict[str, Any]:
    return {"numbers": line.get("numbers", ()), "last_resort": _text(line, "queue")}


def load(file: Path | None = None, overrides: Sequence[str] = ()) -> Settings:
    """Read the settings.

    Args:
        file: Settings file; without it that of the variable IVR_SETTINGS, or `ivr.yaml` where it exists.
        overrides: Single settings as `branch.key=value`; the value is read as YAML.

    Raises:
        Fault: A file or a value that can't be taken, with its place and the remedy.
    """
    chosen = file or _default_file()
    from_file = _read(chosen) if chosen else {}
    given: dict[str, Any] = {}
    for override in overrides:
        _apply(given, override)
    try:
        return Settings(**{**given, _FROM_FILE: from_file})
    except ValidationError as error:
        raise _as_fault(error, chosen) from error
    except SettingsError as error:
        raise Fault(
            f"{error}.", "the environment (IVR_…)", "Groups and lists are written as JSON."
        ) from error


def _default_file() -> Path | None:
    named = os.environ.get(FILE_VARIABLE)
    if named:
        return Path(named)
    return DEFAULT_FILE if DEFAULT_FILE.exists() else None


def _yaml() -> YAML:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = (1, 2)
    return yaml


def _read(file: Path) -> dict[str, Any]:
    try:
        content = _parse(file.read_text(encoding="utf-8"), str(file))
    except OSError as error:
        raise Fault(
            f"The settings can't be read: {error.strerror}.", str(file), "Name a file that exists."
        ) from error
    except UnicodeDecodeError as error:
        raise Fault("The settings are not in UTF-8.", str(file), "Save the file as UTF-8.") from error
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise Fault("The settings must be groups of keys.", str(file), "Begin with a key such as `company:`.")
    return content


def _parse(text: str, where: str) -> Any:
    try:
        return _yaml().load(text)
    except YAMLError as error:
        mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
        place = f"{where}:{mark.line + 1}:{mark.column + 1}" if mark else where
        problem = error.problem if isinstance(error, MarkedYAMLError) else str(error).splitlines()[0]
        raise Fault(f"The settings are no YAML: {problem}.", place, "Mend the line.") from error


def _apply(given: dict[str, Any], override: str) -> None:
    path, separator, value = override.partition("=")
    if not separator or not path:
        raise Fault(f"{override!r} is no setting.", "--set", "Write it as web.port=8080.")
    *branches, key = path.split(".")
    place = given
    for branch in branches:
        place = place.setdefault(branch, {})
        if not isinstance(place, dict):
            raise Fault(
                f"{branch!r} was given a value already.", f"--set {path}", "Set the one or the other."
            )
    place[key] = _parse(value, f"--set {path}") if value else ""


def _as_fault(error: ValidationError, file: Path | None) -> Fault:
    problems = [
        ": ".join(filter(None, (".".join(map(str, one["loc"])), one["msg"]))) for one in error.errors()
    ]
    return Fault(
        "Wrong settings: " + "; ".join(problems) + ".",
        str(file) if file else "settings",
        "Correct them there, in the environment (IVR_…) or on the command line (--set).",
    )
