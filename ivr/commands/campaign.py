"""`ivr campaign`: calls out, and their pacing tried without telephony."""

from __future__ import annotations

from dataclasses import asdict
from statistics import fmean
from typing import Annotated

import typer

from ivr.campaigns.pacing import TrunkLimit
from ivr.campaigns.settings import PacingSettings
from ivr.campaigns.simulate import RATIOS, Comparison, Habits, LogNormal, Outcome, Plan, Site, compare
from ivr.commands import campaign_book, campaign_lint, campaign_refusals
from ivr.commands.output import Format, FormatOption, emit
from ivr.errors import Fault

app = typer.Typer(
    help="Campaigns: calls out, and their pacing tried without telephony.", no_args_is_help=True
)

campaign_book.register(app)
campaign_lint.register(app)
campaign_refusals.register(app)

_LINES_PER_OPERATOR = 3


@app.callback()
def campaigns() -> None:
    """Campaigns: calls out, and their pacing tried without telephony."""


@app.command()
def simulate(
    agents: Annotated[int, typer.Option(min=1, max=1000, help="Operators.")] = 30,
    calls: Annotated[int, typer.Option(min=1, max=1_000_000, help="Subscribers, each dialled once.")] = 3000,
    answering: Annotated[
        str, typer.Option(help="Shares of calls a person answers, each for an equal part of the list.")
    ] = "0.6,0.25",
    lines: Annotated[int | None, typer.Option(min=1, help="Trunk lines; 3 per operator if not said.")] = None,
    per_second: Annotated[float, typer.Option(min=0.1, help="Calls per second the trunk bears.")] = 10.0,
    talk: Annotated[float, typer.Option(min=1, help="Mean talk, seconds.")] = 120.0,
    wrap_up: Annotated[float, typer.Option(min=1, help="Mean wrap-up, seconds.")] = 20.0,
    abandoned: Annotated[
        float, typer.Option(min=0.001, max=0.2, help="Share of abandoned calls allowed.")
    ] = PacingSettings().abandoned_at_most,
    ratio: Annotated[
        list[float] | None, typer.Option(help="Calls per ready operator of a fixed ratio; several times.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same subscribers.")] = 1,
    runs: Annotated[int, typer.Option(min=1, max=100, help="Runs, each with the next seed; means.")] = 1,
    output: FormatOption = Format.TEXT,
) -> None:
    """Play a campaign through in accelerated time: the engine's pacing and what it is measured against.

    Informed knows the true rates and distributions but no outcome; clairvoyant knows every outcome;
    a fixed ratio dials so many calls per ready operator, the best one within the bound is told.
    """
    habits = Habits(
        answering=_steps(answering),
        talk=LogNormal(talk, Habits().talk.variation),
        wrap_up=LogNormal(wrap_up, Habits().wrap_up.variation),
    )
    site = Site(agents, TrunkLimit(lines or _LINES_PER_OPERATOR * agents, per_second))
    settings = PacingSettings(abandoned_at_most=abandoned)
    plans = [Plan(site, calls, habits, settings, seed + turn, tuple(ratio or RATIOS)) for turn in range(runs)]
    compared = [compare(plan) for plan in plans]
    plan: dict[str, object] = {
        "agents": agents,
        "calls": calls,
        "lines": site.trunk.lines,
        "seed": seed,
        "runs": runs,
    }
    plan |= {"bound": abandoned, "window": settings.window}
    emit(plan | _document(compared, abandoned), _text(compared), output)


def _steps(text: str) -> tuple[tuple[float, float], ...]:
    try:
        shares = [float(each) for each in text.split(",")]
    except ValueError:
        shares = []
    if not shares or not all(0 <= share <= 1 for share in shares):
        raise Fault(
            f"{text!r} is no list of shares.", "--answering", "Write shares of one with commas: 0.6,0.25."
        )
    return tuple((index / len(shares), share) for index, share in enumerate(shares))


Figures = dict[str, float]
_WORST = ("worst_so_far", "worst_window", "lines_peak")  # of several runs the worst one is told


def _document(compared: list[Comparison], bound: float) -> dict[str, object]:
    fixed = _fixed(compared)
    return {
        **_figures([each.pacing for each in compared]),
        "informed": _figures([each.informed for each in compared]),
        "clairvoyant": _figures([each.clairvoyant for each in compared]),
        "progressive": _figures([each.progressive for each in compared]),
        "fixed_ratio": _best(fixed, bound),
        "fixed_ratios": fixed,
    }


def _best(fixed: list[Figures], bound: float) -> Figures:
    """The ratio that, in hindsight, kept operators busiest within the bound; else the mildest one."""
    lawful = [each for each in fixed if each["abandon_rate"] <= bound]
    if not lawful:
        return min(fixed, key=lambda each: each["abandon_rate"])
    return max(lawful, key=lambda each: each["occupancy"])


def _fixed(compared: list[Comparison]) -> list[Figures]:
    return [
        {"ratio": ratio} | _figures([each.fixed[ratio] for each in compared]) for ratio in compared[0].fixed
    ]


def _figures(outcomes: list[Outcome]) -> Figures:
    rows: list[Figures] = [asdict(each) for each in outcomes]
    figures = {key: _of_runs(key, [row[key] for row in rows]) for key in rows[0]}
    return figures | {
        "abandon_rate_max": max(each.abandon_rate for each in outcomes),
        "occupancy_min": min(each.occupancy for each in outcomes),
    }


def _of_runs(key: str, values: list[float]) -> float:
    return max(values) if key in _WORST else round(fmean(values), 6)


def _text(compared: list[Comparison]) -> str:
    rows = {
        "engine's pacing": [each.pacing for each in compared],
        "informed": [each.informed for each in compared],
        "clairvoyant": [each.clairvoyant for each in compared],
        "progressive": [each.progressive for each in compared],
    }
    rows |= {f"{ratio:g} per ready": [each.fixed[ratio] for each in compared] for ratio in compared[0].fixed}
    head = f"{'':16} occupancy  abandoned  worst so far  worst window   hours"
    return "\n".join([head, *(_row(name, _figures(outcomes)) for name, outcomes in rows.items())])


def _row(name: str, figures: Figures) -> str:
    return (
        f"{name:16} {figures['occupancy']:9.1%} {figures['abandon_rate']:10.2%}"
        f" {figures['worst_so_far']:13.2%} {figures['worst_window']:13.2%} {figures['seconds'] / 3600:7.2f}"
    )
