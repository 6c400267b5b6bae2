"""Who keeps which promise to call, now. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import timezone

from ivr.desk.model import Agent, AgentState
from ivr.requests.callback_model import Callback


@dataclass(frozen=True, slots=True)
class Match:
    """A promise and the operator who is rung for it."""

    promise: Callback
    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """How things are at one moment.

    Attributes:
        now: The moment, in the company's time zone.
        agents: All operators.
        live: Since when the caller waits who has waited longest, by Asterisk's queue; None where nobody does.
        missed: Ids of promises with logins of those who did not take the telephone for them lately.
    """

    now: datetime
    agents: Sequence[Agent]
    live: Mapping[str, datetime | None]
    missed: Set[tuple[int, str]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is fixed.

    Attributes:
        queue_for: Topic of a promise that was made outside queues → Asterisk's queue whose operators keep it.
        widen: From this wait on, operators of the base queue keep promises of its groups too.
        opens: Clients are not called before, by their own clock.
        closes: Nor from then on.
    """

    queue_for: Callable[[str], str]
    widen: timedelta
    opens: time
    closes: time

    def queue_of(self, promise: Callback) -> str:
        """Asterisk's queue in which it waits."""
        return promise.queue or self.queue_for(promise.topic)


def choose(promises: Iterable[Callback], scene: Scene, rules: Rules) -> list[Match]:
    """Give promises that are due to operators who are ready, those first who have waited longest.

    A promise waits in line like a caller: no operator keeps it as long as somebody waits on the line longer,
    in any queue that he serves.
    """
    ready = {agent.login: agent for agent in scene.agents if _is_ready(agent)}
    matches = []
    for promise in sorted(_due(promises, scene.now, rules), key=lambda each: (each.place, each.id)):
        fit = [agent for agent in ready.values() if _fits(agent, promise, scene, rules)]
        if fit:
            idle_longest = min(fit, key=lambda agent: (agent.since, agent.login))
            del ready[idle_longest.login]
            matches.append(Match(promise, idle_longest.login))
    return matches


def _due(promises: Iterable[Callback], now: datetime, rules: Rules) -> Iterator[Callback]:
    return (
        each
        for each in promises
        if each.eligible_at <= now and may_call(each.phone, now, rules.opens, rules.closes)
    )


def _is_ready(agent: Agent) -> bool:
    return agent.state is AgentState.READY and agent.reachable and agent.phone is not None


def _fits(agent: Agent, promise: Callback, scene: Scene, rules: Rules) -> bool:
    served = set(agent.skills)
    waits = [scene.live.get(queue) for queue in served]
    overtakes = any(since is not None and since < promise.place for since in waits)
    missed = (promise.id, agent.login) in scene.missed
    return not overtakes and not missed and bool(served & _queues(promise, scene.now, rules))


def _queues(promise: Callback, now: datetime, rules: Rules) -> set[str]:
    """The queues whose operators may keep the promise."""
    queue = rules.queue_of(promise)
    base = queue.partition(".")[0]
    return {queue, base} if now - promise.place >= rules.widen else {queue}


def may_call(phone: str, now: datetime, opens: time, closes: time) -> bool:
    """Whether it is a time to call, by the clock of every place where a number may be at home.

    A number that may be at home in the company's own time zone (mobile numbers are at home everywhere) goes
    by that one.
    """
    return all(opens <= now.astimezone(zone).time() < closes for zone in _zones(phone, now))


def _zones(phone: str, now: datetime) -> list[ZoneInfo]:
    own = now.tzinfo if isinstance(now.tzinfo, ZoneInfo) else ZoneInfo("UTC")
    try:
        names = timezone.time_zones_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return [own]
    if own.key in names or "Etc/Unknown" in names:
        return [own]
    return [ZoneInfo(name) for name in names]
