"""Turns in which the caller may speak: Asterisk's Speech API by means of AGI commands.

One command, `SpeechBackground`, plays the prompt, gathers keys and lets the recogniser hear. It ends with the
first word of the recogniser: when speech begins the prompt has stopped, and it is run again over silence
until the recogniser has the whole answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from ivr.asterisk.aeap.results import EXPRESSION, Gone, Nothing, Outcome, Pressed, outcome
from ivr.asterisk.aeap.results import Heard as HeardSpeech
from ivr.asterisk.agi.session import AgiSession, CommandFailed
from ivr.asterisk.agi.settings import AgiSettings
from ivr.asterisk.agi.sounds import joined, length_seconds
from ivr.asterisk.agi.variables import ChannelVariables
from ivr.asterisk.settings import SPEECH_ENGINE
from ivr.dialogue.ports import Deaf, Heard, Keys, Listen, Said, Silence
from ivr.speech.recognition.ports import BargeIn, HearingFailed, SpeechBegun, TurnOrder

log = structlog.get_logger(__name__)

_EARLY_SECONDS: Final = 0.15
"""A command that ends so much before its time was ended by `#`."""


class Orders(Protocol):
    """Makes the recogniser's order of what the dialogue listens for."""

    def __call__(
        self, listen: Listen, *, number: int, prompt_milliseconds: int, barge_in: BargeIn
    ) -> TurnOrder:
        """The order for one turn; must return at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A turn with all that is played made ready.

    Attributes:
        listen: What is listened for.
        sounds: Paths without extension; none where nothing is played.
        barge_in: What makes the prompt stop.
        max_keys: As of `Turn`.
        first_seconds: Silence after the prompt that counts as no input.
        next_key_seconds: As of `Turn`.
    """

    listen: Listen
    sounds: Sequence[str]
    barge_in: BargeIn
    max_keys: int
    first_seconds: float
    next_key_seconds: float


