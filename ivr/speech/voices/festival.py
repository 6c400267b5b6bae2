"""The embedded voice: one warm Festival process that is asked phrase by phrase.

Festival reads Scheme from its input (`festival --pipe`). A phrase costs it some 20 ms, its start 0.3 s, and
it keeps 200 to 400 MB: so it is started with the first phrase, kept while there is work, and started anew
when it died or took too long.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from ivr.speech.settings import FestivalSettings
from ivr.speech.voices import SpeechUnavailable, VoiceMissing
from ivr.speech.voices.stress import with_stress

_log = structlog.get_logger(__name__)

_PREPARE = """
(define (ivr_say text file)
  (unwind-protect
    (begin
      (set! ivr_utterance (utt.synth (eval (list 'Utterance 'Text text))))
      (utt.wave.resample ivr_utterance 8000)
      (utt.save.wave ivr_utterance file 'riff)
      (format t "ivr-done\\n"))
    (format t "ivr-failed\\n"))
  (fflush nil))
(unwind-protect
  (begin (voice_{voice}) (format t "ivr-done\\n"))
  (format t "ivr-failed\\n"))
(fflush nil)
"""
_SAFE = re.compile(r"[А-Яа-яЁё+\-'?!.,;: ]*[А-Яа-яЁё][А-Яа-яЁё+\-'?!.,;: ]*")
_INSTALL = "Install Festival and its Russian voice: apt-get install festival festvox-ru."


class FestivalVoice:
    """Festival with a Russian voice (festvox-ru)."""

    def __init__(self, settings: FestivalSettings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self._folder = TemporaryDirectory(prefix="ivr-festival-")
        self._turn = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

    @property
    def id(self) -> str:
        """Engine, voice, and the edition of our own stress marks."""
        return f"festival/{self._settings.voice}/2"

    async def synthesise(self, text: str) -> bytes:
        """One phrase as WAV; see `Voice`."""
        if not _SAFE.fullmatch(text):
            raise SpeechUnavailable("The phrase holds characters that the voice can't say.")
        async with self._turn:
            self._stay_awake()
            try:
                return await self._attempt(text)
            except EOFError:
                _log.warning("festival_died")
                return await self._last_attempt(text)
            finally:
                self._idle = asyncio.get_running_loop().call_later(
                    self._settings.idle_seconds, self._fall_asleep
                )

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            self._stay_awake()
            await self._stop()
        self._folder.cleanup()

    def _stay_awake(self) -> None:
        if self._idle:
            self._idle.cancel()
            self._idle = None

    def _fall_asleep(self) -> None:
        """End the process; asyncio reaps it."""
        process, self._process = self._process, None
        if process and process.returncode is None:
            process.kill()

    async def _last_attempt(self, text: str) -> bytes:
        try:
            return await self._attempt(text)
        except EOFError:
            raise VoiceMissing("Festival ends by itself.", self._settings.program, _INSTALL) from None

    async def _attempt(self, text: str) -> bytes:
        """Ask the process, started if need be.

        Whatever interrupts the dialogue with the process leaves it in an unknown state: it is ended then.
        """
        target = Path(self._folder.name, "phrase.wav")
        try:
            process = self._process or await self._start()
            request = f'(ivr_say "{with_stress(text)}" "{target}")\n'
            if not await _dialogue(process, request, self._settings.phrase_seconds):
                raise SpeechUnavailable("Festival can't speak a phrase.", self._settings.voice)
            return await asyncio.to_thread(target.read_bytes)
        except TimeoutError:
            await self._stop()
            raise SpeechUnavailable("Festival took too long for a phrase.", self._settings.voice) from None
        except BaseException as error:
            if not isinstance(error, SpeechUnavailable):
                await self._stop()
            raise

    async def _start(self) -> asyncio.subprocess.Process:
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                self._settings.program,
                "--heap",
                str(self._settings.heap_cells),
                "--pipe",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            raise VoiceMissing(f"Festival can't start: {error}.", "speech.festival", _INSTALL) from None
        prepare = _PREPARE.replace("{voice}", self._settings.voice)
        if not await _dialogue(process, prepare, self._settings.start_seconds):
            await self._stop()
            raise VoiceMissing(
                f"Festival does not know the voice {self._settings.voice}.", "speech.festival.voice", _INSTALL
            )
        _log.info("festival_started", pid=process.pid)
        return process

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _dialogue(process: asyncio.subprocess.Process, request: str, limit: float) -> bool:
    """Send a request, wait for its end; whether it was fulfilled.

    Raises:
        EOFError: The process has ended.
        TimeoutError: No answer within the limit, seconds.
    """
    if process.stdin is None or process.stdout is None:
        raise EOFError
    try:
        async with asyncio.timeout(limit):
            process.stdin.write(request.encode())
            await process.stdin.drain()
            while line := await process.stdout.readline():
                if line.startswith(b"ivr-"):
                    return line == b"ivr-done\n"
    except OSError as error:
        if isinstance(error, TimeoutError):
            raise
    raise EOFError
