"""What is said to callers as it is edited: scenarios and knowledge base, read at the start and on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection

import structlog

from ivr.app.spoken import of_the_rooms
from ivr.dialogue.scenarios import Scenarios
from ivr.knowledge.base import KnowledgeBase
from ivr.kpi.metrics import Metrics
from ivr.settings import Settings
from ivr.speech.library import PromptLibrary

log = structlog.get_logger(__name__)


class Content:
    """Reads it; running calls keep what they began with.

    Attributes:
        fault: Why the knowledge base could not be read; empty while it is being read and when it has been.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        scenarios: Scenarios,
        knowledge: KnowledgeBase,
        library: PromptLibrary,
        metrics: Metrics,
        step_outcomes: Collection[str],
    ) -> None:
        """Name the scenarios to the metrics; nothing is read yet.

        Args:
            settings: All of them.
            scenarios: Loaded.
            knowledge: Not read.
            library: Keeps the prompts of what is read.
            metrics: Learn the names of flows and outcomes.
            step_outcomes: Outcomes of the actions.
        """
        self.fault = ""
        self._settings = settings
        self._scenarios = scenarios
        self._knowledge = knowledge
        self._library = library
        self._metrics = metrics
        self._step_outcomes = frozenset(step_outcomes)
        self._reading = asyncio.Lock()
        self._expect()

    async def read(self, changed: Callable[[], None]) -> None:
        """Read the base while calls are taken: until then questions lead to the menu of keys.

        Args:
            changed: Called when it has been read.
        """
        async with self._reading:
            try:
                await asyncio.to_thread(self._knowledge.read)
            except Exception as fault:
                self.fault = str(fault)
                raise
        self._take_over(changed)

    async def read_again(self, changed: Callable[[], None]) -> None:
        """Read the base anew; a broken article leaves what is there."""
        async with self._reading:
            problems = await asyncio.to_thread(self._knowledge.reload)
        for problem in problems:
            log.warning("knowledge.problem", problem=str(problem))
        self._take_over(changed)

    def reload_scenarios(self) -> None:
        """Read the scenarios anew; a broken file changes nothing."""
        problems = self._scenarios.reload()
        for problem in problems:
            log.error("scenario.problem", problem=str(problem))
        if problems:
            return
        texts = tuple(self._scenarios.current.texts())
        self._library.replace_prompts({name: text for name, text in texts if name})
        self._library.pin(text for name, text in texts if name is None)
        self._expect()

    def _take_over(self, changed: Callable[[], None]) -> None:
        self._library.pin(of_the_rooms(self._settings, self._knowledge))
        changed()

    def _expect(self) -> None:
        flows = self._scenarios.current.flows
        outcomes = {name for flow in flows.values() for name in flow.file.outcomes}
        self._metrics.expect(
            lines=(line.name for line in self._settings.lines),
            flows={flow.id: flow.states for flow in flows.values()},
            outcomes=outcomes,
            step_outcomes=outcomes | self._step_outcomes,
        )
