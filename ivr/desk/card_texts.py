"""The texts of the card: greetings by time of day, names of what is missing."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ivr.errors import Fault

_OWN = Path(__file__).with_name("card_texts.yaml")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Hello(_Part):
    """A greeting from a time of day on, until the next one."""

    begins: time = Field(alias="from", description="Local time.")
    text: str = Field(min_length=1)


class CardTexts(_Part):
    """All of them; placeholders are `{hello}`, `{company}` and `{name}`."""

    greeting: str = Field(description="To who calls.")
    calling: str = Field(description="To who is called.")
    campaign: str = Field(description="To who is called by a campaign and has heard nobody before.")
    consulted: str = Field(description="To a colleague who asks.")
    hello: tuple[Hello, ...] = Field(min_length=1)
    missing: dict[str, str] = Field(description="Part of the card → how it is called.")
    outcomes: dict[str, str] = Field(description="Disposition of an earlier call → title.")

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read a company's own texts, or the program's.

        Raises:
            Fault: The file can't be read, or a text is missing.
        """
        file = path or _OWN
        try:
            tree = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
            return cls.model_validate(tree)
        except (OSError, UnicodeDecodeError, YAMLError, ValidationError) as error:
            fix = f"Take {_OWN.name} of the program for a model."
            raise Fault(
                f"The texts of the card can't be read: {type(error).__name__}.", str(file), fix
            ) from error

    def greet(self, pattern: str, at: datetime, company: str, name: str) -> str:
        """The pattern, filled in for a moment of the company's time zone."""
        return pattern.format(hello=self._hello(at), company=company, name=name)

    def _hello(self, at: datetime) -> str:
        """The greeting that began last; before the first one of the day the last of the day before."""
        begun = [hello for hello in self.hello if hello.begins <= at.time()]
        return max(begun or self.hello, key=lambda hello: hello.begins).text
