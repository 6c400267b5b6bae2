"""The sound files of the native flow, made by the voice that the engine speaks with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from ivr.bench.flow import Account

Voice = Callable[[str | None, str], Awaitable[bytes]]
"""Makes a WAV of a prompt: its id in the catalogue or None, and its text where it has no id."""


class NativePrompts(BaseModel):
    """What the native flow says; see asterisk-conf/bench/prompts.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ids: dict[str, str] = Field(description="Sound file -> id of a prompt of the catalogue")
    texts: dict[str, str] = Field(description="Sound file -> text")
    words: dict[str, str] = Field(description="Sound file of a numeral -> text")

    @classmethod
    def load(cls, path: Path) -> NativePrompts:
        """Read the file."""
        yaml = YAML(typ="safe", pure=True)
        return cls.model_validate(yaml.load(path.read_text(encoding="utf-8")))

    async def make(self, accounts: Sequence[Account], voice: Voice, folder: Path) -> None:
        """Write all sound files into a folder; those that are there are kept."""
        sources: dict[str, tuple[str | None, str]] = {name: (key, "") for name, key in self.ids.items()}
        sources |= {name: (None, text) for name, text in self.texts.items()}
        sources |= {f"words/{name}": (None, text) for name, text in self.words.items()}
        sources |= {street_file(account): (None, account.street) for account in accounts}
        for path in _missing(folder, sources):
            name = str(path.relative_to(folder).with_suffix(""))
            _write(path, await voice(*sources[name]))


def street_file(account: Account) -> str:
    """Name of the sound file of an account's street."""
    return f"streets/{account.number}"


def _missing(folder: Path, names: Iterable[str]) -> list[Path]:
    paths = [folder / f"{name}.wav" for name in names]
    return [path for path in paths if not path.exists()]


def _write(path: Path, sound: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sound)
