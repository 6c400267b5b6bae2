"""Gauges of the company's work for Prometheus: asked of the rooms whenever somebody reads them.

Labels are names of the configuration and the code: as many series as there are queues, states and KPIs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ivr.desk.model import Agent, AgentState, QueueState
from ivr.dialogue.ports import Clock
from ivr.kpi.alarms import Alarm, Name
from ivr.kpi.definitions import Definition, Definitions, Value
from ivr.kpi.live import LiveCounters
from ivr.kpi.profiles import Profile
from ivr.kpi.settings import CompanyTarget
from ivr.kpi.verdicts import Aim, Bound, aim_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """One KPI of today, by the standard that it is held against."""

    standard: str
    definition: Definition
    aim: Aim | None


def figures_of_today(
    definitions: Definitions, profiles: Iterable[Profile], targets: Mapping[str, CompanyTarget]
) -> list[Today]:
    """The KPIs that the counters of today's calls tell, for each standard; those of talks need reports."""
    return [
        Today(standard=profile.id, definition=each, aim=aim_of(each, profile, targets))
        for profile in profiles
        for each in definitions.kpis
        if each.told_by_calls
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What is asked.

    Attributes:
        counters: Calls of today and of this moment.
        queues: The queues now.
        agents: The operators who are signed in.
        alarms: Those that are not over.
        trunks: Whether each answers; None: not known.
        figures: KPIs of today.
        profiles_of: Whose calls count for a standard; None: all.
        clock: The time.
    """

    counters: LiveCounters
    queues: Callable[[], Sequence[QueueState]]
    agents: Callable[[], Sequence[Agent]]
    alarms: Callable[[], Sequence[Alarm]]
    trunks: Callable[[], Mapping[str, bool | None]]
    figures: Sequence[Today]
    profiles_of: Callable[[str], tuple[str, ...] | None]
    clock: Clock


class WorkGauges(Collector):
    """All of them; never waits for anything."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """As Prometheus' client asks for them."""
        yield from self._moment()
        yield from self._queues()
        yield from self._operators()
        yield from self._figures()
        yield self._alarms()
        yield self._trunks()

    def _moment(self) -> Iterator[GaugeMetricFamily]:
        now = self._work.counters.now()
        stages = {"robot": now.in_robot, "queue": now.queued, "talk": now.talking, "dialling": now.dialling}
        yield _family("ivr_calls_now", "Calls by where they are.", ["stage"], _labelled(stages))
        since = now.longest_since
        waited = 0.0 if since is None else (self._work.clock.now() - since).total_seconds()
        yield _family("ivr_longest_wait_seconds", "The longest wait of those who wait.", [], [((), waited)])

    def _queues(self) -> Iterator[GaugeMetricFamily]:
        queues, now = self._work.queues(), self._work.clock.now()
        waits = {
            each.queue: 0.0 if each.longest_since is None else (now - each.longest_since).total_seconds()
            for each in queues
        }
        waiting = {each.queue: each.waiting for each in queues}
        yield _family("ivr_queue_callers", "Callers who wait.", ["queue"], _labelled(waiting))
        yield _family("ivr_queue_longest_wait_seconds", "The longest wait.", ["queue"], _labelled(waits))
        ready = {each.queue: each.ready for each in queues}
        yield _family("ivr_queue_ready_operators", "Operators who are free.", ["queue"], _labelled(ready))

    def _operators(self) -> Iterator[GaugeMetricFamily]:
        states = [agent.state for agent in self._work.agents()]
        counted = {
            state.value: states.count(state) for state in AgentState if state is not AgentState.OFFLINE
        }
        yield _family("ivr_operators", "Operators by state.", ["state"], _labelled(counted))

    def _figures(self) -> Iterator[GaugeMetricFamily]:
        values: list[tuple[tuple[str, ...], float]] = []
        aims: list[tuple[tuple[str, ...], float]] = []
        calls: list[tuple[tuple[str, ...], float]] = []
        for figure, value in self._today():
            place = figure.standard, figure.definition.id
            calls.append((place, value.calls))
            if value.value is not None:
                values.append((place, value.value))
            if figure.aim is not None:
                aims.append(((*place, _BOUNDS[figure.aim.bound]), figure.aim.value))
        names = ["standard", "kpi"]
        yield _family("ivr_kpi_today", "KPIs of today: seconds, shares, scores, counts.", names, values)
        yield _family("ivr_kpi_today_calls", "Calls behind the KPIs of today.", names, calls)
        yield _family("ivr_kpi_target", "What the KPIs are held against.", [*names, "bound"], aims)

    def _today(self) -> Iterator[tuple[Today, Value]]:
        sums = {
            standard: self._work.counters.today(self._work.profiles_of(standard))
            for standard in {figure.standard for figure in self._work.figures}
        }
        for figure in self._work.figures:
            yield figure, figure.definition.value(sums[figure.standard])

    def _alarms(self) -> GaugeMetricFamily:
        names = [alarm.name for alarm in self._work.alarms()]
        counted = {name.value: names.count(name) for name in Name}
        return _family("ivr_alarm", "Alarms that are not over.", ["name"], _labelled(counted))

    def _trunks(self) -> GaugeMetricFamily:
        known = {name: int(up) for name, up in self._work.trunks().items() if up is not None}
        return _family("ivr_trunk_up", "Whether the carrier answers.", ["trunk"], _labelled(known))


_BOUNDS = {Bound.AT_MOST: "at_most", Bound.AT_LEAST: "at_least"}


def _labelled(values: Mapping[str, float]) -> list[tuple[tuple[str, ...], float]]:
    return [((label,), value) for label, value in values.items()]


def _family(
    name: str, title: str, labels: Sequence[str], samples: Iterable[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, title, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family
