"""`/campaign/<attempt>`: a call that we made was answered; who it is, and the talk of its campaign's kind.

The dialplan (asterisk-conf/extensions_campaign.conf.j2) has judged the cadence of the greeting; one that is
in doubt is listened to. A person hears the kind's flow, or goes on to the operators; a machine is told a
message after its tone, or nothing. What was found out stands in IVR_WHO and IVR_TOLD of the channel at once,
so that it is told at its end whatever becomes of us.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Final

import structlog

from ivr.asterisk.agi import AgiCaller, AgiSession
from ivr.asterisk.recording import RecordedCaller
from ivr.asterisk.staying import StayingCaller
from ivr.asterisk.telephone import CallerFactory, RecordingFactory
from ivr.calls.ledger import CallStory, Ledger
from ivr.calls.story import About, CallKind
from ivr.campaigns.answered import Judgement, Phrases, by_cadence
from ivr.campaigns.kinds import Kind, Kinds
from ivr.campaigns.model import Attempt, Campaign, Target, Who
from ivr.campaigns.ports import MachineOrder, Talks
from ivr.dialogue.ports import (
    AnswerKind,
    Caller,
    CallerGone,
    CallerTaken,
    CallFacts,
    Clock,
    Deaf,
    Ending,
    EndingKind,
    Heard,
    Journal,
    Keys,
    Listen,
    QueueRequest,
    Said,
    Speech,
    Turn,
    Value,
)
from ivr.speech.recognition.tones import TONE

log = structlog.get_logger(__name__)

ROUTE: Final = "campaign"

_UTTERANCES: Final = 4
"""Who has made so many pauses and still speaks is no person who answered a telephone."""
_PAUSE_SECONDS: Final = 1.0
_LONGEST_SECONDS: Final = 12.0
_DOUBTFUL_TURNS: Final = 3
"""Turns of a talk in which the words may still turn out to be a machine's."""
_WAITS_SECONDS: Final = 1.8
"""Who has answered and says nothing for so long waits for us to speak."""
_TONE_SECONDS: Final = 25.0
_SILENCE: Final = ("3000", "1", "25")
"""`WaitForSilence`, where nobody listens: over after so many ms of silence; the limit in seconds."""

MakeReady = Callable[[str], Awaitable[None]]
"""Has a person's name synthesised as it will be said; never raises."""

FieldTalk = Callable[[str, Mapping[str, Value], CallFacts, Caller, Journal], Awaitable[Ending]]
"""Runs a flow by its id, which is given these values."""


@dataclass(frozen=True, slots=True)
class _Call:
    """An attempt that was answered."""

    session: AgiSession
    caller: AgiCaller
    story: CallStory
    facts: CallFacts
    campaign: Campaign
    target: Target
    kind: Kind