class NobodyListens(Exception):
    """The recogniser is away or overloaded: ask the question for keys.

    Attributes:
        reason: That of `Deaf`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Listener:
    """Lets the recogniser hear one call.

    Attributes:
        speaking: Whether the caller has begun to speak, and has not ended.
    """

    def __init__(
        self,
        session: AgiSession,
        settings: AgiSettings,
        orders: Orders,
        *,
        silence: str,
        call_id: str,
        clock: Callable[[], float] | None = None,
        help_on: Callable[[str], None] = lambda channel: None,
    ) -> None:
        """Connect nothing yet: the first question does.

        Args:
            session: The call.
            settings: Time limits.
            orders: Makes the orders.
            silence: Path without extension of a moment of silence.
            call_id: Our own id of the call, for the recogniser's log.
            clock: Seconds, monotonic.
            help_on: Told the channel whose connection to the recogniser does not end.
        """
        self._session = session
        self._settings = settings
        self._orders = orders
        self._silence = silence
        self._call_id = call_id
        self._clock = clock or asyncio.get_running_loop().time
        self._help_on = help_on
        self.speaking = False
        self._connected = False
        self._next_try: float | None = None
        self._number = 0

    async def hear(self, question: Question, variables: ChannelVariables) -> Heard:
        """Ask, and gather keys and speech at once.

        Raises:
            NobodyListens: Nothing, or next to nothing, of the question was played.
            CallerGone: The line is dead.
            CommandFailed: Asterisk could not do it.
        """
        await variables.keep(
            {
                "SPEECH_DTMF_MAXLEN": str(question.max_keys),
                "SPEECH_DTMF_TERMINATOR": "#",
                "TIMEOUT(digit)": f"{question.next_key_seconds:.3f}",
            }
        )
        prompt = length_seconds(question.sounds)
        await self._order(question, prompt)
        sounds = joined(question.sounds) or self._silence
        found = await self._background(sounds, prompt, question.first_seconds)
        return await self._heard(found, question.listen)

    async def close(self) -> None:
        """Let the recogniser go: people talk from here on, or nobody does."""
        if self._connected:
            self._connected = False
            helping = asyncio.create_task(self._help(), name="agi-help-on")
            try:
                with suppress(CommandFailed):
                    await self._session.execute("SpeechDestroy")
            finally:
                helping.cancel()

    async def _help(self) -> None:
        """Asterisk may wait for its end in vain (`ivr.asterisk.stuck`), and the caller with it."""
        while True:
            await asyncio.sleep(self._settings.listen_end_seconds)
            self._help_on(self._session.environment.unique_id)

    # --- the connection of the call to the recogniser --------------------------------------------------

    async def _order(self, question: Question, prompt_seconds: float) -> None:
        """Tell the recogniser how to listen, over a new connection when the old one is dead."""
        self._number += 1
        order = self._orders(
            question.listen,
            number=self._number,
            prompt_milliseconds=round(prompt_seconds * 1000),
            barge_in=question.barge_in,
        ).to_json()
        if self._connected and await self._tell("turn", order):
            return
        await self._connect()
        if not await self._tell("turn", order):
            await self._lose()
            raise NobodyListens("away")

    async def _connect(self) -> None:
        await self.close()
        if self._next_try is not None and self._clock() < self._next_try:
            raise NobodyListens("away")
        with suppress(CommandFailed):  # an Asterisk without the module: the same as no recogniser
            await self._session.execute("SpeechCreate", SPEECH_ENGINE)
        if await self._session.evaluate("${SPEECH(status)}") != "1":
            self._put_off()
            raise NobodyListens("away")
        self._connected = True
        self._next_try = None
        await self._tell("call", self._call_id)

    async def _tell(self, name: str, value: str) -> bool:
        """Tell the recogniser something; whether it took it in time, which Asterisk itself does not tell."""
        begun = self._clock()
        await self._session.set_variable(f"SPEECH_ENGINE({name})", value)
        return self._clock() - begun < self._settings.listen_late_seconds

    async def _lose(self) -> None:
        """The connection is dead: the next question tries again, if it comes late enough."""
        await self.close()
        self._put_off()

    def _put_off(self) -> None:
        self._next_try = self._clock() + self._settings.listen_retry_seconds
        log.warning("listening.recogniser-away")

    # --- one turn --------------------------------------------------------------------------------------

    async def _background(self, sounds: str, prompt_seconds: float, timeout_seconds: float) -> Outcome:
        """Play and listen until something is heard, keys are pressed or the time is over."""
        begun = self._clock()
        limit = self._settings.command_seconds + self._settings.prompt_seconds + timeout_seconds
        await self._session.execute("SpeechBackground", sounds, f"{timeout_seconds:.3f}", within=limit)
        found = outcome(await self._session.evaluate(EXPRESSION), self._number)
        early = self._clock() - begun < prompt_seconds + timeout_seconds - _EARLY_SECONDS
        return await self._inquired(early=early) if isinstance(found, Nothing) else found

    async def _inquired(self, *, early: bool) -> Outcome:
        """Where nothing came, the recogniser's own word: its result may have come too late, or never.

        Args:
            early: Whether the command ended before its time: by `#`, where the recogniser is still there.
        """
        state = await self._state()
        match state:
            case None:
                return Gone()
            case "ended":
                return outcome(await self._session.evaluate("${SPEECH_ENGINE(heard)}"), self._number)
            case _ if early:
                return Pressed("")
            case "speaking":
                return SpeechBegun()
        return Nothing()

    async def _heard(self, found: Outcome, listen: Listen) -> Heard:
        if isinstance(found, SpeechBegun):
            self.speaking = True
            try:
                found = await self._until_ended(listen)
            finally:
                self.speaking = False
        return await self._meaning(found)

    async def _until_ended(self, listen: Listen) -> Outcome:
        """Listen on over silence, looking every now and then whether anybody still listens."""
        deadline = self._clock() + listen.most_seconds + self._settings.recognition_seconds
        while self._clock() < deadline:
            found = await self._background(self._silence, 0, self._settings.listen_slice_seconds)
            if not isinstance(found, SpeechBegun | Nothing):
                return found
        return HearingFailed("failed")

    async def _meaning(self, found: Outcome) -> Heard:
        match found:
            case Nothing():
                return Silence()
            case Pressed(digits):
                return Keys(digits)
            case HeardSpeech(text, confidence, alternatives, too_long, clip, after):
                if too_long:
                    return Said("", 0.0, (), clip, after)
                return Said(text, confidence, alternatives, clip, after)
            case HearingFailed("overloaded"):
                raise NobodyListens("overloaded")
            case HearingFailed():
                return await self._deaf("failed", lost=False)
        return await self._deaf("away")

    async def _deaf(self, reason: str, *, lost: bool = True) -> Deaf:
        if lost:
            await self._lose()
        return Deaf(reason)

    async def _state(self) -> str | None:
        """The recogniser's word on this turn; None when it is away, or knows nothing of it."""
        told = await self._session.evaluate("${SPEECH_ENGINE(turn)}")
        number, _, state = told.partition(":")
        return state if number == str(self._number) and state else None
