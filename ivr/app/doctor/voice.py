"""The robot's mouth and ears: the voice, the prompts, speech recognition."""

from __future__ import annotations

import asyncio

from ivr.app.doctor.finding import Result
from ivr.app.spoken import fixed_texts
from ivr.settings import Settings
from ivr.speech.building import Item, State, inventory, open_library
from ivr.speech.settings import FestivalSettings
from ivr.speech.voices.festival import FestivalVoice

FIXED = ("engine-away", "queue-wait", "queue-closed")
"""Prompts that the dialplan plays by itself (asterisk-conf/extensions.conf.j2, queues.conf.j2)."""

_TRIAL = "Проверка голоса."
_WAV_HEADER_BYTES = 44


async def voice(settings: FestivalSettings) -> Result:
    """Have the voice speak.

    Raises:
        SpeechUnavailable: It is missing or fails.
    """
    festival = FestivalVoice(settings)
    try:
        sound = await festival.synthesise(_TRIAL)
    finally:
        await festival.close()
    seconds = (len(sound) - _WAV_HEADER_BYTES) / (2 * 8000)
    return Result(f"{settings.program} speaks with {settings.voice} ({seconds:.1f} s of sound).")


async def prompts(settings: Settings) -> Result:
    """Whether everything that can be built ahead is there, above all what the dialplan itself plays.

    Raises:
        ScenarioFault: The scenarios, from which the texts come, are not in order.
    """
    if not settings.prompts_folder.exists():
        return Result(f"No prompts in {settings.prompts_folder}.", "Run `ivr prompts build`.")
    items = await _inventory(settings)
    missing = [item for item in items if item.state is State.MISSING]
    if missing:
        return Result(
            f"{len(missing)} of {len(items)} prompts are missing, such as {missing[0].name}.",
            "Run `ivr prompts build`.",
        )
    silent = [name for name in (*FIXED, settings.scenarios.notice_prompt) if not _is_fixed(settings, name)]
    if silent:
        return Result(
            f"Not there for the dialplan: {', '.join(silent)}.",
            "See that prompts.yaml has a text for each, then run `ivr prompts build`.",
        )
    return Result(f"All {len(items)} prompts are in {settings.prompts_folder}, the dialplan's too.")


async def _inventory(settings: Settings) -> list[Item]:
    texts = await asyncio.to_thread(fixed_texts, settings)
    library = open_library(settings.speech, settings.prompts_folder, texts)
    try:
        return inventory(library, texts)
    finally:
        await library.close()


def _is_fixed(settings: Settings, name: str) -> bool:
    return (settings.prompts_folder / "fixed" / f"{name}.wav").exists()
