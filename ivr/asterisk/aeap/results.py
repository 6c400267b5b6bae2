"""What a turn came to, on its way through Asterisk: as results of its Speech API and back.

The recogniser pushes results, `SpeechBackground` ends, and the engine reads them from the channel by one
expression. The grammar of a result tells the number of the turn and what happened: `3:barge-in`, `3:end`,
`3:end:long:clip=5f0a:after=412` (milliseconds), `3:failed=overloaded`, `3:gone`; `3:other` is another reading
of the same speech. Keys come from Asterisk itself with the grammar `dtmf`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ivr.speech.recognition.ports import HearingFailed, SpeechBegun, SpeechEnded, TurnEvent

ALTERNATIVES: Final = 3
"""Other readings that are handed on at most."""

TEXT_CHARS: Final = 1000
"""What of a text is handed on at most: Asterisk cuts a value at 4095 bytes."""

_NUMBERS = range(1, ALTERNATIVES + 1)
EXPRESSION: Final = (
    "${SPEECH(results)}|${SPEECH_GRAMMAR(0)}|${SPEECH_SCORE(0)}|${SPEECH_TEXT(0)}|"
    + "|".join(f"${{SPEECH_TEXT({number})}}" for number in _NUMBERS)
)
"""What the engine asks the channel for."""

_FULL_SCORE = 1000
_UNFIT = re.compile(r"[\x00-\x1f\x7f|]+")
_WORD = re.compile(r"[A-Za-z0-9_.-]{0,80}")


@dataclass(frozen=True, slots=True)
class Gone:
    """Nobody waits for the turn any more: the engine has died."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """`SpeechBackground` ended without a result: its time was over, or `#` was pressed."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """Keys; they win over speech."""

    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Heard:
    """The end of a speech; confidence from 0 to 1, `after_seconds` from the end of the speech until then."""

    text: str = field(repr=False)
    confidence: float
    alternatives: tuple[str, ...] = field(default=(), repr=False)
    too_long: bool = False
    clip: str | None = None
    after_seconds: float = 0.0


Outcome = SpeechBegun | Heard | HearingFailed | Gone | Pressed | Nothing


def results(number: int, event: TurnEvent | Gone) -> list[dict[str, Any]]:
    """The results of an event, in the order in which Asterisk wants them: the best one last."""
    match event:
        case SpeechBegun():
            return [_result(f"{number}:barge-in")]
        case HearingFailed(reason):
            return [_result(f"{number}:failed={_word(reason)}")]
        case Gone():
            return [_result(f"{number}:gone")]
        case SpeechEnded():
            return _end(number, event)


def line(found: list[dict[str, Any]]) -> str:
    """Results as the channel would give them for `EXPRESSION` after it took them."""
    best, *others = reversed(found)
    texts = [str(other["text"]) for other in others] + [""] * ALTERNATIVES
    return "|".join(
        [str(len(found)), best["grammar"], str(best["score"]), best["text"], *texts[:ALTERNATIVES]]
    )


def outcome(values: str, number: int) -> Outcome:
    """What the values of `EXPRESSION` say of a turn; a result of another turn counts as none."""
    count, _, rest = values.partition("|")
    if count in ("", "0"):
        return Nothing()
    grammar, score, text, *others = [*rest.split("|"), "", ""]
    if grammar == "dtmf":
        return Pressed(text)
    told, *facts = grammar.split(":")
    if told != str(number) or not facts:
        return Nothing()
    return _outcome(facts, score, text, tuple(filter(None, others)))


def _outcome(facts: list[str], score: str, text: str, others: tuple[str, ...]) -> Outcome:
    what, _, reason = facts[0].partition("=")
    match what:
        case "barge-in":
            return SpeechBegun()
        case "end":
            return _heard(dict(fact.partition("=")[::2] for fact in facts[1:]), score, text, others)
        case "failed":
            return HearingFailed(reason)
        case "gone":
            return Gone()
    return Nothing()


def _heard(facts: Mapping[str, str], score: str, text: str, others: tuple[str, ...]) -> Heard:
    confidence = min(int(score), _FULL_SCORE) / _FULL_SCORE if score.isdecimal() else 0.0
    after = facts.get("after", "")
    after_seconds = int(after) / 1000 if after.isdecimal() else 0.0
    return Heard(text, confidence, others, "long" in facts, facts.get("clip") or None, after_seconds)


def _end(number: int, event: SpeechEnded) -> list[dict[str, Any]]:
    grammar = f"{number}:end"
    if event.too_long:
        grammar += ":long"
    if event.clip:
        grammar += f":clip={_word(event.clip)}"
    if event.after_milliseconds > 0:
        grammar += f":after={round(event.after_milliseconds)}"
    recognition = event.recognition
    best = _result(grammar, recognition.text, recognition.confidence)
    others = [one for one in recognition.alternatives if _plain(one.text)][:ALTERNATIVES]
    return [*(_result(f"{number}:other", one.text, one.confidence) for one in reversed(others)), best]


def _result(grammar: str, text: str = "", confidence: float = 0.0) -> dict[str, Any]:
    score = round(min(max(confidence, 0.0), 1.0) * _FULL_SCORE)
    return {"text": _plain(text), "score": score, "grammar": grammar, "best": 0}


def _plain(text: str) -> str:
    return _UNFIT.sub(" ", text).strip()[:TEXT_CHARS]


def _word(text: str) -> str:
    return text if _WORD.fullmatch(text) else "unknown"
