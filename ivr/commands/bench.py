"""`ivr bench`: measurements, each beside its baseline in the same run."""

from __future__ import annotations

import asyncio
import csv
import shutil
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from ivr.app.kpi import open_reporting
from ivr.app.observers import AmiMetrics
from ivr.app.spoken import fixed_texts
from ivr.app.stack import Stack
from ivr.bench.calls import QUICK, CallsBench, Size
from ivr.bench.chromium import CHROMIUM
from ivr.bench.flow import Account, FlowUnderTest
from ivr.bench.kpi import Measured as KpiMeasured
from ivr.bench.kpi import Size as KpiSize
from ivr.bench.native import NativeFlow
from ivr.bench.processes import machine
from ivr.bench.report import Measured, document, text
from ivr.bench.served import ServedFlow, overrides
from ivr.clock import SystemClock
from ivr.commands.output import Format, FormatOption, emit, say
from ivr.customers.addresses import split_street
from ivr.errors import Fault
from ivr.kpi.intake import rules_of
from ivr.kpi.profiles import load_profiles
from ivr.settings import Settings
from ivr.speech.building import open_library
from ivr.store import Database, StoreSettings, upgrade

app = typer.Typer(help="Measurements, each beside its baseline in the same run.", no_args_is_help=True)

_ACCOUNTS = 200
_CALLERS = 80
_METER_DIGITS = 5


@app.callback()
def benches() -> None:
    """Measurements, each beside its baseline in the same run."""


