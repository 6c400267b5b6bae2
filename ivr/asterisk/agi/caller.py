"""The caller on the telephone: the dialogue's `Caller` by means of AGI commands.

One file is played by AGI's own commands (`STREAM FILE`, `GET DATA`): they tell a missing file from a played
one, and end at once when the engine dies. An utterance is one file as a rule; several in a row need the
applications that take a list (`Playback`, `Read`). Where speech counts, `Listener` asks. Keys of one turn are
gathered by one command; those that are pressed between two commands come back by `KeyNews`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, Protocol

from ivr.asterisk.agi.ahead import CALL_AWAY, Typed
from ivr.asterisk.agi.listening import Listener, NobodyListens, Question
from ivr.asterisk.agi.news import KeyNews
from ivr.asterisk.agi.session import AgiSession
from ivr.asterisk.agi.settings import AgiSettings
from ivr.asterisk.agi.sounds import joined
from ivr.asterisk.agi.variables import ChannelVariables
from ivr.dialogue.ports import (
    CallerTaken,
    Deaf,
    Fragment,
    Heard,
    Keys,
    Listen,
    Prompt,
    QueueRequest,
    Silence,
    Speech,
    Turn,
)
from ivr.errors import Fault
from ivr.speech.recognition.ports import BargeIn
from ivr.speech.voices import SpeechUnavailable

KEYS_VARIABLE: Final = "IVR_KEYS"
"""Channel variable that `Read` leaves the keys in; personal data: keep it out of events and logs."""

_DIALPLAN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}")


class Prompts(Protocol):
    """Makes sound files of what is to be said."""

    async def sounds(self, fragments: Sequence[Fragment], *, slow: bool = False) -> Sequence[str]:
        """Absolute paths without extension, as Asterisk sees them; synthesised when need be.

        One for all fragments together, none when they are silent; several, to be played one after another,
        only when they could not be joined.
        """

    def ready(self, fragments: Sequence[Fragment], *, slow: bool = False) -> bool:
        """Whether `sounds` answers at once, without synthesis."""


QueueFor = Callable[[str, str | None], str]
"""Queue of the scenario and topic of the call → Asterisk's queue."""


