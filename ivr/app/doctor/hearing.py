"""The robot's ears: which model listens to what, and whether it knows the words of our questions."""

from __future__ import annotations

from collections.abc import Collection

from ivr.app.actions import declared
from ivr.app.doctor.finding import Result
from ivr.app.scenarios import environment
from ivr.app.transcripts import listener
from ivr.dialogue.scenarios import ScenarioSet
from ivr.quality.settings import When
from ivr.settings import Settings
from ivr.speech.models.catalogue import Engine
from ivr.speech.models.choosing import RECOMMENDED, ModelChoice, choose
from ivr.speech.models.settings import ModelsSettings
from ivr.speech.recognition.ports import Slot
from ivr.speech.recognition.settings import RecognitionSettings
from ivr.speech.recognition.vosk import VoskRecogniser

_LANGUAGES = ("ru", "many", None)
_SHOWN = 10


def recognisers(recognition: RecognitionSettings, models: ModelsSettings) -> Result:
    """Which model listens to closed questions and which to free speech.

    Raises:
        Fault: A model is named that is not installed, or a folder that is no model.
    """
    closed = choose(models, Slot.CLOSED, recognition.closed)
    free = choose(models, Slot.FREE, recognition.free)
    if closed is None or free is None:
        return Result(
            f"No model in {models.folder} can listen: callers answer by keys only.",
            f"Install one: `ivr models install {RECOMMENDED}`.",
        )
    told = f"Closed questions: {_told(closed)}; free speech: {_told(free)}."
    detail = " ".join(filter(None, (told, _without_grammars(closed), closed.note or free.note)))
    foreign = [choice.name for choice in (closed, free) if choice.language not in _LANGUAGES]
    if foreign:
        return Result(detail, f"{foreign[0]} does not know Russian: name another model, or none.")
    return Result(detail)


def transcripts(settings: Settings) -> Result:
    """Whether recordings are transcribed, and which model does it.

    Raises:
        Fault: A model is named or needed and not there.
    """
    model = listener(settings)
    wanted = settings.quality.transcripts
    if model is not None:
        return Result(
            f"{model.name} ({model.engine}) transcribes, {wanted.core_percent} % of a core at most."
        )
    off = "They are switched off (quality.transcripts.when)."
    return Result(
        f"Recordings are not transcribed. {off if wanted.when is When.OFF else 'No model is installed.'}"
    )


def words(settings: Settings) -> Result:
    """Whether the model of closed questions knows the words of the company's options. Blocks."""
    known = ScenarioSet.load([settings.scenarios.folder], environment(settings, declared(settings)))
    return grammar_words(settings.speech.recognition, settings.speech.models, known.phrases())


def grammar_words(
    recognition: RecognitionSettings, models: ModelsSettings, phrases: Collection[str]
) -> Result:
    """Whether the model of closed questions knows the words of their phrases. Blocks: loads the model.

    Args:
        recognition: What listens.
        models: Where models are.
        phrases: What may be said at the company's closed questions.

    Raises:
        Fault: A model is named that is not installed, or is broken.
    """
    choice = choose(models, Slot.CLOSED, recognition.closed)
    if choice is None or choice.engine is not Engine.VOSK:
        return Result(
            "No model with a vocabulary of its own listens to closed questions: no word can be missing."
        )
    missing = VoskRecogniser(choice.folder).missing(phrases)
    if not missing:
        return Result(f"{choice.name} knows every word of {len(phrases)} phrases.")
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    return Result(
        f"{choice.name} lacks {', '.join(missing[:_SHOWN])}{more}: these are never heard.",
        "Give options another phrasing that it knows; write names as they sound.",
    )


def _told(choice: ModelChoice) -> str:
    return f"{choice.name} ({choice.engine})"


def _without_grammars(choice: ModelChoice) -> str:
    if choice.grammars or choice.engine is not Engine.VOSK:
        return ""
    return f"{choice.name} takes no closed grammars (static graph): digits are heard less surely."
