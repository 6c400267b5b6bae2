"""What conducts a call, wired: the scenario that is run, the dialogue's caller, the recording."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from ivr.app.observers import CountedPrompts
from ivr.asterisk.agi import AgiCaller, AgiSession, Listener, silence
from ivr.asterisk.ami import AmiLink
from ivr.asterisk.keys import KeyWatch
from ivr.asterisk.pace import PacedTurns
from ivr.asterisk.recording import CallRecording
from ivr.asterisk.transcript import TranscribedCaller
from ivr.calls.blocklist import BlockList
from ivr.calls.lines import Line
from ivr.dialogue.interpreter.runner import Interpreter
from ivr.dialogue.ports import Caller, CallFacts, Clock, Ending, Journal, Prompt, Value
from ivr.dialogue.scenarios import Scenarios
from ivr.errors import Fault
from ivr.kpi.metrics import Metrics
from ivr.settings import Settings
from ivr.speech.library import PromptLibrary
from ivr.speech.recognition.grammars import GrammarStore
from ivr.speech.recognition.ordering import order
from ivr.speech.russian.filters import whom

OUTGOING_NOTICE = "outgoing-notice"
"""Prompt with whose end the words of whom we called begin to be recorded; the dialplan names it, too."""

_MUTE_SECONDS = 1.0


class Conducting:
    """What is needed for each call."""

    def __init__(
        self,
        settings: Settings,
        *,
        scenarios: Scenarios,
        interpreter: Interpreter,
        library: PromptLibrary,
        link: AmiLink,
        keys: KeyWatch,
        blocklist: BlockList,
        clock: Clock,
        metrics: Metrics,
        help_on: Callable[[str], None],
    ) -> None:
        """Make it ready.

        Args:
            settings: All of them.
            scenarios: Each call runs the current ones.
            interpreter: Runs them.
            library: Has the prompts.
            link: Mutes recordings.
            keys: Where the keys of a call are followed.
            blocklist: Who is turned away.
            clock: The time.
            metrics: Count the prompts.
            help_on: Told the channel that waits in vain.

        Raises:
            OSError: The disk refuses.
        """
        self._settings = settings
        self._scenarios = scenarios
        self._interpreter = interpreter
        self._prompts = CountedPrompts(library, metrics)
        self._link = link
        self._keys = keys
        self._blocklist = blocklist
        self._clock = clock
        self._help_on = help_on
        self._silence = silence(settings.prompts_folder)
        recognition = settings.speech.recognition
        self._orders = partial(
            order, grammars=GrammarStore(recognition.grammars_folder), keep_clip=recognition.keep_clips
        )

    async def talk(self, line: Line, facts: CallFacts, caller: Caller, journal: Journal) -> Ending:
        """Run the scenario of a line."""
        return await self.talk_flow(line.scenario, facts, caller, journal)

    async def talk_flow(self, flow: str, facts: CallFacts, caller: Caller, journal: Journal) -> Ending:
        """Run a flow by its id."""
        return await self.talk_of(flow, {}, facts, caller, journal)

    async def talk_of(
        self, flow: str, given: Mapping[str, Value], facts: CallFacts, caller: Caller, journal: Journal
    ) -> Ending:
        """Run a flow by its id, which takes these values."""
        current = self._scenarios.current
        transcripts = self._settings.scenarios.transcripts
        if transcripts is not None:
            caller = TranscribedCaller(caller, transcripts / f"{facts.call_id}.jsonl", current)
        paced = PacedTurns(caller, journal, self._clock)
        try:
            return await self._interpreter.run(
                current.programs,
                flow,
                calendars=current.calendars,
                caller=paced,
                journal=paced,
                facts=facts,
                everywhere=current.everywhere,
                given=given,
            )
        finally:
            paced.close()

    async def make_name_ready(self, name: str) -> None:
        """Have a person's name synthesised in the instrumental; where that fails, the talk will tell."""
        with suppress(Fault, ValueError):
            await self._prompts.sounds([whom(name)])

    async def admit(self, facts: CallFacts) -> str | None:
        """The prompt with which a blocked caller is turned away."""
        if not self._blocklist.is_blocked(facts.caller_number):
            return None
        self._blocklist.refused(facts.caller_number)
        return self._settings.scenarios.blocked_prompt

    def caller(self, session: AgiSession, call_id: str) -> AgiCaller:
        """The dialogue's caller of a session."""
        settings = self._settings
        listener = Listener(
            session,
            settings.agi,
            self._orders,
            silence=self._silence,
            call_id=call_id,
            help_on=self._help_on,
        )
        return AgiCaller(
            session,
            self._prompts,
            settings.agi,
            Prompt(settings.scenarios.filler_prompt),
            listener=listener,
            news=self._keys.follow(session.environment.unique_id),
            queue_for=settings.asterisk.queue_for,
        )

    def recording(self, caller: AgiCaller, channel: str, file: Path) -> CallRecording:
        """The recording of a call."""
        return CallRecording(caller, channel, file, self._mute, self._settings.scenarios.notice_prompt)

    def recording_out(self, caller: AgiCaller, channel: str, file: Path) -> CallRecording:
        """The recording of a call that we made."""
        return CallRecording(caller, channel, file, self._mute, OUTGOING_NOTICE)

    async def _mute(self, channel: str, on: bool) -> None:
        async with asyncio.timeout(_MUTE_SECONDS):
            await self._link.mute_recording(channel, on)
