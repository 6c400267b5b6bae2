"""Spoken amounts of money → roubles with kopecks."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ivr.speech.understanding.corrections import corrected, meant
from ivr.speech.understanding.lexicon import lexicon
from ivr.speech.understanding.numerals import HALF, joined
from ivr.speech.understanding.tokens import Sort, Token

KOPECKS = 100
MOST_DIGITS = 15
"""More roubles are no amount: somebody rattles off digits."""
_CENT = Decimal("0.01")
_DENOMINATORS = {"десят": 10, "сот": 100, "тысячн": 1000}

Tokens = Sequence[Token]


def amount(text: str) -> Decimal | None:
    """Roubles with two places, or None when no amount was said.

    «тысяча двести рублей пятьдесят копеек», «двести с половиной» and `1 200,50` are amounts.
    """
    tokens = corrected(lexicon().tokens(text.replace("₽", " руб ")))
    roubles = _place(tokens, Sort.ROUBLES)
    if roubles is not None:
        said = _roubles_and_kopecks(tokens[:roubles], tokens[roubles + 1 :])
    else:
        kopecks = _place(tokens, Sort.KOPECKS)
        said = _value(tokens) if kopecks is None else _as_kopecks(_value(tokens[:kopecks]))
    return None if said is None else said.quantize(_CENT)


def _place(tokens: Tokens, unit: Sort) -> int | None:
    """Where the unit stands after a number; «к» elsewhere is a preposition."""
    places = (
        at
        for at, token in enumerate(tokens)
        if token.sort is unit and any(said.numeral for said in tokens[:at])
    )
    return next(places, None)


def _roubles_and_kopecks(before: Tokens, after: Tokens) -> Decimal | None:
    roubles, rest = _value(before), _value(after)
    if roubles is None or rest is None or rest >= KOPECKS:
        return roubles
    return roubles + rest / KOPECKS


def _as_kopecks(value: Decimal | None) -> Decimal | None:
    """«тысяча двести пятьдесят копеек»: below a hundred they are kopecks, the hundreds are roubles."""
    if value is None:
        return None
    rest = value % KOPECKS
    return value - rest + rest / KOPECKS


def _value(tokens: Tokens) -> Decimal | None:
    whole = joined(meant(tokens))
    if whole is None or len(whole) > MOST_DIGITS:
        return None
    return Decimal(whole) + _fraction(tokens)


def _fraction(tokens: Tokens) -> Decimal:
    """The part after the whole number: decimals as written, «с половиной», «целых пять десятых»."""
    for place, token in enumerate(tokens):
        following = tokens[place + 1].sort if place + 1 < len(tokens) else None
        if following is Sort.SCALE:
            continue
        if token.sort in {Sort.AND_HALF, Sort.SESQUI}:
            return HALF
        if token.fraction:
            return Decimal(f"0.{token.fraction}")
        if token.sort is Sort.WHOLE:
            return _decimals(tokens[place + 1 :])
    return Decimal(0)


def _decimals(tokens: Tokens) -> Decimal:
    """«пять десятых», or the bare decimals after «запятая»."""
    end = next((at for at, token in enumerate(tokens) if token.sort in _FRACTIONS), len(tokens))
    digits = joined(tokens[:end]) or "0"
    if end == len(tokens):
        return Decimal(f"0.{digits}")
    parts = next(parts for stem, parts in _DENOMINATORS.items() if tokens[end].text.startswith(stem))
    return Decimal(digits) / parts


_FRACTIONS = frozenset({Sort.DENOMINATOR, Sort.SINGLE_DENOMINATOR})
