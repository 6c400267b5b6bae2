"""Taking filled-in questionnaires over from a file: web, office and telephone answers, one a line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice
from pathlib import Path

from ivr.customers.files import BadLine, Heading, Line, read_heading, read_lines
from ivr.errors import Fault
from ivr.kpi.profiles.duties import SurveyWay
from ivr.satisfaction.model import BadAnswer, NewReply, Saved, client_of, marks_of
from ivr.satisfaction.questionnaires import Questionnaire
from ivr.satisfaction.service import Satisfaction
from ivr.satisfaction.waves import Wave

COLUMNS = """key*          number of the questionnaire at its source; the same one again replaces the answers
answered_at*  2026-11-21 14:30, or with an offset; without one in the company's zone
way           office | web | telephone | post | email (else the first way of the questionnaire)
client        account or telephone number, so that nobody answers twice
refused       да: the client does not want to be asked; no answers are needed
and a column for each question by its id: 1–5, 0–10, да/нет, an option, or words"""

IMPORTED = "import"
_OWN = ("key", "answered_at", "way", "client", "refused")
_NEEDED = ("key", "answered_at")
_YES = frozenset({"да", "yes", "1"})
_CHUNK = 200
_LONGEST = 64
_BAD_MOMENT = "a moment is wanted, as 2026-11-21 14:30"

Report = Callable[[BadLine], None]


@dataclass(slots=True)
class Imported:
    """What became of a file, in lines.

    Attributes:
        twice: Of clients who have answered in this wave already.
        refused: Of clients who do not want to be asked.
        bad: Left out.
        ignored: Columns that nobody knows.
    """

    file: Path
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    twice: int = 0
    refused: int = 0
    bad: int = 0
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Refusal:
    client: str


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads lines of a file of one questionnaire."""

    questionnaire: Questionnaire
    wave: Wave
    zone: tzinfo

    def read(self, line: Line) -> NewReply | _Refusal | BadLine:
        """What a line tells."""
        cells = {name: text.strip() for name, text in line.cells.items()}
        try:
            if cells.get("refused", "").casefold() in _YES:
                return _Refusal(client_of(_wanted(cells, "client")) or "")
            return self._reply(cells)
        except BadAnswer as error:
            return BadLine(line.number, error.question, error.reason)

    def _reply(self, cells: Mapping[str, str]) -> NewReply:
        answers = {each.id: cells.get(each.id, "") for each in self.questionnaire.questions}
        return NewReply(
            key=_wanted(cells, "key"),
            client=client_of(cells.get("client")),
            way=self._way(cells.get("way", "")),
            answered_at=self._moment(cells),
            taken_by=IMPORTED,
            marks=marks_of(self.questionnaire, answers),
        )

    def _way(self, text: str) -> str:
        if not text:
            return self.questionnaire.ways[0].value
        if text not in {way.value for way in SurveyWay} - {SurveyWay.ANY.value}:
            raise BadAnswer("way", "office, web, telephone, post or email is wanted")
        return text

    def _moment(self, cells: Mapping[str, str]) -> datetime:
        try:
            moment = datetime.fromisoformat(_wanted(cells, "answered_at"))
        except ValueError as error:
            if isinstance(error, BadAnswer):
                raise
            raise BadAnswer("answered_at", _BAD_MOMENT) from error
        moment = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
        if not self.wave.first_day <= moment.astimezone(self.zone).date() <= self.wave.last_day:
            span = f"{self.wave.first_day} to {self.wave.last_day}"
            raise BadAnswer("answered_at", f"it is not within the wave's period, {span}")
        return moment


def _wanted(cells: Mapping[str, str], name: str) -> str:
    text = cells.get(name, "")
    if not text:
        raise BadAnswer(name, "it is missing")
    if len(text) > _LONGEST:
        raise BadAnswer(name, f"it is longer than {_LONGEST} characters")
    return text


async def import_file(room: Satisfaction, wave_id: int, path: Path, zone: tzinfo, report: Report) -> Imported:
    """Take answers into a wave; good lines go in, bad ones are reported, a repeat changes nothing.

    Args:
        room: Keeps them.
        wave_id: Of the wave.
        path: CSV, UTF-8 or CP1251, with `;`, `,` or tabs.
        zone: Of moments without an offset.
        report: Called with each bad line.

    Raises:
        NoSuch: There is no such wave.
        Closed: It takes no more answers.
        Fault: The file can't be read, or columns are missing; nothing was changed.
        StoreUnavailable: The lines up to some place went in; the import can be repeated.
    """
    wave = await room.wave(wave_id)
    questionnaire = room.questionnaire(wave.questionnaire)
    heading = await asyncio.to_thread(read_heading, path)
    done = Imported(path, ignored=_ignored(heading, questionnaire, path))
    reader = _Reader(questionnaire, wave, zone)
    lines = _read(reader, read_lines(path, heading), done, report)
    while chunk := await asyncio.to_thread(lambda: list(islice(lines, _CHUNK))):
        for refusal in (each for each in chunk if isinstance(each, _Refusal)):
            await room.refuse(refusal.client)
            done.refused += 1
        for saved in await room.save(wave_id, [each for each in chunk if isinstance(each, NewReply)]):
            _count(done, saved)
    return done


def _read(
    reader: _Reader, lines: Iterator[Line | BadLine], done: Imported, report: Report
) -> Iterator[NewReply | _Refusal]:
    for line in lines:
        told = reader.read(line) if isinstance(line, Line) else line
        if isinstance(told, BadLine):
            done.bad += 1
            report(told)
        else:
            yield told


def _count(done: Imported, saved: Saved) -> None:
    setattr(done, saved.value, getattr(done, saved.value) + 1)


def _ignored(heading: Heading, questionnaire: Questionnaire, path: Path) -> tuple[str, ...]:
    known = {*_OWN, *(each.id for each in questionnaire.questions)}
    missing = [name for name in _NEEDED if name not in heading.columns]
    if missing:
        raise Fault(
            f"The column {missing[0]} is missing.", f"{path}, line {heading.line}", f"Needed:\n{COLUMNS}"
        )
    if not any(each.id in heading.columns for each in questionnaire.questions):
        ids = ", ".join(each.id for each in questionnaire.questions)
        raise Fault(
            f"There is no column of the questionnaire {questionnaire.id}.",
            f"{path}, line {heading.line}",
            f"Name columns by the ids of its questions: {ids}.",
        )
    return tuple(name for name in heading.columns if name not in known)
