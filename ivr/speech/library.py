"""The prompt library: what the robot says → files that Asterisk plays."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import structlog

from ivr.dialogue.ports import Fragment, Prompt, Spoken
from ivr.errors import Fault
from ivr.speech.audio import Pause, Sound, master, read_recording
from ivr.speech.cache import SoundCache, StorageFault, write_whole
from ivr.speech.joining import Joiner
from ivr.speech.pace import Slower
from ivr.speech.phrasing import phrases
from ivr.speech.recordings import Recording, Recordings
from ivr.speech.settings import SpeechSettings
from ivr.speech.voices import SpeechUnavailable, Voice

_log = structlog.get_logger(__name__)

_KNOWN_TEXTS = 8192


@dataclass(frozen=True, slots=True)
class Source:
    """From what a prompt is made.

    Attributes:
        key: Changes with everything that is heard: text, voice, levels, recording.
        parts: Phrases and pauses; unused when there is a recording.
    """

    key: str
    parts: tuple[str | Pause, ...]
    recording: Recording | None = None


class PromptLibrary:
    """Finds prompts on disk by their content, has new ones made.

    All methods belong to one event loop. Layout of the folder: `cache/` by content, `fixed/` by prompt id
    for the dialplan, `moh/` music on hold.
    """

    def __init__(
        self,
        voice: Voice,
        settings: SpeechSettings,
        folder: Path,
        prompts: Mapping[str, str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Open the library.

        Args:
            voice: Speaks what is neither recorded nor cached; closed with the library.
            settings: The robot's voice.
            folder: The prompts folder.
            prompts: The catalogue, id → text.
            clock: Seconds since the epoch.
        """
        self.folder = folder.absolute()
        self._voice = voice
        self._settings = settings
        self._prompts = dict(prompts)
        self._recordings = Recordings(settings.recorded_folder)
        self._cache = SoundCache(self.folder / "cache", settings.cache, clock)
        self._joiner = Joiner(self._cache, settings.cache.pieces_megabytes * 1_000_000)
        self._slower = Slower(self._cache, settings.slow_tempo)
        self._making: dict[str, asyncio.Task[str]] = {}
        self._edition = f"{voice.id} {settings.audio.model_dump_json()}"
        self._text_source = lru_cache(maxsize=_KNOWN_TEXTS)(self._source_of_text)
        self._prompt_source = lru_cache(maxsize=_KNOWN_TEXTS)(self._source_of_prompt)

    def replace_prompts(self, prompts: Mapping[str, str]) -> None:
        """Take another catalogue, and look at the recordings anew."""
        self._prompts = dict(prompts)
        self._recordings = Recordings(self._settings.recorded_folder)
        self._text_source.cache_clear()
        self._prompt_source.cache_clear()

    def pin(self, texts: Iterable[str]) -> None:
        """Keep the catalogue and these texts for ever, whatever the bounds of the cache."""
        self._cache.pin(self._prompt_source(prompt_id).key for prompt_id in self._prompts)
        self._cache.pin(self._text_source(text).key for text in texts)

    def ready(self, fragments: Sequence[Fragment], *, slow: bool = False) -> bool:
        """Whether all of it can be played without synthesis."""
        keys = self._keys(fragments)
        if slow and keys:
            return self._slower.find(keys) is not None
        return not keys or self._joiner.find(keys) is not None or all(map(self._cache.find, keys))

    async def sounds(self, fragments: Sequence[Fragment], *, slow: bool = False) -> list[str]:
        """The file of an utterance: an absolute path without extension.

        One file for all fragments together (`.alaw` alone when it is joined of several), none when they are
        silent. Only while the disk refuses joined files there is a file for each piece, to be played one
        after another.

        Known utterances cost microseconds, new ones of known pieces a tenth of a millisecond. New pieces are
        made, each once however many calls ask for it.

        Args:
            fragments: What is said.
            slow: Whether it is said slowly; as it is when it can't be stretched.

        Raises:
            SpeechUnavailable: A new piece can't be made, or not within the time limit; making goes on.
            Fault: A prompt has neither a recording nor a text.
        """
        self._cache.sweep()
        sources = self._sources(fragments)
        keys = [source.key for source in sources]
        if not keys:
            return []
        whole = self._joiner.find(keys)
        if whole is None:
            paths = await self._pieces(sources)
            whole = self._joiner.find(keys) or self._joiner.join(keys)
            if whole is None:
                return paths
        return [await self._paced(keys, whole) if slow else whole]

    def source(self, prompt_id: str | None, text: str) -> Source:
        """From what a prompt of the catalogue, or another text, is made."""
        return self._prompt_source(prompt_id) if prompt_id else self._text_source(text)

    def find(self, source: Source) -> str | None:
        """Its path without extension when it is there and intact."""
        return self._cache.find(source.key)

    async def make(self, source: Source) -> str:
        """Make a prompt that is not there; returns its path without extension.

        Raises:
            Fault: The recording is unusable, the disk refuses; `SpeechUnavailable` when the voice fails.
        """
        sound = await self.record(source)
        path = self._cache.put(source.key, sound)
        _log.debug("prompt_made", key=source.key, seconds=round(sound.seconds, 2))
        return path

    async def record(self, source: Source) -> Sound:
        """A prompt without storing it.

        Raises:
            Fault: The recording is unusable; `SpeechUnavailable` when the voice fails.
        """
        if source.recording:
            parts: list[bytes | Pause] = [await asyncio.to_thread(read_recording, source.recording.path)]
        else:
            parts = [
                part if isinstance(part, Pause) else await self._voice.synthesise(part)
                for part in source.parts
            ]
        return await asyncio.to_thread(master, parts, self._settings.audio)

    def publish(self, prompt_id: str) -> None:
        """Put a prompt that is there under `fixed/<id>` for the dialplan.

        Raises:
            StorageFault: The disk refuses.
        """
        path = self.find(self._prompt_source(prompt_id))
        if path is None:
            return
        fixed = self.folder / "fixed" / prompt_id
        try:
            fixed.parent.mkdir(parents=True, exist_ok=True)
            for extension in (".alaw", ".wav"):
                _copy_if_other(Path(path + extension), Path(f"{fixed}{extension}"))
        except OSError as error:
            raise StorageFault(f"A fixed prompt can't be written: {error.strerror}.", str(fixed)) from None

    def drop_unused(self, seconds: float) -> int:
        """Drop phrases and joined utterances of calls not used for so many seconds; returns their number."""
        return self._cache.drop_unused(seconds)

    async def close(self) -> None:
        """Stop making prompts, end the voice."""
        tasks = list(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._voice.close()

    async def _paced(self, keys: Sequence[str], whole: str) -> str:
        """The slow variant of an utterance; the usual one when it can't be made."""
        try:
            return self._slower.find(keys) or await self._slower.stretch(keys, whole)
        except Fault as fault:
            _log.warning("prompt_not_stretched", reason=str(fault))
            return whole

    async def _pieces(self, sources: Sequence[Source]) -> list[str]:
        """A path for each, made when it is not there."""
        found = [self._cache.find(source.key) for source in sources]
        if None not in found:
            return [path for path in found if path]
        try:
            async with asyncio.timeout(self._settings.new_phrase_seconds):
                return [await self._wait_for(source) for source in sources]
        except TimeoutError:
            raise SpeechUnavailable(
                "A new phrase is not ready in time.", "speech.new_phrase_seconds"
            ) from None

    def _keys(self, fragments: Sequence[Fragment]) -> list[str]:
        return [source.key for source in self._sources(fragments)]

    def _sources(self, fragments: Sequence[Fragment]) -> list[Source]:
        """Sources in the order of speaking, without those that are silent."""
        sources: list[Source] = []
        for fragment in fragments:
            if isinstance(fragment, Prompt):
                sources.append(self._prompt_source(fragment.id))
            elif isinstance(fragment, Spoken):
                sources.extend(map(self._text_source, fragment.pieces))
            else:
                sources.append(self._text_source(fragment.text))
        return [source for source in sources if source.parts or source.recording]

    def _source_of_prompt(self, prompt_id: str) -> Source:
        recording = self._recordings.of_prompt(prompt_id)
        if recording is None and prompt_id not in self._prompts:
            raise Fault(f"The prompt {prompt_id} has no text.", "prompts.yaml", "Add it, or record it.")
        return self._made_from(recording, self._prompts.get(prompt_id, ""))

    def _source_of_text(self, text: str) -> Source:
        return self._made_from(self._recordings.of_text(text), text)

    def _made_from(self, recording: Recording | None, text: str) -> Source:
        parts = phrases(text, self._settings.audio)
        content = f"{recording.path.name} {recording.take}" if recording else repr(parts)
        key = hashlib.sha256(f"{self._edition}\n{content}".encode()).hexdigest()[:32]
        return Source(key, parts, recording)

    async def _wait_for(self, source: Source) -> str:
        if path := self._cache.find(source.key):
            return path
        task = self._making.get(source.key)
        if task is None:
            task = self._making[source.key] = asyncio.create_task(self.make(source))
            task.add_done_callback(lambda ended: self._made(source.key, ended))
        try:
            return await asyncio.shield(task)
        except SpeechUnavailable:
            raise
        except Fault as fault:
            raise SpeechUnavailable(fault.what, fault.where, fault.fix) from fault

    def _made(self, key: str, task: asyncio.Task[str]) -> None:
        del self._making[key]
        if not task.cancelled() and (error := task.exception()):
            _log.warning("prompt_not_made", key=key, reason=str(error))


def _copy_if_other(origin: Path, target: Path) -> None:
    content = origin.read_bytes()
    if not target.exists() or target.read_bytes() != content:
        write_whole(target, content)