class CampaignCalls:
    """Takes up the calls of campaigns; a `Continuation` of `TelephoneCalls`.

    A call that it leaves without word hears that the talk broke off, and ends.
    """

    def __init__(
        self,
        *,
        talks: Talks,
        kinds: Callable[[], Kinds],
        phrases: Phrases,
        talk: FieldTalk,
        make_ready: MakeReady,
        ledger: Ledger,
        caller: CallerFactory,
        recording: RecordingFactory,
        spool: Path,
        profile: str,
        zone: tzinfo,
        clock: Clock,
        forget: Callable[[str], None],
    ) -> None:
        """Begin.

        Args:
            talks: Knows the attempts, keeps their results.
            kinds: Gives the kinds of campaigns.
            phrases: By which machines give themselves away.
            talk: Runs a flow.
            make_ready: Makes the name while the person hears what comes before it.
            ledger: Is told.
            caller: Makes the dialogue's caller.
            recording: Makes the recording; its notice is what the flows of campaigns begin with.
            spool: Where recordings go.
            profile: Standard that is kept.
            zone: The company's.
            clock: The time.
            forget: Told the call id at the end of the flow.
        """
        self._talks = talks
        self._kinds = kinds
        self._phrases = phrases
        self._talk = talk
        self._make_ready = make_ready
        self._ledger = ledger
        self._caller = caller
        self._recording = recording
        self._spool = spool
        self._profile = profile
        self._zone = zone
        self._clock = clock
        self._forget = forget

    async def __call__(self, session: AgiSession, call_id: str, name: str) -> None:
        """Conduct it until the dialplan goes on; a fault in it is logged, and leaves no word."""
        try:
            caller = self._caller(session, call_id)
            who = await self._who(session, caller)
            await session.set_variable("IVR_WHO", who.value)
            if who is Who.PERSON and await session.get_variable("IVR_QUEUE"):
                await caller.leave_word(IVR_RESULT="person")
                return
            call = await self._known(session, caller, call_id)
            if call is not None:
                await self._conduct(call, who)
        except CallerGone:
            log.info("campaign.gone")
        except Exception:
            log.exception("campaign.failed")

    async def _known(self, session: AgiSession, caller: AgiCaller, attempt_id: str) -> _Call | None:
        found = await self._talks.facts_of(attempt_id)
        if found is None:
            log.error("campaign.unknown-attempt")
            return None
        campaign, target, attempt = found
        facts = self._facts(attempt)
        about = About("campaign", str(campaign.campaign_id))
        story = self._ledger.find(attempt_id)
        story = story or self._ledger.open_outgoing(facts, CallKind.CAMPAIGN, about)
        story.answered()
        return _Call(session, caller, story, facts, campaign, target, self._kinds()[campaign.kind])

    def _facts(self, attempt: Attempt) -> CallFacts:
        return CallFacts(
            call_id=attempt.attempt_id,
            line="",
            segment="any",
            profile=self._profile,
            caller_number=attempt.number,
            started_at=self._clock.now(),
        )

    # --- who answered ------------------------------------------------------------------------------------

    async def _who(self, session: AgiSession, caller: AgiCaller) -> Who:
        """By the cadence; where that is in doubt by the words. Raises CallerGone.

        For operators the dialplan has judged the cadence, else the recogniser does while it listens; where
        nobody listens Asterisk does.
        """
        status, cause = await _cadence(session)
        first = None if status else await caller.overhear(_GREETING)
        if not status and (first is None or isinstance(first, Deaf)):
            await session.execute("AMD", within=_LONGEST_SECONDS)
            status, cause = await _cadence(session)
        who = by_cadence(status, cause) if status else None
        if who is None:
            who = await self._by_words(caller, first)
            log.info("campaign.heard-out", who=who.value)
        return who

    async def _by_words(self, caller: AgiCaller, heard: Heard | None) -> Who:
        """By the words of the greeting, if it was listened to, and of what follows."""
        judgement = Judgement(self._phrases)
        for _ in range(_UTTERANCES):
            heard = heard or await caller.ask(_LISTENING)
            if isinstance(heard, Keys):
                return Who.PERSON
            if not isinstance(heard, Said):
                return judgement.silent()
            who = judgement.heard(heard.text)
            if who is not None:
                return who
            heard = None
        return judgement.endless()

    # --- the talk ----------------------------------------------------------------------------------------

    async def _conduct(self, call: _Call, who: Who) -> None:
        if who is Who.PERSON:
            who = await self._talk_with_person(call)
        if who is not Who.PERSON:
            await call.session.set_variable("IVR_WHO", who.value)
            await self._leave_machine(call, who)

    async def _talk_with_person(self, call: _Call) -> Who:
        """Who it turned out to be."""
        recording = self._recording(
            call.caller, call.session.environment.channel, self._spool / f"{call.facts.call_id}.raw"
        )
        await recording.begin()
        listener = _DoubtedCaller(RecordedCaller(call.caller, recording), self._phrases)
        try:
            ending = await self._run(call, call.kind.flow, listener)
        finally:
            self._forget(call.facts.call_id)
        if listener.who is not None:
            await call.caller.stop_recording()
            return listener.who
        await self._keep(call, ending)
        return Who.PERSON

    async def _leave_machine(self, call: _Call, who: Who) -> None:
        """Leave the kind's message after the tone, where its order says so; then hang up."""
        machine = call.kind.machine
        ordered = await call.session.get_variable("IVR_MACHINE")
        if who is not Who.MACHINE or machine.flow is None or ordered != MachineOrder.LEAVE_MESSAGE:
            await self._talks.result(call.facts.call_id, who.value, {})
            await call.caller.leave_word(IVR_RESULT="done")
            return
        await self._tone(call)
        ending = await self._run(call, machine.flow, StayingCaller(call.caller))
        if ending.kind is EndingKind.COMPLETED:
            await call.session.set_variable("IVR_TOLD", "yes")
        await self._keep(call, ending)
        await call.caller.leave_word(IVR_RESULT="done")

    async def _tone(self, call: _Call) -> None:
        """Wait for the tone and its end, or for a silence that is as good. Raises CallerGone."""
        heard = await call.caller.overhear(_TONE)
        if heard is None or isinstance(heard, Deaf):
            await call.session.execute("WaitForSilence", *_SILENCE, within=float(_SILENCE[2]) + 10)
        log.info("campaign.tone", heard=isinstance(heard, Said) and heard.text == TONE)

    async def _run(self, call: _Call, flow: str, caller: Caller) -> Ending:
        given = self._kinds().given(call.campaign, call.target, profile=self._profile, zone=self._zone)
        making = asyncio.ensure_future(self._make_ready(str(call.target.fields.get("name") or "")))
        try:
            return await self._talk(flow, given, call.facts, caller, call.story)
        except CallerGone:
            return Ending(EndingKind.HUNG_UP, "hangup")
        finally:
            making.cancel()

    async def _keep(self, call: _Call, ending: Ending) -> None:
        """In the ledger, and as the result of the attempt."""
        if ending.kind is EndingKind.HUNG_UP and not call.session.hung_up:
            ending = Ending(EndingKind.FAILED, "failed", ending.data)
        call.story.ending(ending)
        if call.caller.queued is not None:
            call.story.handed_over(call.caller.queued)
        outcome, data = call.kind.result_of(ending)
        await self._talks.result(call.facts.call_id, outcome, data)
        log.info("campaign.talked", kind=call.kind.id, outcome=outcome)


