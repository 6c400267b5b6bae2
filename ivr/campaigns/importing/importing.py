"""Takes targets over: good lines go in, every bad one is reported, a repeat changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.faults import NotNow
from ivr.campaigns.importing import accounts
from ivr.campaigns.importing.accounts import DebtFilter, KnownAccount
from ivr.campaigns.importing.encoding import require_readable
from ivr.campaigns.importing.faults import ImportFault, ListProblem
from ivr.campaigns.importing.headings import ACCOUNT, AMOUNT, NAME, Columns, recognise
from ivr.campaigns.importing.lines import Checked, LineChecker
from ivr.campaigns.importing.reasons import Complaint, ImportReport, Reason
from ivr.campaigns.importing.workbooks import Workbook, is_workbook
from ivr.campaigns.needed import NeededField, Owner
from ivr.campaigns.rules.zones import Zones
from ivr.campaigns.settings import CampaignsSettings
from ivr.customers.files import BadLine, FileProblem, Line, NoTable, read_heading, read_lines
from ivr.customers.settings import AccountNumberSettings
from ivr.store import Database

log = structlog.get_logger(__name__)

_CHUNK = 500
_Lines = Iterator[Line | BadLine]
Heard = Callable[[ImportReport], None]
"""Told after each part what has become of the list so far; what it raises ends the import there."""

_PROBLEMS = {
    FileProblem.AWAY: ListProblem.AWAY,
    FileProblem.EMPTY: ListProblem.EMPTY,
    FileProblem.NO_TEXT: ListProblem.NO_TABLE,
}


def _nobody(report: ImportReport) -> None:
    """Nobody wants to hear how far it is."""


class Importing:
    """Targets from files, lists and debts. What a kind needs is checked in every one of them."""

    def __init__(
        self,
        book: CampaignBook,
        database: Database,
        settings: CampaignsSettings,
        form: AccountNumberSettings,
        company: ZoneInfo,
    ) -> None:
        """Args: form, how account numbers look."""
        self._book = book
        self._database = database
        self._settings = settings.imports
        self._form = form
        self._company = company
        self._zones = Zones(settings.zones, company.key)

    async def file(
        self, campaign_id: int, path: Path, needs: Iterable[NeededField], heard: Heard = _nobody
    ) -> ImportReport:
        """Take over a CSV file (UTF-8 or CP1251; `;`, `,` or tab) or the first sheet of an XLSX workbook.

        Raises:
            ImportFault: It can't be read, is in another encoding, or columns are missing: nothing was taken;
                or it is longer than the settings allow, damaged further on, or the campaign was stopped
                meanwhile: what stands before was taken.
            StoreUnavailable: The lines up to some place were taken; the file may be imported again.
        """
        needs = _of_targets(needs)
        file = await asyncio.to_thread(_open, path)
        try:
            columns = recognise(file.columns, needs, path.name)
            taking = self._taking(campaign_id, columns, needs, heard)
            return await self._take(taking, file.lines, path.name)
        finally:
            file.close()

    async def rows(
        self,
        campaign_id: int,
        rows: Sequence[Mapping[str, object]],
        needs: Iterable[NeededField],
        heard: Heard = _nobody,
    ) -> ImportReport:
        """Take over a list as the API has it: name of a field (or a heading of files) → value.

        Raises:
            ImportFault: Fields are missing in all rows.
            StoreUnavailable: The rows up to some place were taken; the list may be handed in again.
        """
        if not rows:
            return ImportReport()
        needs = _of_targets(needs)
        columns = recognise(tuple(dict.fromkeys(name for row in rows for name in row)), needs, "rows")
        lines = (
            Line(number, {name: "" if value is None else str(value) for name, value in row.items()})
            for number, row in enumerate(rows, start=1)
        )
        return await self._take(self._taking(campaign_id, columns, needs, heard), lines, "rows")

    async def debts(
        self,
        campaign_id: int,
        wanted: DebtFilter,
        needs: Iterable[NeededField],
        heard: Heard = _nobody,
    ) -> ImportReport:
        """Take over the debtors of our own tables; the debt is read again before each call.

        Raises:
            ImportFault: The kind needs something that the tables do not tell.
            StoreUnavailable: Some were taken; it may be done again.
        """
        needs = _of_targets(needs)
        columns = recognise((ACCOUNT, NAME, AMOUNT), needs, "debts")
        taking = self._taking(campaign_id, columns, needs, heard)
        line = 0
        async for part in self._debtors(wanted):
            lines = [
                Line(line + place, {ACCOUNT: each.number, **each.fields})
                for place, each in enumerate(part, start=1)
            ]
            line += len(part)
            await taking.take(lines, {each.number: each for each in part})
        return taking.report()

    async def _debtors(self, wanted: DebtFilter) -> AsyncIterator[list[KnownAccount]]:
        after = ""
        while part := await self._database.read(
            partial(accounts.debtors, wanted=wanted, after=after, most=_CHUNK)
        ):
            yield part
            after = part[-1].number

    async def _take(self, taking: _Taking, lines: _Lines, file: str) -> ImportReport:
        most = self._settings.most_lines
        while part := await asyncio.to_thread(lambda: list(islice(lines, _CHUNK))):
            if taking.read + len(part) > most:
                raise _too_long(most, file)
            named = {number for line in part if (number := taking.checker.account_of(line))}
            await taking.take(part, await self._database.read(partial(accounts.find, numbers=named)))
        return taking.report()

    def _taking(
        self, campaign_id: int, columns: Columns, needs: Sequence[NeededField], heard: Heard
    ) -> _Taking:
        checker = LineChecker(needs, self._settings, self._form, self._zones, self._company, columns)
        return _Taking(self._book, campaign_id, checker, self._settings.most_refused_told, heard)


class _Taking:
    """One import under way."""

    def __init__(
        self, book: CampaignBook, campaign_id: int, checker: LineChecker, most_told: int, heard: Heard
    ) -> None:
        self._book = book
        self._campaign_id = campaign_id
        self.checker = checker
        self._most_told = most_told
        self._heard = heard
        self._complaints: list[Complaint] = []
        self._repeated = self._refused = self._new = self._known = 0
        self.read = 0

    async def take(self, lines: Sequence[Line | BadLine], known: Mapping[str, KnownAccount]) -> None:
        """Check a part and write its good lines down."""
        good, complaints = await asyncio.to_thread(self.checker.check, lines, known)
        await self._write(good)
        self.read += len(lines)
        left_out = [each for each in complaints if each.left_out]
        repeated = sum(each.reason is Reason.REPEATED for each in left_out)
        self._repeated += repeated
        self._refused += len(left_out) - repeated
        self._complaints.extend(complaints[: max(0, self._most_told - len(self._complaints))])
        self._heard(self._so_far())

    async def _write(self, good: Sequence[Checked]) -> None:
        if good:
            try:
                added = await self._book.add_targets(self._campaign_id, [each.target for each in good])
            except NotNow as fault:
                raise ImportFault(fault.what, fault.where, fault.fix, ListProblem.OVER) from fault
            self._new += added.new
            self._known += added.known

    def report(self) -> ImportReport:
        """What became of it all."""
        log.info(
            "campaigns.imported",
            campaign=self._campaign_id,
            read=self.read,
            new=self._new,
            known=self._known,
            repeated=self._repeated,
            refused=self._refused,
        )
        return self._so_far()

    def _so_far(self) -> ImportReport:
        return ImportReport(
            read=self.read,
            new=self._new,
            known=self._known,
            repeated=self._repeated,
            refused=self._refused,
            complaints=tuple(self._complaints),
            ignored=self.checker.columns.ignored,
        )


def _of_targets(needs: Iterable[NeededField]) -> tuple[NeededField, ...]:
    return tuple(each for each in needs if each.of is Owner.TARGET)


def _too_long(most: int, file: str) -> ImportFault:
    what, fix = f"There are more than {most} lines.", "Divide it, or raise campaigns.imports.most_lines."
    return ImportFault(what, file, fix, ListProblem.MANY_LINES, {"most": str(most)})


@dataclass(frozen=True, slots=True)
class _File:
    """A file whose heading has been read."""

    columns: tuple[str, ...]
    lines: _Lines
    close: Callable[[], None]


def _open(path: Path) -> _File:
    """Raises ImportFault: it can't be read."""
    if is_workbook(path):
        book = Workbook(path)
        return _File(book.columns, book.lines(), book.close)
    try:
        require_readable(path)
        heading = read_heading(path)
    except NoTable as fault:
        raise ImportFault(fault.what, path.name, fault.fix, _PROBLEMS[fault.problem]) from fault
    return _File(heading.columns, read_lines(path, heading), _nothing)


def _nothing() -> None:
    """A text file is closed when its lines are forgotten: a thread may be reading them still."""
