"""Conversations: found, heard, held, taken away. What is done with them is put down before it is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

from ivr.access.audit import Action
from ivr.access.model import Right
from ivr.archive import index, search
from ivr.archive.index import Recording
from ivr.archive.listening import Listening, NotHeard
from ivr.archive.quiet import quiet_stretches
from ivr.archive.search import Texts
from ivr.archive.settings import ArchiveSettings
from ivr.archive.vault import Vault
from ivr.archive.zipping import NotExported, zipped
from ivr.calls import queries
from ivr.dialogue.ports import Clock
from ivr.store import Database
from ivr.web.api.audited import entry_of
from ivr.web.api.cards import NO_CALL, AuditTrail
from ivr.web.api.once import OnceAudited
from ivr.web.api.recording_models import (
    AbsenceTold,
    Export,
    OfCall,
    OutlineTold,
    RecordingFound,
    RecordingsQuery,
    RecordingsTold,
    RecordingTold,
    Why,
    Words,
    cursor_after,
)
from ivr.web.api.route import Asked, Flow, Ranged, Refused, Route

T = TypeVar("T")

NOT_HEARD: Mapping[str, tuple[int, str]] = {
    "unknown": (404, "Такой записи нет: её срок хранения прошёл, или её не было."),
    "missing": (409, "Файла записи нет в архиве. Сообщите администратору: он проверит архив."),
    "storage": (503, "Хранилище записей не отвечает. Повторите через минуту."),
    "locked": (409, "Ключа к этой записи нет. Сообщите администратору: он вернёт ключ из копии."),
    "changed": (409, "Запись повреждена или подменена. Сообщите администратору: он проверит архив."),
}
NOT_EXPORTED = "Запись {id} не выгрузить. {why}"
NOT_HELD = "Эта запись не удерживается."
NO_RECORDING = NOT_HEARD["unknown"][1]
NOTHING = "По этим условиям записей нет: выгружать нечего."
GONE = "Некоторых из выбранных записей уже нет: их срок хранения прошёл. Обновите список."
TOO_MANY = "Слишком много записей: за один раз можно выгрузить не больше {most}. Сузьте условия."
TOO_LARGE = "Слишком много звука: за один раз можно выгрузить не больше {most} МБ. Сузьте условия."
_MEGABYTE = 1_000_000


class NamesOf(Protocol):
    """What lines, topics, operators and queues are called now."""

    async def __call__(self) -> Mapping[str, Mapping[str, str]]:
        """`lines`, `topics`, `agents`, `queues`: id → title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingRoutes:
    """`/recordings`.

    Attributes:
        views: Puts down who hears what.
        texts: Where words are looked up; None: nobody writes down what is said.
    """

    database: Database
    listening: Listening
    vault: Vault
    settings: ArchiveSettings
    audit: AuditTrail
    views: OnceAudited
    clock: Clock
    names: NamesOf
    texts: Texts | None = None

    def routes(self) -> list[Route]:
        """All of them."""
        route: Callable[..., Route] = partial(Route, right=Right.RECORDINGS)
        get, post = partial(route, method="GET"), partial(route, method="POST")
        return [
            get(
                path="/recordings",
                title="Find conversations, the latest first",
                run=self.find,
                query=RecordingsQuery,
                answer=RecordingsTold,
            ),
            get(
                path="/recordings/words",
                title="What a search chooses from",
                run=self.words,
                answer=Words,
            ),
            get(
                path="/calls/{call_id}/recordings",
                title="What of a call can be heard, and why not",
                run=self.of_call,
                answer=OfCall,
            ),
            get(
                path="/recordings/{id}/outline",
                title="What a player draws of a recording",
                run=self.outline,
                answer=OutlineTold,
            ),
            get(
                path="/recordings/{id}/sound",
                title="Hear a recording; ranges of bytes are answered",
                run=self.sound,
                media_type="audio/*",
            ),
            post(
                path="/recordings/{id}/hold",
                title="Keep a recording, whatever its age",
                run=self.hold,
                body=Why,
                answer=RecordingTold,
            ),
            post(
                path="/recordings/{id}/release",
                title="Lift the hold",
                run=self.release,
                body=Why,
                answer=RecordingTold,
            ),
            post(
                path="/recordings/export",
                title="Take recordings away, with a manifest, as one ZIP",
                run=self.export,
                body=Export,
                media_type="application/zip",
            ),
        ]

    async def find(self, asked: Asked) -> RecordingsTold:
        """`GET /recordings`."""
        query: RecordingsQuery = asked.query
        await self.audit.record(
            entry_of(asked, Action.VIEWED, f"recordings:{query.named()}", subject=query.subject())
        )
        job = partial(
            search.find,
            wanted=query.wanted(),
            limit=query.limit + 1,
            before=query.cursor(),
            texts=self.texts,
        )
        found = await self.database.read(job)
        shown = found[: query.limit]
        more = len(found) > query.limit
        return RecordingsTold(
            recordings=[RecordingFound.found(one) for one in shown],
            next=cursor_after(shown[-1].recording) if more else None,
        )

    async def words(self, _asked: Asked) -> Words:
        """`GET /recordings/words`."""
        names = await self.names()
        return Words(
            lines=dict(names["lines"]),
            topics=dict(names["topics"]),
            agents=dict(names["agents"]),
            queues=dict(names["queues"]),
            export_files=self.settings.export_files,
            export_bytes=self.settings.export_bytes,
            texts=self.texts is not None,
        )

    async def of_call(self, asked: Asked) -> OfCall:
        """`GET /calls/{call_id}/recordings`."""
        call_id = asked.path["call_id"]
        found = await self.database.read(partial(search.whereabouts, call_id=call_id))
        known = any((found.recordings, found.absences, found.purged_at))
        if not known and not await self.database.read(partial(queries.briefs, call_ids=[call_id])):
            raise Refused(404, "no-such-call", NO_CALL)
        return OfCall(
            call_id=call_id,
            recordings=[RecordingTold.of(row) for row in found.recordings],
            absences=[AbsenceTold.of(row) for row in found.absences],
            purged_at=max(found.purged_at, default=None),
            requests=list(found.requests),
        )

    async def outline(self, asked: Asked) -> OutlineTold:
        """`GET /recordings/{id}/outline`."""
        recording = await self._one(asked.path["id"])
        drawn = await _heard(self.listening.outline(recording.id))
        deeds = await self.database.read(partial(queries.deeds, call_id=recording.call_id))
        quiet = quiet_stretches(deeds, recording.started_at, drawn.seconds)
        return OutlineTold(seconds=drawn.seconds, sides=drawn.sides, quiet=quiet)

    async def sound(self, asked: Asked) -> Ranged:
        """`GET /recordings/{id}/sound`; both logs have it before a byte is heard."""
        opened = await _heard(self.listening.open(asked.path["id"], asked.user.login))
        recording = opened.recording
        callers = await self.database.read(partial(queries.callers, call_ids=[recording.call_id]))
        subject = callers.get(recording.call_id, "")
        await self.views.viewed(asked, f"recording {recording.id}", recording.call_id, subject)

        async def read(start: int, length: int) -> bytes:
            return await _heard(opened.read(start, length))

        return Ranged(media_type=opened.media_type, size=opened.size, tag=recording.sha256, read=read)

    async def hold(self, asked: Asked) -> RecordingTold:
        """`POST /recordings/{id}/hold`."""
        return await self._mark(asked, "hold", index.hold)

    async def release(self, asked: Asked) -> RecordingTold:
        """`POST /recordings/{id}/release`."""
        return await self._mark(asked, "release", index.release)

    async def export(self, asked: Asked) -> Flow:
        """`POST /recordings/export`; both logs have it before a byte leaves."""
        body: Export = asked.body
        chosen = await self._chosen(body)
        self._require_little(chosen)
        named = body.sought.named() if body.sought else ""
        subject = body.sought.subject() if body.sought else ""
        entries = [entry_of(asked, Action.VIEWED, f"export {row.id}", call_id=row.call_id) for row in chosen]
        await self.audit.record(entry_of(asked, Action.VIEWED, f"export:{named}", subject=subject), *entries)
        now = self.clock.now()
        try:
            parts = await zipped(
                self.database, self.vault, chosen, who=asked.user.login, why=body.reason, now=now
            )
        except NotExported as fault:
            status, why = NOT_HEARD[fault.reason]
            message = NOT_EXPORTED.format(id=fault.recording_id, why=why)
            raise Refused(status, f"not-heard-{fault.reason}", message) from None
        return Flow(name=f"recordings-{now:%Y%m%d-%H%M%S}.zip", media_type="application/zip", parts=parts)

    # --- what they need -------------------------------------------------------------------------------

    async def _one(self, recording_id: str) -> Recording:
        recording = await self.database.read(partial(index.one, recording_id=recording_id))
        if recording is None:
            raise Refused(404, "not-heard-unknown", NO_RECORDING)
        return recording

    async def _mark(self, asked: Asked, what: str, work: Callable[..., list[str]]) -> RecordingTold:
        recording = await self._one(asked.path["id"])
        job = partial(
            work,
            chosen=recording.id,
            reason=asked.body.reason,
            who=asked.user.login,
            now=self.clock.now(),
        )
        if recording.id not in await self.database.write(job):
            if recording.purge_begun_at:
                raise Refused(404, "not-heard-unknown", NO_RECORDING)
            raise Refused(409, "not-held", NOT_HELD)
        entry = entry_of(asked, Action.CHANGED, f"{what} {recording.id}", call_id=recording.call_id)
        await self.audit.record(entry)
        return RecordingTold.of(await self._one(recording.id))

    async def _chosen(self, body: Export) -> list[Recording]:
        most = self.settings.export_files + 1
        if body.sought is None:
            found = await self.database.read(partial(index.named, ids=body.ids))
            if len(found) < len(set(body.ids)):
                raise Refused(409, "gone", GONE)
            return found
        job = partial(search.find, wanted=body.sought.wanted(), limit=most, texts=self.texts)
        return [one.recording for one in await self.database.read(job)]

    def _require_little(self, chosen: list[Recording]) -> None:
        """Raises Refused where there is nothing, or too much."""
        files, size = self.settings.export_files, self.settings.export_bytes
        if not chosen:
            raise Refused(404, "nothing", NOTHING)
        if len(chosen) > files:
            raise Refused(422, "too-many", TOO_MANY.format(most=files))
        if sum(row.bytes for row in chosen) > size:
            raise Refused(422, "too-large", TOO_LARGE.format(most=size // _MEGABYTE))


async def _heard(reading: Awaitable[T]) -> T:
    """Raises Refused where it can't be heard."""
    try:
        return await reading
    except NotHeard as fault:
        status, message = NOT_HEARD[fault.reason]
        raise Refused(status, f"not-heard-{fault.reason}", message) from None