class AgiCaller:
    """The person at the other end of an AGI session.

    Attributes:
        queued: What the scenario asked the queue for, None while it did not.
        yields: Whether `CALL_AWAY` ends what plays and may be interrupted: `say`, `ask` and `flush` raise
            `CallerTaken` then.
    """

    def __init__(
        self,
        session: AgiSession,
        prompts: Prompts,
        settings: AgiSettings,
        filler: Prompt,
        *,
        listener: Listener | None = None,
        news: KeyNews | None = None,
        queue_for: QueueFor = lambda queue, _topic: queue,
    ) -> None:
        """Begin with nothing said.

        Args:
            session: The call.
            prompts: Makes what is said.
            settings: Time limits.
            filler: Said while an utterance is synthesised; it must be ready itself.
            listener: Lets the recogniser hear; without one the caller has only keys.
            news: Is told by the manager's events of every key of this call.
            queue_for: Whose callers of a queue need a skill wait apart.
        """
        self.queued: QueueRequest | None = None
        self.yields = False
        self._session = session
        self._prompts = prompts
        self._settings = settings
        self._filler = (filler,)
        self._listener = listener
        self._news = news or KeyNews()
        self._ahead = self._news.ahead
        self._queue_for = queue_for
        self._variables = ChannelVariables(session)
        self._held: tuple[Speech, ...] = ()
        self._now = asyncio.get_running_loop().time
        self._closing_until = 0.0

    # --- the port of the dialogue ----------------------------------------------------------------------

    async def say(self, speech: Speech) -> None:
        """Say it now, or with the next turn when it may be interrupted.

        Raises:
            CallerGone: The line is dead.
            CommandFailed: A sound file is missing.
            SpeechUnavailable: Synthesis failed or took too long.
        """
        self._held += (speech,)
        if not speech.interruptible:
            await self.flush()

    async def ask(self, turn: Turn) -> Heard:
        """Play what is held and the turn's prompt, gather keys, and speech where it counts; raises as `say`.

        Keys that were pressed ahead begin the answer; then nothing is played. A `#` right after an answer
        that was complete without it closes that one: the question that it has cut short is asked again.
        """
        await self.say(turn.speech)
        held = self._take_held()
        if turn.forget_ahead:
            await self._news.handed_over()
            self._ahead.forget()
        closing_until, self._closing_until = self._closing_until, 0.0
        heard = await self._answer(turn, held)
        if heard == Keys("") and self._now() < closing_until:
            heard = await self._answer(turn, held)
        if isinstance(heard, Keys) and len(heard.digits) == turn.max_keys:
            self._closing_until = self._now() + self._settings.closing_seconds
        return heard

    async def overhear(self, turn: Turn) -> Heard | None:
        """As `ask`, where nothing is asked; None where nobody listens: no keys are awaited then.

        Raises:
            CallerGone: The line is dead.
        """
        try:
            return await self._with_keys_between(turn, await self._hear(turn, turn.listen, ()))
        except NobodyListens:
            return None

    async def flush(self) -> None:
        """Play what is held to its end; raises as `say`."""
        if held := self._take_held():
            stops = self.yields and all(speech.interruptible for speech in held)
            await self._play(await self._sounds(held), CALL_AWAY if stops else "")

    async def enqueue(self, request: QueueRequest) -> None:
        """Leave the dialplan word that the caller goes to a queue.

        Raises:
            CallerGone: The line is dead.
            Fault: The name of the queue or the topic is not fit for the dialplan.
        """
        queue = _dialplan_name(self._queue_for(request.queue, request.topic))
        topic = _dialplan_name(request.topic or "none")
        await self._part()
        self.queued = request
        await self._set(f"IVR_QUEUE={queue}", f"IVR_TOPIC={topic}", "IVR_RESULT=queue")

    async def hang_up(self) -> None:
        """Leave the dialplan word that the call has ended."""
        await self._part()
        await self._set("IVR_RESULT=done")

    # --- what the conductor of the call needs ----------------------------------------------------------

    @property
    def answering(self) -> bool:
        """Whether the caller has begun to answer: he speaks, or has pressed keys."""
        speaks = self._listener is not None and self._listener.speaking
        return speaks or not self._ahead.empty

    def fall_silent(self) -> None:
        """Forget what is held: it is not said."""
        self._take_held()

    async def answer(self) -> None:
        """Answer the call."""
        await self._session.answer()

    async def leave_word(self, **variables: str) -> None:
        """Leave the dialplan word of how the call goes on, as the last act.

        Args:
            variables: Of the channel, set in this order; the last one is what the dialplan looks at.

        Raises:
            CallerGone: The line is dead.
            Fault: A value is not fit for the dialplan.
        """
        words = [f"{name}={_dialplan_name(value) if value else ''}" for name, value in variables.items()]
        await self._part()
        await self._set(*words)

    async def start_recording(self, path: str, *, append: bool = False) -> None:
        """Record both directions, apart, into a file until the channel ends or waits for people.

        Args:
            path: Absolute, as Asterisk sees it; `.raw`, for apart Asterisk writes bare samples only: left
                what comes from the channel, right what goes to it.
            append: Go on after what is in the file.

        Raises:
            CommandFailed: Asterisk could not start it.
        """
        await self._session.execute("MixMonitor", path, "aD" if append else "D")

    async def stop_recording(self) -> None:
        """End the recording of this channel."""
        await self._session.execute("StopMixMonitor")

    # --- playing and gathering -------------------------------------------------------------------------

    async def _answer(self, turn: Turn, held: tuple[Speech, ...]) -> Heard:
        """The answer to one question, with what was pressed ahead of it."""
        if typed := await self._typed(turn.max_keys):
            return await self._rest(turn, typed)
        heard = await self._listen(turn, turn.listen, held) if turn.listen else await self._keys(turn, held)
        return await self._with_keys_between(turn, heard)

    async def _play(self, sounds: Sequence[str], stop: str = "") -> None:
        """Play to the end, or to the key `stop`."""
        limit = self._settings.command_seconds + self._settings.prompt_seconds
        if len(sounds) == 1:
            reply = await self._session.command("STREAM FILE", sounds[0], stop, within=limit)
            await self._session.require(reply, "STREAM FILE")
            if stop and reply.result == str(ord(stop)):
                raise CallerTaken
        elif sounds:
            await self._session.execute("Playback", joined(sounds), within=limit)

    async def _listen(self, turn: Turn, listen: Listen, held: tuple[Speech, ...]) -> Heard:
        """Gather keys and speech; where nobody listens, keys alone."""
        try:
            return await self._hear(turn, listen, held)
        except NobodyListens as error:
            heard = await self._keys(turn, held)
            return Deaf(error.reason, keys_awaited=True) if isinstance(heard, Silence) else heard

    async def _hear(self, turn: Turn, listen: Listen | None, held: tuple[Speech, ...]) -> Heard:
        """Gather keys and speech. Raises NobodyListens."""
        if self._listener is None or listen is None:
            raise NobodyListens("away")
        return await self._listener.hear(
            Question(
                listen=listen,
                sounds=await self._sounds(held),
                barge_in=_barge_in(held),
                max_keys=turn.max_keys,
                first_seconds=turn.first_key_seconds,
                next_key_seconds=turn.next_key_seconds,
            ),
            self._variables,
        )

    async def _keys(self, turn: Turn, held: tuple[Speech, ...]) -> Heard:
        sounds = await self._sounds(held)
        if len(sounds) <= 1 and _one_pause(turn):
            return await self._get_data(turn, "".join(sounds))
        return await self._read(turn, sounds)

    async def _get_data(self, turn: Turn, sound: str) -> Heard:
        reply = await self._session.command(
            "GET DATA", sound, round(turn.first_key_seconds * 1000), turn.max_keys, within=self._limit(turn)
        )
        await self._session.require(reply, "GET DATA")
        return _heard(reply.result, timed_out=reply.data is not None)

    async def _read(self, turn: Turn, sounds: Sequence[str]) -> Heard:
        await self._variables.keep(
            {
                "TIMEOUT(response)": f"{turn.first_key_seconds:.3f}",
                "TIMEOUT(digit)": f"{turn.next_key_seconds:.3f}",
            }
        )
        await self._session.execute(
            "Read", KEYS_VARIABLE, joined(sounds), str(turn.max_keys), within=self._limit(turn)
        )
        status, _, digits = (await self._session.evaluate(f"${{READSTATUS}}:${{{KEYS_VARIABLE}}}")).partition(
            ":"
        )
        if status not in ("OK", "TIMEOUT"):
            await self._session.gone_or_failed("Read")
        return _heard(digits, timed_out=status == "TIMEOUT")

    # --- keys between commands -------------------------------------------------------------------------

    async def _with_keys_between(self, turn: Turn, heard: Heard) -> Heard:
        """What was heard, with the keys that fell between two commands; keys win over all else."""
        if isinstance(heard, Keys):
            if self.yields and CALL_AWAY in heard.digits:
                raise CallerTaken
            return Keys(await self._gathered(heard.digits, turn.max_keys))
        typed = await self._typed(turn.max_keys)
        return await self._rest(turn, typed) if typed else heard

    async def _rest(self, turn: Turn, typed: Typed) -> Keys:
        """The answer that begins with these keys; the others are waited for in silence."""
        if typed.complete:
            return Keys(typed.digits)
        most = turn.max_keys - len(typed.digits)
        rest = await self._keys(replace(turn, max_keys=most, first_key_seconds=turn.next_key_seconds), ())
        if isinstance(rest, Keys):
            return Keys(typed.digits + await self._gathered(rest.digits, most))
        await self._news.caught_up(self._session, self._settings.key_news_seconds)
        return Keys(typed.digits + self._ahead.take(most).digits)

    async def _typed(self, most: int) -> Typed | None:
        """What waits, when none of it can reach a command any more."""
        await self._news.handed_over()
        typed = self._ahead.take(most)
        return typed if typed.digits else None

    async def _gathered(self, digits: str, most: int) -> str:
        """The answer that a command has ended, with the keys that fell just before it."""
        if not self._ahead.knows(digits):
            await self._news.caught_up(self._session, self._settings.key_news_seconds)
        return self._ahead.gathered(digits, most)

    # --- the channel -----------------------------------------------------------------------------------

    async def _part(self) -> None:
        """Say what is held; no session of the recogniser stays open while people talk."""
        await self.flush()
        if self._listener is not None:
            await self._listener.close()

    async def _set(self, *assignments: str) -> None:
        """Set variables in the order given, all by one command."""
        await self._session.execute("MSet", *assignments)

    def _limit(self, turn: Turn) -> float:
        keys = turn.first_key_seconds + turn.max_keys * turn.next_key_seconds
        return self._settings.command_seconds + self._settings.prompt_seconds + keys

    # --- making sounds ---------------------------------------------------------------------------------

    def _take_held(self) -> tuple[Speech, ...]:
        held, self._held = self._held, ()
        return held

    async def _sounds(self, held: tuple[Speech, ...]) -> Sequence[str]:
        fragments = _fragments(held)
        if not fragments:
            return ()
        slow = any(speech.slow for speech in held)
        if self._prompts.ready(fragments, slow=slow):
            return await self._prompts.sounds(fragments, slow=slow)
        return await self._synthesised(fragments, slow)

    async def _synthesised(self, fragments: tuple[Fragment, ...], slow: bool) -> Sequence[str]:
        """Have it synthesised; the caller hears the filler when it takes a while."""
        deadline = asyncio.get_running_loop().time() + self._settings.synthesis_seconds
        synthesis = asyncio.ensure_future(self._prompts.sounds(fragments, slow=slow))
        try:
            await asyncio.wait((synthesis,), timeout=self._settings.filler_after_seconds)
            if not synthesis.done():
                await self._play(await self._prompts.sounds(self._filler))
            async with asyncio.timeout_at(deadline):
                return await synthesis
        except TimeoutError as error:
            raise SpeechUnavailable("The synthesis of an utterance took too long.") from error
        finally:
            synthesis.cancel()


def _one_pause(turn: Turn) -> bool:
    """Whether one time limit is enough: `GET DATA` has the same before the first key and between keys."""
    return turn.max_keys == 1 or turn.first_key_seconds == turn.next_key_seconds


def _heard(digits: str, *, timed_out: bool) -> Heard:
    return Silence() if timed_out and not digits else Keys(digits)


def _fragments(held: tuple[Speech, ...]) -> tuple[Fragment, ...]:
    return tuple(fragment for speech in held for fragment in speech.fragments)


def _barge_in(held: tuple[Speech, ...]) -> BargeIn:
    """What stops several utterances in one go: the most protected of them decides."""
    if not all(speech.by_voice for speech in held):
        return BargeIn.NEVER
    return BargeIn.WORDS if any(speech.patient for speech in held) else BargeIn.SPEECH


def _dialplan_name(name: str) -> str:
    if _DIALPLAN_NAME.fullmatch(name) is None:
        raise Fault(
            "A name that the dialplan can not take.",
            name,
            "Name queues and topics with Latin letters, digits, dots, hyphens and underscores.",
        )
    return name
