"""What all callers are told, and closed lines: in ten seconds from the page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ivr.access.model import Right
from ivr.announcements.announcer import Announcer
from ivr.announcements.board import end_of_day
from ivr.announcements.model import Announcement, Draft, Effect, Fault, NotAnnounced, Objection
from ivr.announcements.settings import AnnouncementsSettings
from ivr.dialogue.ports import Clock
from ivr.web.api.cards import AuditTrail
from ivr.web.api.events import Audience, EventHub
from ivr.web.api.leading import Leading
from ivr.web.api.route import Asked, Download, Refused, Route
from ivr.web.api.work_faults import id_of

_WORDS: Final = {
    Fault.EMPTY: "Напишите, что услышат звонящие.",
    Fault.TOO_LONG: "Текст слишком длинный: можно не больше {what} знаков, это полминуты.",
    Fault.UNSPEAKABLE: "Голос не сможет произнести: {what}. Напишите словами.",
    Fault.FORBIDDEN: "Стандарт запрещает говорить «{what}»{clause}.{instead}",
    Fault.NO_LINE: "Такой линии нет. Обновите страницу.",
    Fault.BACKWARDS: "Конец должен быть позже начала и позже нынешнего времени.",
    Fault.TOO_FAR: "Так надолго нельзя: можно не больше чем на {what} дн.",
    Fault.TOO_MANY: "На линии уже {what} объявления. Закончите одно из них.",
    Fault.NO_VOICE: "Озвучить текст сейчас не вышло, звонящие его не слышат. Повторите.",
}
_FIELDS: Final = {
    Fault.NO_LINE: "line",
    Fault.BACKWARDS: "until",
    Fault.TOO_FAR: "until",
    Fault.TOO_MANY: "line",
}
_OVER: Final = "Этого объявления уже нет: оно закончилось, или его закончил кто-то другой."
_NO_VOICE_STATUS: Final = 503


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TextTried(_Body):
    """A text that is to be heard before it is announced."""

    text: str = Field(max_length=2_000)


class AnnouncementMade(TextTried):
    """A new one: `tell` and the call goes on, `close` and it ends, unless there is danger to life."""

    effect: Effect = Effect.TELL
    line: str | None = Field(default=None, max_length=64, description="None: all lines.")
    begins_at: AwareDatetime | None = Field(default=None, description="None: at once.")
    until: AwareDatetime | None = Field(default=None, description="None: to the end of that day.")


class AnnouncementTold(BaseModel):
    """An announcement; `stage`: `coming`, `now` or `over`."""

    id: int
    effect: Effect
    line: str | None
    line_title: str | None
    text: str
    begins_at: AwareDatetime
    until: AwareDatetime
    stage: Literal["coming", "now", "over"]
    made_by: str
    made_at: AwareDatetime
    ended_by: str | None
    ended_at: AwareDatetime | None


class LineTold(BaseModel):
    """A line that may be named."""

    name: str
    title: str


class ReadyTold(BaseModel):
    """A text of the catalogue that may be announced as it is, or changed before."""

    id: str
    text: str


class AnnouncementsTold(BaseModel):
    """All that are told or will be, and the last ones; what a new one may choose from."""

    announcements: list[AnnouncementTold]
    lines: list[LineTold]
    ready: list[ReadyTold]
    end_of_day: AwareDatetime
    most_characters: int


class AnnouncementsChanged(BaseModel):
    """Something was put up, or ended: read them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnouncementRoutes:
    """`/announcements`.

    Attributes:
        lines: Name → title.
        name: Login → name for people.
    """

    announcer: Announcer
    settings: AnnouncementsSettings
    clock: Clock
    lines: Mapping[str, str]
    name: Callable[[str], str]
    audit: AuditTrail
    hub: EventHub

    def routes(self) -> list[Route]:
        """All that there are."""
        of = partial(Route, right=Right.ANNOUNCE)
        return [
            of(
                method="GET",
                path="/announcements",
                title="What callers are told now, will be and were, and what may be chosen for a new one",
                run=self.tell,
                answer=AnnouncementsTold,
            ),
            of(
                method="POST",
                path="/announcements",
                title="Tell callers something, or close a line: the next caller hears it",
                run=self.make,
                body=AnnouncementMade,
                answer=AnnouncementTold,
                status=201,
            ),
            of(
                method="POST",
                path="/announcements/sound",
                title="A text as callers would hear it",
                run=self.sound,
                body=TextTried,
                media_type="audio/wav",
            ),
            of(
                method="DELETE",
                path="/announcements/{id}",
                title="End an announcement, or open the line",
                run=self.end,
            ),
        ]

    async def tell(self, asked: Asked) -> AnnouncementsTold:
        """`GET /announcements`."""
        now = self.clock.now()
        listed = await self.announcer.board.listed(now - timedelta(days=self.settings.shown_days))
        return AnnouncementsTold(
            announcements=[self._told(one, now) for one in listed],
            lines=[LineTold(name=name, title=title) for name, title in self.lines.items()],
            ready=[ReadyTold(id=id_, text=text) for id_, text in self.announcer.ready().items()],
            end_of_day=end_of_day(now),
            most_characters=self.settings.most_characters,
        )

    async def make(self, asked: Asked) -> AnnouncementTold:
        """`POST /announcements`."""
        made: AnnouncementMade = asked.body
        draft = Draft(
            effect=made.effect, text=made.text, line=made.line, begins_at=made.begins_at, until=made.until
        )
        try:
            one = await self.announcer.announce(draft, asked.user.login)
        except NotAnnounced as refusal:
            raise refused(refusal) from refusal
        self._changed()
        await self._audited(asked, one.id, f"made: {one.effect.value} {one.line or 'all lines'}")
        return self._told(one, self.clock.now())

    async def sound(self, asked: Asked) -> Download:
        """`POST /announcements/sound`."""
        tried: TextTried = asked.body
        return await spoken(self.announcer, tried.text)

    async def end(self, asked: Asked) -> None:
        """`DELETE /announcements/{id}`."""
        announcement_id = id_of(asked)
        if not await self.announcer.board.take_down(announcement_id, asked.user.login):
            raise Refused(409, "over", _OVER)
        self._changed()
        await self._audited(asked, announcement_id, "ended")

    def _changed(self) -> None:
        self.hub.publish("announcements", AnnouncementsChanged(), Audience(right=Right.ANNOUNCE))

    async def _audited(self, asked: Asked, announcement_id: int, what: str) -> None:
        await Leading(self.audit).did(asked, ("", f"announcement {announcement_id} {what}"))

    def _told(self, one: Announcement, now: datetime) -> AnnouncementTold:
        return AnnouncementTold(
            id=one.id,
            effect=one.effect,
            line=one.line,
            line_title=self.lines.get(one.line, one.line) if one.line else None,
            text=one.text,
            begins_at=one.begins_at,
            until=one.until,
            stage="over" if one.over(now) else "now" if one.in_force(now) else "coming",
            made_by=self.name(one.made_by),
            made_at=one.made_at,
            ended_by=self.name(one.ended_by) if one.ended_by else None,
            ended_at=one.ended_at,
        )


async def spoken(announcer: Announcer, text: str) -> Download:
    """The sound of a text that may be told to callers.

    Raises:
        Refused: It may not, or can't be spoken now.
    """
    try:
        file = await announcer.sound(text)
    except NotAnnounced as refusal:
        raise refused(refusal) from refusal
    return Download(await asyncio.to_thread(file.read_bytes), "announcement.wav", "audio/wav")


def refused(refusal: NotAnnounced, field: str = "text") -> Refused:
    """All that is wrong, in the words of the page; `field` is where the text stands."""
    first = refusal.objections[0].fault
    status = _NO_VOICE_STATUS if first is Fault.NO_VOICE else 422
    message = " ".join(dict.fromkeys(_words(objection) for objection in refusal.objections))
    return Refused(status, first.value, message, _FIELDS.get(first, field))


def _words(objection: Objection) -> str:
    clause = f" ({objection.clause})" if objection.clause else ""
    instead = f" Скажите иначе: {objection.instead}." if objection.instead else " Скажите, что можно сделать."
    return _WORDS[objection.fault].format(what=objection.what, clause=clause, instead=instead)
