"""`ivr satisfaction`: surveys of clients. Answers may hold personal data; figures do not."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from ivr.app.satisfaction import satisfaction_room
from ivr.clock import SystemClock
from ivr.commands.importing import bad_lines_of
from ivr.commands.opened import with_database
from ivr.commands.output import Format, FormatOption, emit
from ivr.errors import Fault
from ivr.kpi.periods import period
from ivr.kpi.profiles import load_profiles
from ivr.satisfaction import results
from ivr.satisfaction.formulas import Figure
from ivr.satisfaction.importing import COLUMNS, Imported
from ivr.satisfaction.importing import import_file as take
from ivr.satisfaction.questionnaires import examine
from ivr.satisfaction.results import Summary, Wanted
from ivr.satisfaction.service import Closed, NoSuch, Satisfaction
from ivr.satisfaction.waves import Planned, Wave
from ivr.settings import Settings
from ivr.store import Database

T = TypeVar("T")
app = typer.Typer(help="Surveys of clients: what is due, what was answered.", no_args_is_help=True)

_IMPORT_HELP = f"""Take filled-in questionnaires over from a CSV file into the wave of its period.

Encoding (UTF-8, CP1251) and delimiter (; , tab) are found out. Each bad line is told on stderr and left out;
a repeat changes nothing, a line whose key is known replaces its answers.

\b
Columns:
{COLUMNS}
"""

Questionnaire = Annotated[str, typer.Argument(help="Id of the questionnaire")]
Of = Annotated[
    datetime | None, typer.Option("--of", formats=["%Y-%m-%d"], help="A day of the wave's period; today")
]


@app.command()
def waves(context: typer.Context, output: FormatOption = Format.TEXT) -> None:
    """Which surveys are due, run, are done or late; exit status 1 when one is late."""
    planned = _with(context.obj, lambda room, _database: room.planned())
    document = {"waves": [_planned(each) for each in planned]}
    emit(document, "\n".join(_line(each) for each in planned) or "no questionnaires", output)
    if any(each.standing == "late" for each in planned):
        raise typer.Exit(1)


@app.command("open")
def open_wave(
    context: typer.Context, questionnaire: Questionnaire, of: Of = None, output: FormatOption = Format.TEXT
) -> None:
    """Begin the wave of a period, or open it again."""

    async def work(room: Satisfaction, _database: Database) -> Wave:
        return await room.open(questionnaire, getpass.getuser(), of.date() if of else None)

    _emit_wave(_with(context.obj, work), output)


@app.command("close")
def close_wave(
    context: typer.Context, questionnaire: Questionnaire, of: Of = None, output: FormatOption = Format.TEXT
) -> None:
    """Take no more answers."""

    async def work(room: Satisfaction, _database: Database) -> Wave:
        wave = await _wave(room, questionnaire, of)
        return await room.close(wave.id)

    _emit_wave(_with(context.obj, work), output)


@app.command("import", help=_IMPORT_HELP)
def import_file(
    context: typer.Context,
    questionnaire: Questionnaire,
    file: Annotated[Path, typer.Argument(help="CSV file")],
    of: Of = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Take a file over; exit status 1 when lines were left out."""
    settings: Settings = context.obj

    async def work(room: Satisfaction, _database: Database) -> Imported:
        wave = await _wave(room, questionnaire, of)
        return await take(room, wave.id, file, settings.company.zone, bad_lines_of(file))

    done = _with(settings, work)
    counts = {name: count for name, count in asdict(done).items() if isinstance(count, int)}
    text = ", ".join(f"{count} {name}" for name, count in counts.items())
    if done.ignored:
        text += f"\ncolumns nobody knows: {', '.join(done.ignored)}"
    emit({**counts, "file": str(done.file), "ignored": list(done.ignored)}, text, output)
    if done.bad:
        raise typer.Exit(1)