@app.command()
def calls(
    context: typer.Context,
    output: FormatOption = Format.TEXT,
    quick: Annotated[bool, typer.Option("--quick", help="Few calls, to see that all of it works.")] = False,
    calls_: Annotated[int | None, typer.Option("--calls", min=1, help="Calls in a round.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.1, help="New calls per second in a round.")] = None,
    rates: Annotated[
        str | None, typer.Option(help="Rates tried in rising order, calls per second: 10,20,30.")
    ] = None,
    native_only: Annotated[bool, typer.Option("--native-only", help="Only the flow in dialplan.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the data of the measurement go.")] = Path("var/bench"),
) -> None:
    """The same call through the engine and in dialplan alone: CPU, sustained rate, turnaround, memory."""
    settings: Settings = context.obj
    size = QUICK if quick else Size()
    size = replace(size, calls=calls_ or size.calls, per_second=rate or size.per_second)
    if rates:
        size = replace(size, rates=tuple(float(one) for one in rates.split(",")))
    found = asyncio.run(_calls(settings, size, folder.absolute(), native_only=native_only))
    emit(found, text(found), output)


@app.command()
def speech(
    context: typer.Context,
    output: FormatOption = Format.TEXT,
    quick: Annotated[bool, typer.Option("--quick", help="Few seconds, to see that all of it works.")] = False,
    model: Annotated[
        str, typer.Option(help="A vosk model that takes grammars: id or folder. Default: the best installed.")
    ] = "",
    folder: Annotated[Path, typer.Option(help="Where the data of the measurement go.")] = Path(
        "var/bench-speech"
    ),
) -> None:
    """Speech recognition beside a bare vosk loop: CPU, streams per core, what callers wait for."""
    from ivr.bench.speech_run import measure

    found = asyncio.run(measure(context.obj.speech, model, folder.absolute(), say, quick=quick))
    emit(found, text(found), output)


@app.command()
def kb(
    context: typer.Context,
    output: FormatOption = Format.TEXT,
    quick: Annotated[bool, typer.Option("--quick", help="Few articles, to see that it works.")] = False,
) -> None:
    """Search of the knowledge base among ten thousand articles."""
    from ivr.bench import kb as bench
    from ivr.knowledge.loading import load

    company = load(context.obj.knowledge.folder)
    found = bench.measure(company, bench.QUICK if quick else bench.Size(), say).document(machine())
    emit(found, text(found), output)


@app.command()
def popup(
    output: FormatOption = Format.TEXT,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few sessions, to see that all of it works.")
    ] = False,
    sessions: Annotated[int | None, typer.Option(min=1, help="Connected operators.")] = None,
    pages: Annotated[
        int | None, typer.Option(min=0, help="Those of them that are pages in Chromium.")
    ] = None,
    rings: Annotated[int | None, typer.Option(min=1, help="Rings in all.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.1, help="Rings a second.")] = None,
    chromium: Annotated[Path, typer.Option(help="The browser.")] = CHROMIUM,
) -> None:
    """The ring on the operator's page: from the event to what is visible, with all operators connected."""
    from ivr.bench import popup as bench

    size = bench.QUICK if quick else bench.Size()
    size = replace(
        size,
        sessions=sessions or size.sessions,
        pages=size.pages if pages is None else pages,
        rings=rings or size.rings,
        per_second=rate or size.per_second,
    )
    with TemporaryDirectory() as folder:
        measured = asyncio.run(bench.measure(size, Path(folder), chromium, say))
    found = measured.document(size, machine())
    emit(found, text(found), output)


@app.command()
def kpi(
    context: typer.Context,
    output: FormatOption = Format.TEXT,
    quick: Annotated[bool, typer.Option("--quick", help="Few calls, to see that it works.")] = False,
    calls_: Annotated[int | None, typer.Option("--calls", min=1, help="Calls of the month.")] = None,
) -> None:
    """The report of a month of a million calls, and what counting costs while calls go on."""
    from ivr.bench import kpi as bench

    size = bench.QUICK if quick else bench.Size()
    size = replace(size, calls=calls_ or size.calls)
    with TemporaryDirectory() as folder:
        measured = asyncio.run(_kpi(context.obj, size, Path(folder)))
    found = measured.document(size, machine())
    emit(found, text(found), output)


@app.command()
def events(
    output: FormatOption = Format.TEXT,
    quick: Annotated[bool, typer.Option("--quick", help="Few calls, to see that it works.")] = False,
    calls_: Annotated[int | None, typer.Option("--calls", min=1, help="Calls in a round.")] = None,
    rounds: Annotated[int | None, typer.Option(min=1, help="Rounds of both sides.")] = None,
) -> None:
    """Asterisk's events taken in with the ledger written, beside panoramisk's bare parsing of them."""
    import uvloop

    from ivr.bench import events as bench
    from ivr.commands.serve import collect_seldom
    from ivr.kpi.metrics import Metrics

    size = bench.QUICK if quick else bench.Size()
    size = replace(size, calls=calls_ or size.calls, rounds=rounds or size.rounds)
    metrics = Metrics()
    observers = (AmiMetrics(metrics), metrics)
    collect_seldom()  # as the engine itself
    with (
        TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        measured = runner.run(bench.measure(size, Path(folder), observers, say))
    found = measured.document(machine())
    emit(found, text(found), output)


@app.command()
def dialer(
    output: FormatOption = Format.TEXT,
    quick: Annotated[bool, typer.Option("--quick", help="Few targets, to see that it works.")] = False,
    targets: Annotated[int | None, typer.Option(min=1_000, help="Targets of the campaign.")] = None,
    calls_: Annotated[int | None, typer.Option("--calls", min=1, help="Calls that are ordered.")] = None,
) -> None:
    """The next ones found among a million targets, and calls ordered, beside bare SQL and panoramisk."""
    import uvloop

    from ivr.bench import dialer as bench

    size = bench.QUICK if quick else bench.Size()
    size = replace(size, targets=targets or size.targets, calls=calls_ or size.calls)
    with (
        TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        measured = runner.run(bench.measure(size, Path(folder), say))
    found = measured.document(size, machine())
    emit(found, text(found), output)


async def _kpi(settings: Settings, size: KpiSize, folder: Path) -> KpiMeasured:
    from ivr.bench import kpi as bench

    database = await Database.open(StoreSettings(url=f"sqlite:///{folder / 'ivr.db'}"))
    try:
        await upgrade(database)
        reporting = open_reporting(settings, load_profiles(settings.standards_folder))
        rules = rules_of(settings.kpi, SystemClock(settings.company.zone).now())
        profile = reporting.profile(settings.company.profile)
        return await bench.measure(database, reporting.reporter, profile, rules, size, say)
    finally:
        await database.close()


async def _calls(settings: Settings, size: Size, folder: Path, *, native_only: bool) -> dict[str, object]:
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    stack = Stack(None, overrides(settings, folder / "engine"), say, role="agi")
    say("Demo company and prompts (the first time takes a minute)")
    billing = folder / "billing"
    await _ivr(stack, "customers", "demo", "--accounts", str(_ACCOUNTS), "--output", str(billing))
    await _ivr(stack, "prompts", "build")
    accounts = _accounts(billing)
    library = open_library(settings.speech, settings.prompts_folder, fixed_texts(settings))

    async def voice(prompt_id: str | None, said: str) -> bytes:
        return (await library.record(library.source(prompt_id, said))).wav

    flows: list[FlowUnderTest] = [NativeFlow(settings.asterisk, accounts, voice, folder / "native")]
    if not native_only:
        flows.append(ServedFlow(stack, accounts, "readings"))
    async with AsyncExitStack() as running:
        running.push_async_callback(library.close)
        for flow in flows:
            running.push_async_callback(flow.stop)
            await flow.start()
        measured = await _measure(flows, size, folder)
    return document(measured["native"], measured.get("engine"), machine())


async def _measure(flows: Sequence[FlowUnderTest], size: Size, folder: Path) -> dict[str, Measured]:
    bench = CallsBench(folder / "sipp", say)
    rounds = await bench.compare(flows, size)
    return {
        flow.name: Measured(rounds[flow.name], await bench.crowd(flow, size), await bench.climb(flow, size))
        for flow in flows
    }


async def _ivr(stack: Stack, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ivr", *stack.arguments, *arguments, stdout=sys.stderr
    )
    if await process.wait():
        raise Fault(f"`ivr {' '.join(arguments)}` failed.", "ivr bench", "Mend what it says above.")


def _accounts(billing: Path) -> list[Account]:
    """Those of the demo company with one meter of one zone and five digits."""
    streets = {row["number"]: row["street"] for row in _rows(billing / "accounts.csv")}
    meters: dict[str, list[dict[str, str]]] = {}
    for row in _rows(billing / "meters.csv"):
        meters.setdefault(row["account"], []).append(row)
    found = [
        Account(
            number=number,
            street=" ".join(split_street(streets[number])).strip(),
            last=int(of[0]["last_value"]),
            usual=int(of[0]["usual_monthly"]),
        )
        for number, of in meters.items()
        if len(of) == 1 and int(of[0]["digits"]) == _METER_DIGITS
    ]
    return found[:_CALLERS]


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows, delimiter=";"))
