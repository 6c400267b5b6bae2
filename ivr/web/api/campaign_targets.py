"""Targets from files, lists and debts: taken over while calls go on, and what became of every line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import mkdtemp

from ivr.access.model import Right
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.importing.accounts import DebtFilter, months_before
from ivr.campaigns.importing.faults import ListProblem, in_russian
from ivr.campaigns.importing.importing import Heard, Importing
from ivr.campaigns.importing.imports import Imports
from ivr.campaigns.importing.journal import Failure, Import, ImportRuns, ImportState, Order, Stage
from ivr.campaigns.importing.reasons import Complaint, ImportReport
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import Campaign
from ivr.campaigns.needed import NeededField
from ivr.web.api.campaign_evidence import campaign_of
from ivr.web.api.campaign_target_models import BadLineTold, Debts, ImportsTold, ImportTold, Rows, UploadQuery
from ivr.web.api.leading import Leading
from ivr.web.api.route import Asked, Download, Refused, Route, Upload

UPLOAD_BYTES = 50_000_000
_LINES_TOLD = 200
_IMPORTS_TOLD = 20
_ROWS, _DEBTS = "Список из другой системы", "Должники из базы компании"
_GONE = "Такой загрузки нет. Обновите страницу."
_BUSY = "В эту кампанию уже загружается файл. Дождитесь, когда он закончится, или прервите его."
_OVER = "Эта загрузка уже закончилась."
_ELSEWHERE = "Эту загрузку ведёт другой сервер. Прервите её там, где она начата."
_AGAIN = "Загрузите тот же файл ещё раз, лишнего не появится."
_LOST = "Сервер остановился посреди загрузки: в кампании то, что было принято до этого."
_FAILURES = {
    Failure.DATABASE: ("База данных не отвечает.", _AGAIN),
    Failure.UNKNOWN: ("Файл не прочитался.", "Сохраните его как CSV (UTF-8) или XLSX и загрузите ещё раз."),
}

Taken = Callable[[Iterable[NeededField], Heard], Awaitable[ImportReport]]
"""Takes targets over, given what their kind needs, and whom to tell how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRoutes:
    """`/campaigns/{id}/targets`.

    Attributes:
        name: Login → name for people.
        today: The day, in the company's zone.
    """

    book: CampaignBook
    kinds: Callable[[], Kinds]
    importing: Importing
    imports: Imports
    leading: Leading
    name: Callable[[str], str]
    today: Callable[[], date]

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
            *self._of_imports(route),
        ]

    def _of_imports(self, route: Callable[..., Route]) -> list[Route]:
        one = "/campaigns/{id}/targets/{key}"
        return [
            route(
                method="GET",
                path="/campaigns/{id}/targets",
                title="The last lists of targets that were sent, and what became of them",
                run=self.latest,
                answer=ImportsTold,
            ),
            route(method="GET", path=one, title="What became of targets that were sent", run=self.one),
            route(
                method="POST",
                path=f"{one}/stop",
                title="Take no more of a list; what was taken stays",
                run=self.stop,
            ),
            Route(
                method="GET",
                path=f"{one}/lines",
                title="All lines of a list that something is wrong with, as CSV",
                right=Right.CAMPAIGNS,
                run=self.lines,
                media_type="text/csv",
            ),
        ]

    async def close(self) -> None:
        """Break off what goes on; the same files may be sent again."""
        await self.imports.close()

    async def send_file(self, asked: Asked) -> ImportTold:
        """Begin to take a file over."""
        query: UploadQuery = asked.query
        campaign = await campaign_of(self.book, asked)
        upload: Upload = asked.body
        file = await asyncio.to_thread(_kept, upload.path, query.name)
        take = partial(_taken_from, self.importing, campaign.campaign_id, file)
        fresh = False
        try:
            found, fresh = await self._begin(asked, campaign, query.key, query.name, take)
        finally:
            if not fresh:
                await asyncio.to_thread(_removed, file)
        return await self._sent(asked, found, fresh)

    async def send_rows(self, asked: Asked) -> ImportTold:
        """Begin to take a list over."""
        body: Rows = asked.body
        campaign = await campaign_of(self.book, asked)
        take = partial(self.importing.rows, campaign.campaign_id, body.rows)
        return await self._sent(asked, *await self._begin(asked, campaign, body.key, _ROWS, take))

    async def send_debts(self, asked: Asked) -> ImportTold:
        """Begin to take debtors over."""
        body: Debts = asked.body
        campaign = await campaign_of(self.book, asked)
        since = None if body.months is None else months_before(self.today(), body.months)
        wanted = DebtFilter(**body.model_dump(exclude={"key", "months"}), since=since)
        take = partial(self.importing.debts, campaign.campaign_id, wanted)
        return await self._sent(asked, *await self._begin(asked, campaign, body.key, _DEBTS, take))

    async def latest(self, asked: Asked) -> ImportsTold:
        """The last ones."""
        campaign = await campaign_of(self.book, asked)
        found = await self.imports.latest(campaign.campaign_id, _IMPORTS_TOLD)
        return ImportsTold(imports=[self._told(each, lines=0) for each in found])

    async def one(self, asked: Asked) -> ImportTold:
        """How far it is."""
        return self._told(await self._asked_for(asked))

    async def stop(self, asked: Asked) -> ImportTold:
        """Break it off; it ends when the part that is being taken is in."""
        found = await self._asked_for(asked)
        if found.over:
            raise Refused(409, "import-over", _OVER)
        if not self.imports.stop(found.import_id):
            raise Refused(409, "import-elsewhere", _ELSEWHERE)
        await self.leading.did(asked, ("", f"campaign {found.order.campaign_id}: targets broken off"))
        return self._told(found)

    async def lines(self, asked: Asked) -> Download:
        """What is wrong with each line."""
        found = await self._asked_for(asked)
        table = await asyncio.to_thread(found.report.as_csv)
        return Download(table.encode("utf-8-sig"), name="lines.csv", media_type="text/csv")

    async def _asked_for(self, asked: Asked) -> Import:
        """Raises Refused."""
        campaign = await campaign_of(self.book, asked)
        found = await self.imports.find(campaign.campaign_id, asked.path["key"])
        if found is None:
            raise Refused(404, "not-there", _GONE)
        return found

    async def _begin(
        self, asked: Asked, campaign: Campaign, key: str, name: str, taken: Taken
    ) -> tuple[Import, bool]:
        """Raises Refused."""

        async def take(heard: Heard) -> ImportReport:
            return await taken(self.kinds()[campaign.kind].needs, heard)

        order = Order(campaign_id=campaign.campaign_id, key=key, name=name, by=asked.user.login)
        try:
            return await self.imports.begin(order, take)
        except ImportRuns:
            raise Refused(409, "import-runs", _BUSY) from None

    async def _sent(self, asked: Asked, one: Import, fresh: bool) -> ImportTold:
        if fresh:
            await self.leading.did(asked, ("", f"campaign {one.order.campaign_id}: targets sent"))
        return self._told(one)

    def _told(self, one: Import, lines: int = _LINES_TOLD) -> ImportTold:
        report = one.report
        fault, fix = _why(one.stage)
        return ImportTold(
            key=one.order.key,
            state=one.stage.state,
            name=one.order.name,
            at=one.began_at,
            by=self.name(one.order.by),
            read=report.read,
            new=report.new,
            known=report.known,
            repeated=report.repeated,
            refused=report.refused,
            complaints=len(report.complaints),
            lines=[_line(each) for each in report.complaints[:lines]],
            ignored=list(report.ignored),
            fault=fault,
            fix=fix,
        )


def _line(of: Complaint) -> BadLineTold:
    return BadLineTold(line=of.line, field=of.field, why=of.what, fix=of.fix, left_out=of.left_out)


def _why(stage: Stage) -> tuple[str, str]:
    """Why targets are not taken, and what to do."""
    if stage.state is ImportState.LOST:
        return _LOST, _AGAIN
    if isinstance(stage.problem, ListProblem):
        return in_russian(stage.problem, stage.facts)
    return ("", "") if stage.problem is None else _FAILURES[stage.problem]


async def _taken_from(
    importing: Importing, campaign_id: int, file: Path, needs: Iterable[NeededField], heard: Heard
) -> ImportReport:
    try:
        return await importing.file(campaign_id, file, needs, heard)
    finally:
        await asyncio.to_thread(_removed, file)


def _kept(path: Path, name: str) -> Path:
    """The file where it stays while it is read, with the ending that its name has."""
    ending = ".xlsx" if name.lower().endswith(".xlsx") else ".csv"
    return path.rename(Path(mkdtemp(prefix="ivr-targets-")) / f"targets{ending}")


def _removed(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.parent.rmdir()