_LISTENING = Turn(
    speech=Speech(()),
    max_keys=1,
    first_key_seconds=_PAUSE_SECONDS,
    next_key_seconds=_PAUSE_SECONDS,
    listen=Listen(kind=AnswerKind.SPEECH, free=True, most_seconds=_LONGEST_SECONDS),
)


_GREETING = Turn(
    speech=Speech(()),
    max_keys=1,
    first_key_seconds=_WAITS_SECONDS,
    next_key_seconds=_PAUSE_SECONDS,
    listen=Listen(kind=AnswerKind.GREETING, free=True, most_seconds=_LONGEST_SECONDS),
)
_TONE = Turn(
    speech=Speech(()),
    max_keys=1,
    first_key_seconds=_TONE_SECONDS + _PAUSE_SECONDS,
    next_key_seconds=_PAUSE_SECONDS,
    listen=Listen(kind=AnswerKind.TONE, free=True, most_seconds=_TONE_SECONDS),
)


async def _cadence(session: AgiSession) -> tuple[str, str]:
    """`AMDSTATUS` and `AMDCAUSE`, empty where nobody has judged it."""
    status, _, cause = (await session.evaluate("${AMDSTATUS}:${AMDCAUSE}")).partition(":")
    return status, cause


class _DoubtedCaller:
    """A `Caller` whose first words may be those of a machine; then the flow ends at once.

    Attributes:
        who: What answered, when it was no person.
    """

    def __init__(self, caller: Caller, phrases: Phrases) -> None:
        self._caller = caller
        self._phrases = phrases
        self._turns = 0
        self.who: Who | None = None

    async def say(self, speech: Speech) -> None:
        """As `Caller.say`."""
        await self._caller.say(speech)

    async def ask(self, turn: Turn) -> Heard:
        """As `Caller.ask`. Raises CallerTaken when no person has answered."""
        heard = await self._caller.ask(turn)
        self._turns += 1
        if isinstance(heard, Said) and self._turns <= _DOUBTFUL_TURNS:
            who = self._phrases.who(heard.text)
            if who in (Who.MACHINE, Who.ANNOUNCEMENT):
                self.who = who
                raise CallerTaken
        return heard

    async def flush(self) -> None:
        """As `Caller.flush`."""
        await self._caller.flush()

    async def enqueue(self, request: QueueRequest) -> None:
        """As `Caller.enqueue`."""
        await self._caller.enqueue(request)

    async def hang_up(self) -> None:
        """As `Caller.hang_up`."""
        await self._caller.hang_up()
