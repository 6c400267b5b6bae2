"""Targets from files, lists and debts: taken over while calls go on, and what became of every line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

import structlog

from ivr.access.model import Right
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.importing.accounts import DebtFilter
from ivr.campaigns.importing.importing import Importing
from ivr.campaigns.importing.reasons import ImportReport
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import Campaign
from ivr.campaigns.needed import NeededField
from ivr.errors import Fault
from ivr.store import StoreUnavailable
from ivr.web.api.campaign_evidence import campaign_of
from ivr.web.api.campaign_models import BadLineTold, Debts, ImportTold, Rows, UploadQuery
from ivr.web.api.leading import Leading
from ivr.web.api.route import Asked, Refused, Route, Upload
from ivr.web.api.work_faults import id_of

log = structlog.get_logger(__name__)

UPLOAD_BYTES = 50_000_000
_LINES_TOLD = 200
_MOST_KEPT = 50
_GONE = "Такой загрузки нет: сервер перезапущен. Загрузите тот же файл ещё раз, лишнего не появится."
_KEY_TAKEN = "Этот ключ уже у загрузки в другую кампанию."
_BUSY = "В эту кампанию уже загружается файл. Дождитесь, когда он закончится."
_AWAY = "База данных не отвечает. Загрузите тот же файл ещё раз, лишнего не появится."
_UNREAD = "Файл не загружен: {what}"
_SAVE_ANEW = "Сохраните таблицу как CSV (UTF-8 или Windows-1251) или как XLSX без пароля и загрузите ещё раз."
_HEADING = "Назовите столбцы в первой строке; регистр не важен, лишние столбцы не мешают."
_DIVIDE = "Разделите таблицу на части или сохраните как CSV."
_ANEW = "Создайте такую же кампанию."
_FAULTS = {
    "The file is in ": ("Файл в кодировке {rest}: такие не читаются.", _SAVE_ANEW),
    "This is an XLS file": ("Это старый формат XLS или книга с паролем.", _SAVE_ANEW),
    "This is no text file": ("Это не таблица.", _SAVE_ANEW),
    "The workbook can't be read": ("Книга XLSX повреждена.", _SAVE_ANEW),
    "The workbook is too large": ("Книга XLSX слишком велика.", _DIVIDE),
    "There are more than": ("В таблице слишком много строк.", _DIVIDE),
    "The sheet is empty": ("Лист пуст.", _HEADING),
    "The file is empty": ("Файл пуст.", _HEADING),
    "Columns are missing:": ("В таблице нет столбцов: {rest}.", _HEADING),
    "Two columns are the same:": ("Два столбца об одном: {rest}.", _HEADING),
    "The campaign is stopped": ("Кампания остановлена: адресатов в неё не добавить.", _ANEW),
}
_BROKEN = "Файл не прочитался. Сохраните его как CSV (UTF-8) или XLSX и загрузите ещё раз."


@dataclass(slots=True)
class _Job:
    campaign: Campaign
    told: ImportTold
    task: asyncio.Task[None] | None = None


Take = Callable[[Iterable[NeededField]], Awaitable[ImportReport]]
"""Takes targets over, given what their kind needs."""


@dataclass(slots=True, kw_only=True)
class TargetRoutes:
    """`/campaigns/{id}/targets`.

    Attributes:
        done: Told when targets have come.
    """

    book: CampaignBook
    kinds: Callable[[], Kinds]
    importing: Importing
    leading: Leading
    done: Callable[[], None]
    _jobs: dict[str, _Job] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        """All of them."""
        route: Callable[..., Route] = partial(Route, right=Right.CAMPAIGNS, answer=ImportTold)
        post = partial(route, method="POST", status=202)
        return [
            post(
                path="/campaigns/{id}/targets",
                title="Take a file of targets over, CSV or XLSX; the same key is the same file",
                run=self.send_file,
                query=UploadQuery,
                upload=UPLOAD_BYTES,
            ),
            post(
                path="/campaigns/{id}/rows",
                title="Take a list of targets over: name of a field or heading of files → value",
                run=self.send_rows,
                body=Rows,
            ),
            post(
                path="/campaigns/{id}/debts",
                title="Take the debtors of the company's own tables over",
                run=self.send_debts,
                body=Debts,
            ),
            route(
                method="GET",
                path="/campaigns/{id}/targets/{key}",
                title="What became of targets that were sent",
                run=self.one,
            ),
        ]

    async def close(self) -> None:
        """Break off what goes on; the same files may be sent again."""
        tasks = [job.task for job in self._jobs.values() if job.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def send_file(self, asked: Asked) -> ImportTold:
        """Begin to take a file over."""
        query: UploadQuery = asked.query
        campaign = await campaign_of(self.book, asked)
        known = self._known(campaign, query.key)
        if known is not None:
            return known
        upload: Upload = asked.body
        file = await asyncio.to_thread(_kept, upload.path, query.name)
        take = partial(_taken_from, self.importing, campaign.campaign_id, file)
        return await self._begin(asked, campaign, query.key, query.name, take)

    async def send_rows(self, asked: Asked) -> ImportTold:
        """Begin to take a list over."""
        body: Rows = asked.body
        campaign = await campaign_of(self.book, asked)
        take = partial(self.importing.rows, campaign.campaign_id, body.rows)
        known = self._known(campaign, body.key)
        return known or await self._begin(asked, campaign, body.key, "", take)

    async def send_debts(self, asked: Asked) -> ImportTold:
        """Begin to take debtors over."""
        body: Debts = asked.body
        campaign = await campaign_of(self.book, asked)
        wanted = DebtFilter(**body.model_dump(exclude={"key"}))
        take = partial(self.importing.debts, campaign.campaign_id, wanted)
        known = self._known(campaign, body.key)
        return known or await self._begin(asked, campaign, body.key, "", take)

    async def one(self, asked: Asked) -> ImportTold:
        """How far it is."""
        job = self._jobs.get(asked.path["key"])
        if job is None or job.campaign.campaign_id != id_of(asked):
            raise Refused(404, "not-there", _GONE)
        return job.told

    def _known(self, campaign: Campaign, key: str) -> ImportTold | None:
        """What was sent with the same key, unless it failed. Raises Refused."""
        job = self._jobs.get(key)
        mine = [each for each in self._jobs.values() if each.campaign.campaign_id == campaign.campaign_id]
        if job in mine and job is not None and job.told.state != "failed":
            return job.told
        if job is not None and job not in mine:
            raise Refused(409, "key-taken", _KEY_TAKEN)
        if any(each.told.state == "running" for each in mine):
            raise Refused(409, "import-runs", _BUSY)
        return None

    async def _begin(self, asked: Asked, campaign: Campaign, key: str, name: str, take: Take) -> ImportTold:
        told = ImportTold(key=key, state="running", name=name)
        job = self._jobs[key] = _Job(campaign, told)
        job.task = asyncio.create_task(self._run(job, take), name="campaign-import")
        self._make_room()
        await self.leading.did(asked, ("", f"campaign {campaign.campaign_id}: targets sent"))
        return told

    async def _run(self, job: _Job, take: Take) -> None:
        try:
            report = await take(self.kinds()[job.campaign.kind].needs)
            job.told = _told(job.told, report)
        except Fault as fault:
            what, fix = in_russian(fault)
            job.told = job.told.model_copy(update={"state": "failed", "fault": what, "fix": fix})
        except StoreUnavailable:
            job.told = job.told.model_copy(update={"state": "failed", "fault": _AWAY})
        except Exception:
            log.exception("campaigns.import-failed", campaign=job.campaign.campaign_id)
            job.told = job.told.model_copy(update={"state": "failed", "fault": _BROKEN})
        self.done()

    def _make_room(self) -> None:
        for key in list(self._jobs)[:-_MOST_KEPT]:
            if self._jobs[key].told.state != "running":
                del self._jobs[key]


def in_russian(fault: Fault) -> tuple[str, str]:
    """Why targets are not taken, and what to do."""
    for begin, (what, fix) in _FAULTS.items():
        if fault.what.startswith(begin):
            return what.format(rest=fault.what.removeprefix(begin).strip(" .")), fix
    return _UNREAD.format(what=fault.what), _SAVE_ANEW


def _told(before: ImportTold, report: ImportReport) -> ImportTold:
    lines = [
        BadLineTold(line=each.line, field=each.field, why=each.what, fix=each.fix, left_out=each.left_out)
        for each in report.complaints[:_LINES_TOLD]
    ]
    counts = {name: getattr(report, name) for name in ("new", "known", "repeated", "refused")}
    told = {"lines": lines, "complaints": len(report.complaints), "ignored": list(report.ignored)}
    return before.model_copy(update={"state": "done", **counts, **told})


async def _taken_from(
    importing: Importing, campaign_id: int, file: Path, needs: Iterable[NeededField]
) -> ImportReport:
    try:
        return await importing.file(campaign_id, file, needs)
    finally:
        await asyncio.to_thread(_removed, file)


def _kept(path: Path, name: str) -> Path:
    """The file where it stays while it is read, with the ending that its name has."""
    ending = ".xlsx" if name.lower().endswith(".xlsx") else ".csv"
    return path.rename(Path(mkdtemp(prefix="ivr-targets-")) / f"targets{ending}")


def _removed(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.parent.rmdir()
