"""One connection of Asterisk: one call that is listened to, turn by turn."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable

import structlog
from pydantic import SecretStr

from ivr.asterisk.aeap import messages
from ivr.asterisk.aeap.delivery import Results
from ivr.asterisk.aeap.limits import Allowance
from ivr.asterisk.aeap.messages import BadMessage, Get, Message, Set, Setup, Taken, Unknown
from ivr.asterisk.aeap.observer import ListeningObserver
from ivr.asterisk.aeap.settings import AeapSettings
from ivr.asterisk.aeap.turn import ListenedTurn
from ivr.dialogue.ports import AnswerKind
from ivr.speech.recognition.ports import SAMPLE_RATE, Hearing, TurnOrder
from ivr.speech.recognition.tones import ToneHearing, Tones

log = structlog.get_logger(__name__)

_BYTES_PER_SECOND = SAMPLE_RATE * 2
_BURST_SECONDS = 2.0
_CALL_CHARS = 64

Send = Callable[[str], Awaitable[None]]


class Refused(Exception):
    """The peer is to be cut off; the reason is one of `ListeningObserver.session_refused`."""


class Session:
    """Answers the requests of one connection and hands its sound to the hearing.

    Every request is answered within the same turn of the event loop: Asterisk waits for one second, and the
    caller with it.
    """

    def __init__(
        self,
        hearing: Hearing,
        settings: AeapSettings,
        secret: SecretStr,
        send: Send,
        *,
        observer: ListeningObserver,
        clock: Callable[[], float],
    ) -> None:
        """Args: send, writes a text frame; clock, seconds, monotonic."""
        self._hearing = hearing
        self._secret = secret.get_secret_value().encode()
        self._send = send
        self._observer = observer
        self._clock = clock
        self._requests = Allowance(
            settings.requests_per_second, settings.requests_per_second * _BURST_SECONDS, clock
        )
        self._sound = Allowance(_BYTES_PER_SECOND, settings.sound_ahead_seconds * _BYTES_PER_SECOND, clock)
        self._set_up = False
        self._call_id = ""
        self._turn: ListenedTurn | None = None
        self._tones: Tones | None = None
        self._pushed = 0

    # --- from the connection ---------------------------------------------------------------------------

    async def take_text(self, text: str) -> None:
        """Take a text frame.

        Raises:
            Refused: The peer is no Asterisk of ours, or floods us.
        """
        if not self._requests.spend(1):
            raise Refused("flood")
        try:
            message = messages.parse(text)
        except BadMessage as error:
            raise Refused("garbage") from error
        if not self._set_up and not isinstance(message, Setup):
            raise Refused("setup")
        await self._answer(message)

    async def take_sound(self, pcm: bytes) -> None:
        """Take a binary frame.

        Raises:
            Refused: It comes before the set-up, or is no 16-bit sound.
        """
        if not self._set_up:
            raise Refused("setup")
        if len(pcm) % 2:
            raise Refused("codec")
        if not self._sound.spend(len(pcm)):
            self._observer.sound_dropped(len(pcm) / _BYTES_PER_SECOND)
            return
        if self._tones is not None:
            self._tones.feed(pcm)
        if self._turn is not None:
            await self._turn.feed(pcm)

    async def give_up(self) -> None:
        """End the turn: the engine that waits for it has died."""
        if self._turn is not None:
            await self._turn.give_up()

    def close(self) -> None:
        """The connection has ended."""
        self._end_turn("closed")

    # --- requests --------------------------------------------------------------------------------------

    async def _answer(self, message: Message) -> None:
        match message:
            case Setup():
                await self._accept(message)
            case Set():
                await self._send(await self._change(message))
            case Get():
                await self._send(messages.value_response(message, self._value(message.name)))
            case Taken(request_id):
                if self._turn is not None and request_id == self._push_id:
                    self._turn.taken()
            case Unknown(request_id, name):
                await self._send(messages.refusal(name, request_id, "unknown request"))

    async def _accept(self, request: Setup) -> None:
        shown = request.fields.get("secret", "").encode(errors="surrogatepass")
        if not hmac.compare_digest(shown, self._secret):
            raise Refused("secret")
        if messages.CODEC not in request.codecs:
            raise Refused("codec")
        self._set_up = True
        await self._send(messages.setup_response(request))

    async def _change(self, request: Set) -> str:
        """Do what a `set` asks for; the response."""
        match request.name:
            case "call":
                self._call_id = request.value[:_CALL_CHARS]
            case "turn":
                try:
                    order = TurnOrder.from_json(request.value)
                except ValueError:
                    self._end_turn("closed")
                    log.error("aeap.bad-order")
                    return messages.refusal("set", request.id, "no order to listen")
                await self._begin_turn(order)
            case "dtmf":
                self._end_turn("keys")
            case _:
                return messages.refusal("set", request.id, "unknown setting")
        return messages.set_response(request)

    async def _begin_turn(self, order: TurnOrder) -> None:
        self._end_turn("closed")
        self._turn = ListenedTurn(order, self._push, self._observer, self._clock)
        await self._turn.begin(self._hearing_for(order), self._call_id)

    def _hearing_for(self, order: TurnOrder) -> Hearing:
        """Tones are followed from the greeting on: one may sound while the words of it are recognised."""
        if order.kind in (AnswerKind.GREETING, AnswerKind.TONE):
            self._tones = self._tones or Tones()
        if self._tones is not None and order.kind == AnswerKind.TONE:
            return ToneHearing(self._tones)
        return self._hearing

    def _end_turn(self, result: str) -> None:
        turn, self._turn = self._turn, None
        if turn is not None:
            turn.close(result)

    def _value(self, name: str) -> object:
        """What a `get` asks for: `turn` is its number and state, `heard` what an ended one came to."""
        if name == "results":
            return []
        if self._turn is None:
            return "none"
        turn = self._turn
        return turn.result if name == "heard" else f"{turn.order.number}:{turn.state}"

    # --- results ---------------------------------------------------------------------------------------

    @property
    def _push_id(self) -> str:
        return f"results-{self._pushed}"

    async def _push(self, results: Results) -> None:
        self._pushed += 1
        await self._send(messages.results_request(self._push_id, results))
