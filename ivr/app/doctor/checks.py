"""All checks of `ivr doctor`, in the order in which a person mends things."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from ivr.app.doctor import company, hearing, machine, telephony, voice
from ivr.app.doctor.database import database
from ivr.app.doctor.finding import Check, Result
from ivr.settings import Settings


def checks(settings: Settings) -> Mapping[str, Check]:
    """The checks of an engine with these settings, by name; nothing else needs to run."""
    return {
        "python": _in_thread(machine.python),
        "settings": _in_thread(lambda: company.settings_fit(settings)),
        "scenarios": _in_thread(lambda: company.scenarios(settings)),
        "database": lambda: database(settings.store, datetime.now(UTC)),
        "asterisk": _in_thread(lambda: telephony.asterisk(settings.asterisk)),
        "sounds": _in_thread(lambda: telephony.sounds(settings.asterisk)),
        "prompts": lambda: voice.prompts(settings),
        "speech-model": _in_thread(
            lambda: hearing.recognisers(settings.speech.recognition, settings.speech.models)
        ),
        "speech-words": _in_thread(lambda: hearing.words(settings)),
        "transcripts": _in_thread(lambda: hearing.transcripts(settings)),
        "voices": lambda: voice.voice(settings.speech.festival),
        "ports": _in_thread(lambda: telephony.ports(settings)),
        "disk": _in_thread(lambda: machine.disk(settings)),
        "clock": _in_thread(lambda: machine.clock(settings, datetime.now(UTC), machine.ntp_synchronised())),
    }


def _in_thread(check: Callable[[], Result]) -> Check:
    return lambda: asyncio.to_thread(check)