@app.command()
def report(
    context: typer.Context,
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day")],
    segment: Annotated[str | None, typer.Option(help="private, corporate or any: only these clients")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """CSAT, mean score, CSI and NPS of a period by questionnaire and segment, with intervals of 95 %."""
    settings: Settings = context.obj
    zone = settings.company.zone
    days = period(first.date(), last.date(), zone, SystemClock(zone).now())
    wanted = Wanted(since=days.since, until=days.until, segment=segment)

    async def work(_room: Satisfaction, database: Database) -> list[dict[str, Any]]:
        replies = await database.read(partial(results.replies, wanted=wanted))
        talks = await database.read(partial(results.after_talks, wanted=wanted))
        keys = sorted({(each.questionnaire, each.segment) for each in replies})
        asked = [
            (key, results.summary([each for each in replies if (each.questionnaire, each.segment) == key]))
            for key in keys
        ]
        after = [
            (("call", one), results.scores([score for of, score in talks if of == one]))
            for one in sorted({of for of, _ in talks})
        ]
        return [_summary(source, of, summary) for (source, of), summary in [*asked, *after]]

    found = _with(settings, work)
    document = {"period": {"from": str(days.first), "to": str(days.last)}, "groups": found}
    emit(document, "\n".join(_text(each) for each in found) or "no answers", output)


@app.command()
def lint(
    context: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="Folder; default: that of the settings")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Examine questionnaires; exit status 1 when one is wrong."""
    settings: Settings = context.obj
    place = folder or settings.satisfaction.folder
    files = sorted(place.glob("*.yaml"))
    if not files:
        raise Fault("There is no questionnaire.", str(place), "Put them there as <id>.yaml.")
    faults = examine(place, load_profiles(settings.standards_folder))
    errors = [{"where": fault.where, "what": fault.what, "fix": fault.fix} for fault in faults]
    lines = [f"{fault.where}: {fault.what} {fault.fix}" for fault in faults]
    document = {"questionnaires": len(files), "errors": errors}
    emit(document, "\n".join([*lines, f"{len(files)} questionnaires, {len(faults)} errors"]), output)
    if faults:
        raise typer.Exit(1)


def _with(settings: Settings, work: Callable[[Satisfaction, Database], Awaitable[T]]) -> T:
    async def on(database: Database) -> T:
        profiles = await asyncio.to_thread(load_profiles, settings.standards_folder)
        room = satisfaction_room(settings, database, SystemClock(settings.company.zone), profiles)
        try:
            return await work(room, database)
        except NoSuch as error:
            known = ", ".join(sorted(room.questionnaires))
            raise Fault(
                f"There is no questionnaire {error}.", "ivr satisfaction", f"Take one of {known}."
            ) from error
        except Closed as error:
            raise Fault(
                "The wave is closed.", "ivr satisfaction", "Open it again: `ivr satisfaction open`."
            ) from error

    return with_database(settings.store, on)


async def _wave(room: Satisfaction, questionnaire: str, of: datetime | None) -> Wave:
    """The wave of a period; without a day the one of today.

    Raises:
        NoSuch: There is no such questionnaire.
        Fault: Nobody has been asked in that period.
    """
    room.questionnaire(questionnaire)
    day: date = of.date() if of else room.today
    for wave in await room.waves(questionnaire):
        if wave.first_day <= day <= wave.last_day:
            return wave
    raise Fault(
        f"There is no wave of {questionnaire} on {day}.",
        "ivr satisfaction",
        f"Begin it: `ivr satisfaction open {questionnaire} --of {day}`.",
    )


def _emit_wave(wave: Wave, output: Format) -> None:
    state = "closed" if wave.closed_at else "open"
    text = f"{wave.questionnaire}, {wave.first_day} to {wave.last_day}: {state}, {wave.answers} answers"
    emit(_wave_told(wave), text, output)


def _wave_told(wave: Wave) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, date) else value for name, value in asdict(wave).items()}


def _planned(planned: Planned) -> dict[str, Any]:
    return {
        "questionnaire": planned.questionnaire.id,
        "profile": planned.questionnaire.profile,
        "segment": planned.questionnaire.segment.value,
        "from": str(planned.span.first),
        "to": str(planned.span.last),
        "standing": planned.standing.value,
        "clause": planned.source.clause if planned.source else None,
        "wave": _wave_told(planned.wave) if planned.wave else None,
    }


def _line(planned: Planned) -> str:
    wave = planned.wave
    got = f", {wave.answers} of {wave.sample} answers" if wave else ""
    clause = planned.source.clause if planned.source else "the company's own"
    span = f"{planned.span.first} to {planned.span.last}"
    return f"{planned.standing.value:8} {planned.questionnaire.id:24} {span} ({clause}){got}"


def _summary(source: str, segment: str, summary: Summary) -> dict[str, Any]:
    figures: Mapping[str, Figure] = {
        "csat": summary.csat,
        "score": summary.score,
        "csi": summary.csi,
        "nps": summary.nps,
    }
    told = {name: asdict(figure) for name, figure in figures.items()}
    return {"source": source, "segment": segment, "answers": summary.answers, **told}


def _text(group: Mapping[str, Any]) -> str:
    figures = [
        f"{name.upper()} {_figure(group[name], as_score=name == 'score')}"
        for name in ("csat", "score", "csi", "nps")
        if group[name]["value"] is not None
    ]
    return f"{group['source']} ({group['segment']}), {group['answers']} answers: {', '.join(figures)}"


def _figure(figure: Mapping[str, Any], *, as_score: bool) -> str:
    def told(value: float) -> str:
        return f"{value:.2f}" if as_score else f"{value * 100:.0f} %"

    if figure["low"] is None:
        return told(figure["value"])
    return f"{told(figure['value'])} ({told(figure['low'])} to {told(figure['high'])})"
