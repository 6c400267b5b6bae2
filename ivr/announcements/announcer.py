"""Makes announcements: looks a text over, has it spoken, and only then puts it up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from ivr.announcements.board import Board, end_of_day
from ivr.announcements.model import Announcement, Draft, Fault, NotAnnounced, Objection
from ivr.announcements.settings import AnnouncementsSettings
from ivr.dialogue.lint.rules.phrasing import forbidden_in
from ivr.dialogue.ports import Clock
from ivr.dialogue.schema.files import ForbiddenPhrase
from ivr.errors import Fault as Failure
from ivr.speech.russian import unspeakable


class Voice(Protocol):
    """Speaks texts ahead of the calls that play them."""

    async def prepare(self, text: str) -> Path:
        """The WAV file of a text, which is kept from now on.

        Raises:
            ivr.errors.Fault: It can't be made now.
        """


class Announcer:
    """Announcements of supervisors."""

    def __init__(
        self,
        board: Board,
        voice: Voice,
        settings: AnnouncementsSettings,
        clock: Clock,
        *,
        lines: Collection[str],
        forbidden: Collection[ForbiddenPhrase],
        prompts: Callable[[], Mapping[str, str]],
    ) -> None:
        """Begin.

        Args:
            board: Started.
            voice: Speaks the texts.
            settings: Of announcements.
            clock: In the company's time zone.
            lines: Those that may be named.
            forbidden: What the standard forbids to say.
            prompts: The catalogue as it is now, id → text.
        """
        self.board = board
        self._voice = voice
        self._settings = settings
        self._clock = clock
        self._lines = frozenset(lines)
        self._forbidden = forbidden
        self._prompts = prompts

    def ready(self) -> Mapping[str, str]:
        """Prompts of the catalogue that may be announced: id → text."""
        prefix = self._settings.ready_prefix
        return {id_: text for id_, text in self._prompts().items() if id_.startswith(prefix)}

    async def sound(self, text: str) -> Path:
        """The WAV file of a text that may be announced, spoken as callers will hear it.

        Raises:
            NotAnnounced: It may not, or can't be spoken now.
        """
        text = _one_line(text)
        if objections := list(self._of_text(text)):
            raise NotAnnounced(*objections)
        try:
            return await self._voice.prepare(text)
        except Failure as failure:
            raise NotAnnounced(Objection(fault=Fault.NO_VOICE, what=failure.what)) from failure

    async def announce(self, draft: Draft, by: str) -> Announcement:
        """Put it up; on return it is spoken, durable, and told to the next caller.

        Raises:
            NotAnnounced: With all that is wrong.
            StoreUnavailable: It was not written.
        """
        now = self._clock.now()
        begins_at = max(now, draft.begins_at or now).astimezone(now.tzinfo)
        until = draft.until or end_of_day(begins_at)
        if objections := [*self._of_place(draft), *self._of_time(begins_at, until)]:
            raise NotAnnounced(*objections)
        text = _one_line(draft.text)
        await self.sound(text)
        spoken = Draft(effect=draft.effect, text=text, line=draft.line)
        return await self.board.put_up(spoken, begins_at, until, by)

    def _of_text(self, text: str) -> Iterator[Objection]:
        if not text:
            yield Objection(fault=Fault.EMPTY)
        if len(text) > self._settings.most_characters:
            yield Objection(fault=Fault.TOO_LONG, what=str(self._settings.most_characters))
        if foreign := unspeakable(text):
            yield Objection(fault=Fault.UNSPEAKABLE, what=" ".join(foreign))
        for phrase in forbidden_in(text, self._forbidden):
            yield Objection(
                fault=Fault.FORBIDDEN,
                what=phrase.phrase,
                instead=phrase.instead or "",
                clause=phrase.clause or "",
            )

    def _of_place(self, draft: Draft) -> Iterator[Objection]:
        if draft.line is not None and draft.line not in self._lines:
            yield Objection(fault=Fault.NO_LINE)
        concerned = [draft.line] if draft.line else self._lines
        coming = self.board.coming()
        told = max((sum(one.concerns(line) for one in coming) for line in concerned), default=0)
        if told >= self._settings.most_at_once:
            yield Objection(fault=Fault.TOO_MANY, what=str(self._settings.most_at_once))

    def _of_time(self, begins_at: datetime, until: datetime) -> Iterator[Objection]:
        longest = timedelta(days=self._settings.longest_days)
        if until <= begins_at:
            yield Objection(fault=Fault.BACKWARDS)
        elif until - self._clock.now() > longest:
            yield Objection(fault=Fault.TOO_FAR, what=f"{self._settings.longest_days:g}")


def _one_line(text: str) -> str:
    return " ".join(text.split())
