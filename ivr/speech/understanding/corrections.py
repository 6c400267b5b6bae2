"""What a speaker takes back, and numbers that are not the answer: left out before a number is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ivr.speech.understanding.tokens import Sort, Token

_NUMERATOR_WORDS = {"десят": 1, "сот": 2, "тысячн": 3}

Tokens = Sequence[Token]


def meant(tokens: Tokens) -> Tokens:
    """The tokens that remain: without what was taken back, decimals, and numbers of other things.

    Empty when the speaker wavers between two numbers («пять или шесть»).
    """
    for step in _STEPS:
        tokens = step(tokens)
    return tokens


def corrected(tokens: Tokens) -> Tokens:
    """What follows the last word of correction that takes something back."""
    for place in range(len(tokens) - 1, -1, -1):
        if _takes_back(tokens, place):
            return tokens[place + 1 :]
    return tokens


def _takes_back(tokens: Tokens, place: int) -> bool:
    sort = tokens[place].sort
    before = any(token.numeral for token in tokens[:place])
    after = any(token.numeral for token in tokens[place + 1 :])
    return before and (sort is Sort.RETRACTION or (sort is Sort.CORRECTION and after))


def _without_denied(tokens: Tokens) -> Tokens:
    """«не двенадцать, а тринадцать» is 13, «сорок один, а не сорок» 41."""
    for place, token in enumerate(tokens[:-1]):
        if token.sort is Sort.NOT and tokens[place + 1].numeral:
            return _denied(tokens, place)
    return tokens


def _denied(tokens: Tokens, place: int) -> Tokens:
    instead = next((at for at in range(place + 1, len(tokens)) if tokens[at].sort is Sort.BUT), None)
    if instead is not None:
        return tokens[instead + 1 :]
    end = next((at for at in range(place + 1, len(tokens)) if not tokens[at].numeral), len(tokens))
    return [*tokens[:place], *tokens[end:]]


def _without_wavering(tokens: Tokens) -> Tokens:
    for place, token in enumerate(tokens):
        if token.sort is Sort.CHOICE:
            sides = (tokens[:place], tokens[place + 1 :])
            if all(any(said.numeral for said in side) for side in sides):
                return ()
    return tokens


def _without_decimals(tokens: Tokens) -> Tokens:
    """The whole part: up to «целых», «запятая», «и семь десятых», the kopecks after roubles."""
    kept: list[Token] = []
    skipping = False
    for place, token in enumerate(tokens):
        if token.sort is Sort.WHOLE and any(said.numeral for said in kept):
            skipping = True
        elif _ends_fraction(tokens, place):
            if not skipping:
                _cut_numerator(kept, token.text)
            skipping = False
        elif not (skipping and (token.numeral or token.sort is Sort.JOINT)):
            kept.append(token)
    return kept


def _ends_fraction(tokens: Tokens, place: int) -> bool:
    token = tokens[place]
    if token.sort is Sort.SINGLE_DENOMINATOR:
        return place > 0 and tokens[place - 1].value == 1
    return token.sort is Sort.DENOMINATOR


def _cut_numerator(kept: list[Token], denominator: str) -> None:
    """Drop the numerator from the end: back to «и», or as many words as such a fraction takes."""
    words = next(count for stem, count in _NUMERATOR_WORDS.items() if denominator.startswith(stem))
    last = kept[-words - 1 :]
    for place in range(len(last) - 1, -1, -1):
        if last[place].sort is Sort.JOINT:
            del kept[len(kept) - len(last) + place :]
            return
    while kept and words and kept[-1].numeral:
        kept.pop()
        words -= 1


def _without_kopecks(tokens: Tokens) -> Tokens:
    roubles = next((place for place, token in enumerate(tokens) if token.sort is Sort.ROUBLES), None)
    if roubles is None or not any(token.numeral for token in tokens[:roubles]):
        return tokens
    kopecks = any(token.sort is Sort.KOPECKS for token in tokens[roubles:])
    return tokens[:roubles] if kopecks else tokens


def _without_other_counts(tokens: Tokens) -> Tokens:
    """«подождите две минуты»: a number that counts something else is not dictated."""
    kept: list[Token] = []
    for token in tokens:
        if token.sort is Sort.COUNTED:
            while kept and kept[-1].numeral:
                kept.pop()
        else:
            kept.append(token)
    return kept


_STEPS: tuple[Callable[[Tokens], Tokens], ...] = (
    corrected,
    _without_denied,
    _without_wavering,
    _without_decimals,
    _without_kopecks,
    _without_other_counts,
)
