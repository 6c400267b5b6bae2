"""Renders the templates and puts the result where Asterisk reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError

from ivr.asterisk.config.secret import Secrets
from ivr.asterisk.settings import SPEECH_ENGINE, AsteriskSettings
from ivr.errors import Fault

SUFFIX = ".j2"
CERTIFICATE, KEY = "websocket.pem", "websocket.key"
"""Names of the copies in `etc/keys`; the template of http.conf names them too."""
_SOUNDS = ("*.wav", "*.alaw", "*.al", "*.ulaw")
_REQUIRED = re.compile(r"^(?:require|load)\s*=>?\s*(\S+\.so)", re.MULTILINE)


def render(settings: AsteriskSettings, secrets: Secrets) -> dict[str, str]:
    """Asterisk's configuration files, by name.

    Args:
        settings: All that they tell.
        secrets: Of the instance.

    Raises:
        Fault: A template is missing or wrong, or a value does not fit into a configuration file.
    """
    folder = settings.templates_folder
    environment = _environment(folder)
    names = sorted(path.name for path in folder.glob(f"*{SUFFIX}"))
    if not names:
        raise Fault(
            "There are no templates of Asterisk's configuration.", str(folder), "Set templates_folder."
        )
    facts = _facts(settings, secrets)
    return {name.removesuffix(SUFFIX): _render_one(environment, folder, name, facts) for name in names}


def install(settings: AsteriskSettings, files: Mapping[str, str]) -> None:
    """Write the files into the configuration folder; files of an earlier rendering go away.

    Certificate and key of the WebSocket are copied beside them: a private root sees no other folder.

    Raises:
        Fault: The certificate or its key can't be read.
    """
    etc = settings.etc_folder
    etc.mkdir(parents=True, exist_ok=True, mode=0o700)
    for stale in {path.name for path in etc.glob("*.conf")} - files.keys():
        (etc / stale).unlink()
    for name, text in files.items():
        _write(etc / name, text)
    websocket = settings.websocket
    if websocket.certificate is not None and websocket.key is not None:
        keys = _keys_folder(settings)
        keys.mkdir(exist_ok=True, mode=0o700)
        _write(keys / CERTIFICATE, _read(websocket.certificate, "asterisk.websocket.certificate"))
        _write(keys / KEY, _read(websocket.key, "asterisk.websocket.key"))


def required_modules(files: Mapping[str, str]) -> set[str]:
    """Names of the modules that the rendered `modules.conf` asks for."""
    return set(_REQUIRED.findall(files["modules.conf"]))


def operator_endpoints(settings: AsteriskSettings) -> dict[str, str]:
    """PJSIP endpoint of every queue member that is named by its SIP address."""
    members = {member for queue in settings.queues.values() for member in queue.members}
    return {member: _endpoint(member) for member in sorted(members) if member.startswith("sip:")}


def _keys_folder(settings: AsteriskSettings) -> Path:
    return settings.etc_folder / "keys"


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)


def _read(file: Path, setting: str) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text in PEM"
        raise Fault(f"The file can't be read: {reason}.", str(file), f"Correct {setting}.") from error


def _environment(folder: Path) -> Environment:
    return Environment(  # noqa: S701 - the result is not HTML; _checked escapes what Asterisk's syntax needs
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        finalize=_checked,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _facts(settings: AsteriskSettings, secrets: Secrets) -> dict[str, object]:
    operators = operator_endpoints(settings)
    music = settings.prompts_folder / "moh"
    return {
        "settings": settings,
        "secret": secrets.manager.get_secret_value(),
        "hearing_secret": secrets.hearing.get_secret_value(),
        "password": secrets.password,
        "keys_folder": _keys_folder(settings),
        "speech_engine": SPEECH_ENGINE,
        "operators": operators,
        "device": lambda member: f"PJSIP/{operators[member]}" if member in operators else member,
        "music": any(any(music.glob(pattern)) for pattern in _SOUNDS),
        "records_of_legs": any(module.startswith("cdr_") for module in settings.extra_modules),
    }


def _render_one(environment: Environment, folder: Path, name: str, facts: Mapping[str, object]) -> str:
    try:
        return environment.get_template(name).render(facts)
    except TemplateSyntaxError as error:
        where = f"{folder / name}:{error.lineno}"
        raise Fault(f"The template is wrong: {error.message}.", where, "Correct it.") from error
    except (TemplateError, ValueError) as error:
        raise Fault(f"The template can't be rendered: {error}.", str(folder / name), "Correct it.") from error


def _checked(value: object) -> str:
    text = str(value)
    if "\r" in text or "\n" in text or "\0" in text:
        raise ValueError("a value contains a line break")
    return text.replace(";", r"\;")


def _endpoint(address: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", address.lower())
